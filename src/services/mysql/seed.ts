import type { Persona } from '#persona/persona.ts'
import type { Catalog, Column, Table } from '#sql/store.ts'
import type { Type, Value } from '#sql/value.ts'

/** What a small business keeps here: invented from the persona, the same at every start. */

const given =
  'Aiko Bram Celia Daan Elin Femke Goro Hana Ilse Jonas Kaito Lena Mira Nils Orla Petra Quinn Rika Sora Tom Uma Vera Wim Yuna'.split(
    ' ',
  )
const family =
  'Abeling Brandal Cordier Dahlen Egawa Fontein Grubert Hirose Iversen Jansma Kolbe Lindgaard Moriya Noren Ostrava Pellan Quistad Roemer Sakata Tolman'.split(
    ' ',
  )
const goods = [
  'Desk lamp',
  'Office chair',
  'Notebook A5',
  'USB cable 2 m',
  'Monitor arm',
  'Whiteboard',
  'Paper A4 500',
  'Label printer',
  'Keyboard',
  'Headset',
  'Docking station',
  'Cable duct',
]

type Make = { name: string; type: Type; increment?: true }
const int = (more: Partial<Type> = {}): Type => ({ name: 'int', length: 11, ...more })
const varchar = (length: number, more: Partial<Type> = {}): Type => ({ name: 'varchar', length, ...more })
const money: Type = { name: 'decimal', length: 10, scale: 2, notNull: true }
const time: Type = { name: 'datetime', notNull: true }
const id: Make = { name: 'id', type: int({ notNull: true }), increment: true }

export function seed(catalog: Catalog, persona: Persona): void {
  const draw = drawing(persona)
  const word =
    persona.domain
      .split('.')[0]!
      .replace(/[^a-z0-9]/g, '')
      .slice(0, 10) || 'main'
  const shop = draw(3) === 0 ? `${word}_shop` : draw(2) === 0 ? 'shop' : `${word}_db`
  catalog.createSchema(shop)
  const at = (daysAgo: number) => stamp(persona.bootedAt - daysAgo * 86_400_000 - draw(80_000_000))
  const customers = 24 + draw(30)
  const table = (schema: string, name: string, columns: Make[], rows: Value[][], more?: string) => {
    const made = tableOf(name, columns, rows.length, persona.installedAt + 86_400_000)
    if (more) made.keys.push({ kind: 'unique', name: more, columns: [more] })
    catalog.add(schema, made)
    for (const row of rows) catalog.insert(made, row)
  }
  table(
    shop,
    'customers',
    [
      id,
      { name: 'name', type: varchar(80, { notNull: true }) },
      { name: 'email', type: varchar(120, { notNull: true }) },
      { name: 'city', type: varchar(60) },
      { name: 'created_at', type: time },
    ],
    Array.from({ length: customers }, (_, i) => {
      const [first, last] = [given[draw(given.length)]!, family[draw(family.length)]!]
      return [
        BigInt(i + 1),
        `${first} ${last}`,
        `${first}.${last}${draw(90) + 10}@mail.example`.toLowerCase(),
        ['Northby', 'Sandvik', 'Ozaki', 'Millford', 'Lindau'][draw(5)]!,
        at(30 + (customers - i) * 9),
      ]
    }),
    'email',
  )
  table(
    shop,
    'products',
    [
      id,
      { name: 'sku', type: varchar(20, { notNull: true }) },
      { name: 'title', type: varchar(120, { notNull: true }) },
      { name: 'price', type: money },
      { name: 'stock', type: int({ notNull: true }) },
    ],
    goods.map((title, i) => [
      BigInt(i + 1),
      `${title.slice(0, 2).toUpperCase()}-${1000 + draw(9000)}`,
      title,
      `${5 + draw(180)}.${['00', '50', '90', '95'][draw(4)]}`,
      BigInt(draw(140)),
    ]),
  )
  table(
    shop,
    'orders',
    [
      id,
      { name: 'customer_id', type: int({ notNull: true }) },
      { name: 'total', type: money },
      { name: 'status', type: varchar(16, { notNull: true }) },
      { name: 'ordered_at', type: time },
    ],
    Array.from({ length: 40 + draw(60) }, (_, i) => [
      BigInt(i + 1),
      BigInt(1 + draw(customers)),
      `${10 + draw(900)}.${String(draw(100)).padStart(2, '0')}`,
      ['paid', 'shipped', 'shipped', 'open', 'cancelled'][draw(5)]!,
      at(120 - i),
    ]),
  )
  const hash = (label: string) =>
    `$2y$10$${persona.derive(`mysql ${label}`, 40).toString('base64').replace(/[+=]/g, '.').slice(0, 53)}`
  table(
    shop,
    'users',
    [
      id,
      { name: 'login', type: varchar(40, { notNull: true }) },
      { name: 'password', type: varchar(255, { notNull: true }) },
      { name: 'role', type: varchar(20, { notNull: true }) },
      { name: 'last_login', type: { name: 'datetime' } },
    ],
    ['admin', ...persona.users.slice(1, 4).map(({ name }) => name)].map((login, i) => [
      BigInt(i + 1),
      login,
      hash(`login ${i}`),
      i === 0 ? 'admin' : 'staff',
      at(1 + draw(20)),
    ]),
    'login',
  )
  if (draw(2) === 0) wordpress(catalog, persona, table, at, hash)
}

