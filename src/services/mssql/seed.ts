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
const table = (name: string, columns: Column[], rows: Value[][], createdAt: number): Table => ({
  name,
  columns,
  rows,
  keys: [{ kind: 'primary', name: `PK_${name}`, columns: [columns[0]!.name] }],
  next: BigInt(rows.length + 1),
  options: new Map(),
  createdAt,
  temporary: false,
})

/** Databases that every server has, and the persona's own with a few rows in them. Names and addresses are invented. */
export function seed(server: Server, persona: Persona): void {
  const { installedAt } = persona
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
  // Drawn at once: a visit that asks for nothing should cost next to nothing.
  const drawn = persona.derive('mssql data', 512)
  let at = 0
  const draw = (below: number) => {
    at = (at + 2) % 510
    return drawn.readUInt16BE(at) % below
  }
  const word = (persona.domain.split('.')[0] ?? 'app').split('-')[0]!.replace(/^./, c => c.toUpperCase())
  const name = [`${word}ERP`, `${word}DB`, `${word}_prod`, 'Orders', 'CRM'][draw(5)]!
  const since = installedAt + (2 + draw(20)) * day
  make(name, 5, since, 'FULL')
  fill(server, name.toLowerCase(), persona, since, draw)
}

const given = ['Aiko', 'Marek', 'Elena', 'Jonas', 'Priya', 'Tomas', 'Sara', 'Nuno', 'Ines', 'Karl', 'Mina', 'Luca']
const family = ['Sato', 'Novak', 'Rossi', 'Berg', 'Iyer', 'Kral', 'Lind', 'Silva', 'Moreau', 'Weber', 'Kato', 'Conti']
const goods = ['Valve 40', 'Gasket set', 'Pump P-12', 'Filter F7', 'Hose 2m', 'Bracket', 'Sensor T3', 'Relay 24V']

function fill(server: Server, database: string, persona: Persona, since: number, draw: (below: number) => number) {
  const stamp = (milliseconds: number) => new Date(milliseconds).toISOString().replace('T', ' ').slice(0, 23)
  const people = Array.from({ length: 24 }, (_, i): Value[] => {
    const [first, last] = [given[draw(12)]!, family[draw(12)]!]
    const mail = `${first}.${last}${i}@${['mail', 'post', 'office'][i % 3]}.example`.toLowerCase()
    return [BigInt(i + 1), `${first} ${last}`, mail, stamp(since + i * 3 * day + draw(60_000) * 1000)]
  })
  const orders = Array.from({ length: 40 }, (_, i): Value[] => [
    BigInt(i + 1),
    BigInt(1 + draw(24)),
    goods[draw(goods.length)]!,
    BigInt(1 + draw(40)),
    stamp(since + i * 5 * day + draw(60_000) * 1000),
  ])
  const users = persona.users.map(({ name }, i): Value[] => [
    BigInt(i + 1),
    name,
    persona.derive(`mssql web password ${name}`, 16).toString('hex'),
    i === 0 ? 'admin' : 'clerk',
  ])
  const schema = `${database}.dbo`
  const datetime: Type = { name: 'datetime' }
  const put = (made: Table) => server.catalog.add(schema, made)
  const id = (name: string) => column(name, int, true)
  put(
    table(
      'Customers',
      [id('CustomerID'), column('Name', text(100)), column('Email', text(120)), column('Created', datetime)],
      people,
      since,
    ),
  )
  const ordered = [
    column('CustomerID', int),
    column('Item', text(80)),
    column('Quantity', int),
    column('Ordered', datetime),
  ]
  put(table('Orders', [id('OrderID'), ...ordered], orders, since))
  const account = [
    column('Login', text(50)),
    column('PasswordHash', { name: 'varchar', length: 64 }),
    column('Role', text(20)),
  ]
  put(table('Users', [id('UserID'), ...account], users, since))
}
