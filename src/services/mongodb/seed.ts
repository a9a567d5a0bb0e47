import type { Persona } from '#persona/persona.ts'
import { objectId, type Server, uuid } from './state.ts'
import { Store } from './store.ts'
import { type Doc, date, doc, int, type Value } from './value.ts'
import { Work } from './work.ts'

/** What a small application keeps here: invented from the persona, the same at every start. */
const names =
  'Aiko Bram Celia Daan Elin Goro Hana Ilse Kaito Lena Mira Nils Orla Petra Rika Sora Uma Vera Wim Yuna'.split(' ')
const families = 'Abeling Brandal Cordier Egawa Fontein Hirose Iversen Kolbe Moriya Noren Pellan Sakata Tolman'.split(
  ' ',
)
const goods = 'Lamp Kettle Chair Notebook Charger Blanket Mug Cable Backpack Umbrella Thermos Keyboard'.split(' ')
const towns = 'Harbour Market Station Mill Garden Bridge Castle River'.split(' ')
const day = 86_400_000

const made = new WeakMap<Persona, Store>()

/** Fills an empty server: what was invented once is copied for each attacker. */
export function seed(server: Server, persona: Persona): void {
  const template = made.get(persona) ?? invent(server, persona)
  made.set(persona, template)
  server.store.copy(template)
}

function invent(server: Server, persona: Persona): Store {
  const store = new Store()
  const pool = persona.derive('mongodb seed', 8192)
  let at = 0
  const draw = (below: number): number => {
    at = (at + 4) % 8188
    return pool.readUInt32BE(at) % below
  }
  const one = <T>(list: readonly T[]): T => list[draw(list.length)]!
  const word =
    persona.domain
      .split('.')[0]!
      .replace(/[^a-z0-9]/g, '')
      .slice(0, 10) || 'main'
  const app = one([word, `${word}_prod`, `${word}-api`, 'production', 'shop', 'backend'])
  const work = new Work()
  const bytes = (): Buffer => Buffer.from(Array.from({ length: 16 }, () => draw(256)))
  const fill = (db: string, name: string, docs: Doc[]): void => {
    const collection = store.open(db, name, () => uuid(bytes()))
    for (const document of docs) store.insert(collection, db, document, work)
  }
  const since = persona.bootedAt - (60 + draw(500)) * day
  const moment = (): number =>
    since + draw(persona.bootedAt - since > 0 ? Math.min(persona.bootedAt - since, 2 ** 31) : 1)
  const machine = bytes().subarray(0, 5)
  const id = (when: number): Value => objectId(when, Buffer.concat([machine, bytes().subarray(0, 3)]))
  const users = Array.from({ length: 20 + draw(60) }, () => {
    const [first, last] = [one(names), one(families)]
    const when = moment()
    return doc({
      _id: id(when),
      email: `${first}.${last}${10 + draw(90)}@mail.example`.toLowerCase(),
      // bcrypt's form, of nobody's password.
      password: `$2b$10$${bytes().toString('base64').replace(/[+=]/g, '.').slice(0, 22)}${Buffer.concat([bytes(), bytes()]).toString('base64').replace(/[+=]/g, '/').slice(0, 31)}`,
      name: doc({ first, last }),
      address: doc({ street: `${one(towns)} Street ${1 + draw(140)}`, zip: String(10_000 + draw(80_000)) }),
      active: draw(10) > 1,
      createdAt: date(when),
      __v: int(0),
    })
  })
  fill(app, 'users', users)
  fill(
    app,
    'orders',
    Array.from({ length: 40 + draw(120) }, (_, i) => {
      const when = moment()
      const items = Array.from({ length: 1 + draw(3) }, () =>
        doc({
          sku: `${one(goods).slice(0, 3).toUpperCase()}-${1000 + draw(9000)}`,
          name: one(goods),
          qty: int(1 + draw(4)),
          price: 5 + draw(9000) / 100,
        }),
      )
      return doc({
        _id: id(when),
        number: int(10_240 + i),
        user: one(users).get('_id')!,
        items,
        status: one(['paid', 'shipped', 'open', 'cancelled']),
        createdAt: date(when),
      })
    }),
  )
  fill(
    app,
    'sessions',
    Array.from({ length: 8 + draw(30) }, () =>
      doc({
        _id: bytes().toString('base64url'),
        expires: date(persona.bootedAt + draw(20 * day)),
        session: `{"cookie":{"originalMaxAge":1209600000,"httpOnly":true,"path":"/"},"passport":{"user":"${(one(users).get('_id') as { hex: string }).hex}"}}`,
      }),
    ),
  )
  system(server, persona, fill)
  return store
}

/** The databases that every server has. */
function system(server: Server, persona: Persona, fill: (db: string, name: string, docs: Doc[]) => void): void {
  const feature = `${server.series[0]}.${server.series[1]}`
  fill('admin', 'system.version', [doc({ _id: 'featureCompatibilityVersion', version: feature })])
  fill('config', 'system.sessions', [])
  fill('local', 'startup_log', [
    doc({
      _id: `${persona.hostname}-${server.startedAt}`,
      hostname: persona.hostname,
      startTime: date(Math.floor(server.startedAt / 1000) * 1000),
      pid: BigInt(server.pid),
    }),
  ])
}
