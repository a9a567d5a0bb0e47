import type { Persona } from '#persona/persona.ts'
import { plantedPassword } from './passwords.ts'

/** An entry as it is stored: attributes in the order in which they came. Values are Latin-1, a character a byte. */
export type Attribute = { type: string; values: string[] }
export type Entry = { dn: string; attributes: Attribute[] }

/** `hayase-works.example` → `dc=hayase-works,dc=example`, as slapd's package asks when it is set up. */
export const suffixOf = ({ domain }: Persona): string =>
  domain
    .split('.')
    .map(label => `dc=${label}`)
    .join(',')
export const rootDnOf = (persona: Persona): string => `cn=admin,${suffixOf(persona)}`

/** Accounts of programs that look people up, and what for. */
const programs = [
  ['ldapbind', 'Read access for applications'],
  ['gitlab', 'GitLab sign-in'],
  ['nextcloud', 'Nextcloud user backend'],
  ['backup', 'Nightly backup'],
] as const

const hour = 3_600_000

/** The entries of a small office, parents first: its people, their groups, its programs' accounts. */
export function entriesOf(persona: Persona): Entry[] {
  const suffix = suffixOf(persona)
  const office = persona.domain.split('.')[0]!
  const people = persona.users.filter(({ uid }) => uid >= 1000)
  const entries: Entry[] = []
  let madeAt = persona.installedAt + hour
  const add = (dn: string, structural: string, attributes: readonly [string, ...string[]][]) => {
    // Somebody sits there and types: some minutes lie between two entries.
    madeAt += 40_000 + persona.derive(`ldap pause ${dn}`, 2).readUInt16BE() * 10
    const own = attributes.map(([type, ...values]) => ({ type, values }))
    entries.push({ dn, attributes: [...own, ...kept(persona, dn, structural, madeAt)] })
  }

  add(suffix, 'organization', [
    ['objectClass', 'top', 'dcObject', 'organization'],
    ['o', office.replace(/^./, first => first.toUpperCase())],
    ['dc', office],
  ])
  for (const unit of ['people', 'groups', 'services'])
    add(`ou=${unit},${suffix}`, 'organizationalUnit', [
      ['objectClass', 'organizationalUnit'],
      ['ou', unit],
    ])
  people.forEach(({ name, uid, home, shell }) => {
    add(`uid=${name},ou=people,${suffix}`, 'inetOrgPerson', [
      ['objectClass', 'inetOrgPerson', 'posixAccount', 'shadowAccount'],
      ['uid', name],
      ['cn', name],
      ['sn', name],
      ['uidNumber', String(uid + 9000)],
      ['gidNumber', '10000'],
      ['homeDirectory', home],
      ['loginShell', shell],
      ['mail', `${name}@${persona.domain}`],
      ['userPassword', plantedPassword(persona, name)],
    ])
  })
  const groups = [
    ['staff', 10_000, people],
    ['admins', 10_001, people.slice(0, 1)],
    ['vpn', 10_002, people.slice(0, 3)],
  ] as const
  for (const [name, gid, members] of groups)
    add(`cn=${name},ou=groups,${suffix}`, 'posixGroup', [
      ['objectClass', 'posixGroup'],
      ['cn', name],
      ['gidNumber', String(gid)],
      ...(members.length > 0 ? [['memberUid', ...members.map(one => one.name)] as [string, ...string[]]] : []),
    ])
  const first = persona.derive('ldap programs', 1)[0]!
  for (const [name, description] of [programs[0], programs[1 + (first % 3)]!])
    add(`cn=${name},ou=services,${suffix}`, 'organizationalRole', [
      ['objectClass', 'organizationalRole', 'simpleSecurityObject'],
      ['cn', name],
      ['description', description],
      ['userPassword', plantedPassword(persona, name)],
    ])
  return entries
}

/** What slapd keeps about an entry by itself (RFC 4512 §3.4, RFC 4530). */
function kept(persona: Persona, dn: string, structural: string, at: number): Attribute[] {
  const by = rootDnOf(persona)
  const micros = persona.derive(`ldap micros ${dn}`, 4).readUInt32BE() % 1_000_000
  const time = generalizedTime(at)
  return [
    { type: 'structuralObjectClass', values: [structural] },
    { type: 'entryUUID', values: [entryUuid(at, persona.derive(`ldap uuid ${dn}`, 8))] },
    { type: 'creatorsName', values: [by] },
    { type: 'createTimestamp', values: [time] },
    { type: 'entryCSN', values: [csn(at, micros)] },
    { type: 'modifiersName', values: [by] },
    { type: 'modifyTimestamp', values: [time] },
  ]
}

/** RFC 4517 §3.3.13, whole seconds: `20250318114007Z`. */
export const generalizedTime = (at: number): string => `${new Date(at).toISOString().replace(/[-:T]|\..*/g, '')}Z`
/** A change sequence number of a server that has no others beside it. */
export const csn = (at: number, micros: number): string =>
  `${generalizedTime(at).slice(0, 14)}.${String(micros).padStart(6, '0')}Z#000000#000#000000`

/** A UUID of version 1 (RFC 4122 §4.2): liblutil makes them of the time and of eight random bytes. */
export function entryUuid(at: number, random: Buffer): string {
  const ticks = BigInt(Math.floor(at)) * 10_000n + 0x01b21dd213814000n
  const hex = (value: bigint, digits: number) => value.toString(16).padStart(digits, '0')
  const sequence = Buffer.of((random[0]! & 0x3f) | 0x80, random[1]!)
  return [
    hex(ticks & 0xffffffffn, 8),
    hex((ticks >> 32n) & 0xffffn, 4),
    hex(((ticks >> 48n) & 0x0fffn) | 0x1000n, 4),
    sequence.toString('hex'),
    random.toString('hex', 2, 8),
  ].join('-')
}