type Add = (schema: string, name: string, columns: Make[], rows: Value[][], more?: string) => void
function wordpress(
  catalog: Catalog,
  persona: Persona,
  table: Add,
  at: (days: number) => string,
  hash: (label: string) => string,
) {
  catalog.createSchema('wordpress')
  const key = {
    name: 'ID',
    type: { name: 'bigint', length: 20, unsigned: true, notNull: true } as Type,
    increment: true as const,
  }
  table(
    'wordpress',
    'wp_users',
    [
      key,
      { name: 'user_login', type: varchar(60, { notNull: true }) },
      { name: 'user_pass', type: varchar(255, { notNull: true }) },
      { name: 'user_email', type: varchar(100, { notNull: true }) },
      { name: 'user_registered', type: time },
    ],
    [[1n, 'admin', hash('wordpress'), `webmaster@${persona.domain}`, at(400)]],
  )
  table(
    'wordpress',
    'wp_options',
    [
      { ...key, name: 'option_id' },
      { name: 'option_name', type: varchar(191, { notNull: true }) },
      { name: 'option_value', type: { name: 'longtext', notNull: true } },
      { name: 'autoload', type: varchar(20, { notNull: true }) },
    ],
    [
      ['siteurl', `http://www.${persona.domain}`],
      ['home', `http://www.${persona.domain}`],
      ['blogname', persona.domain.split('.')[0]!],
      ['admin_email', `webmaster@${persona.domain}`],
      ['template', 'twentytwentyfour'],
      ['timezone_string', persona.timezone.name],
    ].map(([name, value], i) => [BigInt(i + 1), name!, value!, 'yes']),
    'option_name',
  )
  table(
    'wordpress',
    'wp_posts',
    [
      key,
      { name: 'post_author', type: { name: 'bigint', length: 20, unsigned: true, notNull: true } },
      { name: 'post_date', type: time },
      { name: 'post_title', type: { name: 'text', notNull: true } },
      { name: 'post_status', type: varchar(20, { notNull: true }) },
    ],
    ['About us', 'Opening hours', 'Contact', 'Summer break'].map((title, i) => [
      BigInt(i + 1),
      1n,
      at(300 - 60 * i),
      title,
      'publish',
    ]),
  )
}

function tableOf(name: string, columns: Make[], rows: number, createdAt: number): Table {
  const made = columns.map(
    ({ name: column, type, increment = false }): Column => ({
      name: column,
      type,
      standard: undefined,
      increment,
      comment: '',
    }),
  )
  return {
    name,
    columns: made,
    rows: [],
    keys: [{ kind: 'primary', name: undefined, columns: [made[0]!.name] }],
    next: BigInt(rows + 1),
    options: new Map(),
    createdAt,
    temporary: false,
  }
}

/** Whole numbers below a bound, the same for the same persona. */
function drawing(persona: Persona): (below: number) => number {
  const pool = persona.derive('mysql seed', 8192)
  let at = 0
  return below => {
    const value = pool.readUInt32BE(at % (pool.length - 4))
    at += 4
    return value % below
  }
}
/** `2026-01-15 03:04:05`, UTC. */
export const stamp = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')
