import type { Persona } from '#persona/persona.ts'
import type { Column, Table } from '#sql/store.ts'
import type { Type, Value } from '#sql/value.ts'
import type { Server } from './state.ts'

const day = 86_400_000
const int: Type = { name: 'int', notNull: true }
const text = (length: number): Type => ({ name: 'nvarchar', length })
const column = (name: string, type: Type, increment = false): Column => ({
  name,
  type,
  standard: undefined,
  increment,
  comment: '',
})
const table = (name: string, columns: readonly Column[], createdAt: number, next: number): Table => ({
  name,
  columns: [...columns],
  rows: [],
  keys: [{ kind: 'primary', name: `PK_${name}`, columns: [columns[0]!.name] }],
  next: BigInt(next),
  options: new Map(),
  createdAt,
  temporary: false,
})

/** Databases that every server has, and the persona's own with a few rows in them. Names and addresses are invented. */
export function seed(server: Server, persona: Persona): void {
  server.databases.clear()
  const make = (name: string, id: number, createdAt: number, recovery = 'SIMPLE') => {
    server.databases.set(name.toLowerCase(), { id, name, createdAt, trustworthy: name === 'msdb', recovery })
    server.catalog.createSchema(`${name.toLowerCase()}.dbo`)
  }
  // The same in every copy of the product.
  make('master', 1, Date.UTC(2003, 3, 8, 9, 13, 36, 390))
  make('tempdb', 2, server.startedAt + 3000)
  make('model', 3, Date.UTC(2003, 3, 8, 9, 13, 36, 390), 'FULL')
  make('msdb', 4, Date.UTC(2022, 9, 8, 6, 31, 57, 550))
  const { name, since, tables } = contentOf(persona)
  make(name, 5, since, 'FULL')
  for (const { name: called, columns, rows } of tables) {
    const made = table(called, columns, since, rows.length + 1)
    server.catalog.add(`${name.toLowerCase()}.dbo`, made)
    for (const row of rows) server.catalog.insert(made, [...row])
  }
}

type Content = {
  name: string
  since: number
  tables: readonly { name: string; columns: readonly Column[]; rows: readonly (readonly Value[])[] }[]
}
const contents = new WeakMap<Persona, Content>()
/** What is in the persona's database: made once, copied for each attacker. */
function contentOf(persona: Persona): Content {
  const found = contents.get(persona) ?? invent(persona)
  contents.set(persona, found)
  return found
}

const given = ['Aiko', 'Marek', 'Elena', 'Jonas', 'Priya', 'Tomas', 'Sara', 'Nuno', 'Ines', 'Karl', 'Mina', 'Luca']
const family = ['Sato', 'Novak', 'Rossi', 'Berg', 'Iyer', 'Kral', 'Lind', 'Silva', 'Moreau', 'Weber', 'Kato', 'Conti']
const goods = ['Valve 40', 'Gasket set', 'Pump P-12', 'Filter F7', 'Hose 2m', 'Bracket', 'Sensor T3', 'Relay 24V']

function invent(persona: Persona): Content {
  const drawn = persona.derive('mssql data', 512)
  let at = 0
  const draw = (below: number) => {
    at = (at + 2) % 510
    return drawn.readUInt16BE(at) % below
  }
  const word = (persona.domain.split('.')[0] ?? 'app').split('-')[0]!.replace(/^./, c => c.toUpperCase())
  const name = [`${word}ERP`, `${word}DB`, `${word}_prod`, 'Orders', 'CRM'][draw(5)]!
  const { installedAt, bootedAt } = persona
  const since = Math.min(installedAt + (2 + draw(20)) * day, Math.max(installedAt, bootedAt) + 600_000)
  // Nothing in it is younger than the last start.
  const step = Math.max(60_000, (bootedAt - since) / 41)
  const stamp = (i: number) => new Date(since + i * step + draw(60_000)).toISOString().replace('T', ' ').slice(0, 23)
  const people = Array.from({ length: 24 }, (_, i): Value[] => {
    const [first, last] = [given[draw(12)]!, family[draw(12)]!]
    const mail = `${first}.${last}${i}@${['mail', 'post', 'office'][i % 3]}.example`.toLowerCase()
    return [BigInt(i + 1), `${first} ${last}`, mail, stamp(i)]
  })
  const orders = Array.from({ length: 40 }, (_, i): Value[] => {
    const [buyer, item, count] = [1 + draw(24), goods[draw(goods.length)]!, 1 + draw(40)]
    return [BigInt(i + 1), BigInt(buyer), item, BigInt(count), stamp(i)]
  })
  const users = persona.users.map(({ name: login }, i): Value[] => {
    const hash = persona.derive(`mssql web password ${login}`, 16).toString('hex')
    return [BigInt(i + 1), login, hash, i === 0 ? 'admin' : 'clerk']
  })
  const datetime: Type = { name: 'datetime' }
  const id = (of: string) => column(of, int, true)
  const person = [column('Name', text(100)), column('Email', text(120)), column('Created', datetime)]
  const order = [
    column('CustomerID', int),
    column('Item', text(80)),
    column('Quantity', int),
    column('Ordered', datetime),
  ]
  const hash = column('PasswordHash', { name: 'varchar', length: 64 })
  return {
    name,
    since,
    tables: [
      { name: 'Customers', columns: [id('CustomerID'), ...person], rows: people },
      { name: 'Orders', columns: [id('OrderID'), ...order], rows: orders },
      {
        name: 'Users',
        columns: [id('UserID'), column('Login', text(50)), hash, column('Role', text(20))],
        rows: users,
      },
    ],
  }
}
