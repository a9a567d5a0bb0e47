import type { Persona } from '#persona/persona.ts'
import { decimalOf } from '#sql/decimal.ts'
import { Catalog, type Table } from '#sql/store.ts'
import type { Type, Value } from '#sql/value.ts'
import type { Server } from './state.ts'

/** What a small application keeps here: invented from the persona, the same at every start. */
const int: Type = { name: 'int4', notNull: true }
const text: Type = { name: 'text', notNull: true }
const names =
  'Aiko Bram Celia Daan Elin Goro Hana Ilse Kaito Lena Mira Nils Orla Petra Rika Sora Uma Vera Wim Yuna'.split(' ')
const families = 'Abeling Brandal Cordier Egawa Fontein Hirose Iversen Kolbe Moriya Noren Pellan Sakata Tolman'.split(
  ' ',
)

export function seed(server: Server, persona: Persona): void {
  const pool = persona.derive('postgresql seed', 4096)
  let at = 0
  const draw = (below: number) => {
    at = (at + 4) % 4088
    return pool.readUInt32BE(at) % below
  }
  const word =
    persona.domain
      .split('.')[0]!
      .replace(/[^a-z0-9]/g, '')
      .slice(0, 10) || 'main'
  const app = ['app', `${word}_app`, `${word}_prod`, 'backoffice'][draw(4)]!
  for (const [name, oid] of [
    ['postgres', 5],
    ['template1', 1],
    ['template0', 4],
    [app, 16_385],
  ] as const) {
    const catalog = new Catalog(server.use)
    catalog.createSchema('public')
    server.databases.set(name, { oid, catalog })
  }
  server.nextOid = 16_390
  const { catalog } = server.databases.get(app)!
  const day = (ago: number) =>
    new Date(persona.bootedAt - ago * 86_400_000 - draw(8e7)).toISOString().slice(0, 19).replace('T', ' ')
  const add = (name: string, columns: [string, Type][], rows: Value[][]) => {
    const table: Table = {
      name,
      columns: columns.map(([column, type], i) => ({
        name: column,
        type,
        standard: undefined,
        increment: i === 0,
        comment: '',
      })),
      rows: [],
      keys: [{ kind: 'primary', name: undefined, columns: [columns[0]![0]] }],
      next: BigInt(rows.length + 1),
      options: new Map(),
      createdAt: persona.installedAt,
      temporary: false,
    }
    catalog.add('public', table)
    for (const row of rows) catalog.insert(table, row)
  }
  const people = 18 + draw(20)
  add(
    'accounts',
    [
      ['id', int],
      ['name', text],
      ['email', text],
      ['created_at', { name: 'timestamp', notNull: true }],
    ],
    Array.from({ length: people }, (_, i) => {
      const [first, last] = [names[draw(names.length)]!, families[draw(families.length)]!]
      return [
        BigInt(i + 1),
        `${first} ${last}`,
        `${first}.${last}${10 + draw(90)}@mail.example`.toLowerCase(),
        day(400 - i * 7),
      ]
    }),
  )
  add(
    'invoices',
    [
      ['id', int],
      ['account_id', int],
      ['amount', { name: 'numeric', length: 10, scale: 2, notNull: true }],
      ['state', text],
      ['issued_at', { name: 'timestamp', notNull: true }],
    ],
    Array.from({ length: 30 + draw(40) }, (_, i) => [
      BigInt(i + 1),
      BigInt(1 + draw(people)),
      decimalOf(`${20 + draw(900)}.${String(draw(100)).padStart(2, '0')}`)!,
      ['paid', 'open', 'sent'][draw(3)]!,
      day(90 - i),
    ]),
  )
}
