import type { Access } from '#access/access.ts'
import { text } from '#events/text.ts'
import type { Persona } from '#persona/persona.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import { rootDnOf } from './directory.ts'
import { normaliseDn, type Rdn } from './dn.ts'
import type { Options } from './options.ts'
import type { AttributeType } from './schema.ts'
import { type Node, plant, type Tree } from './tree.ts'

/** A SASL exchange under way, and what was asked. */
export type Exchange = { mechanism: string; challenge: string | Buffer }

/** One connection, and who it speaks for. */
export type Ldap = {
  conn: Conn
  cx: TcpContext<Options>
  access: Access
  /** Bound as: the name as it is shown, and in its comparable form; empty when anonymous. */
  as: { dn: string; key: string }
  sasl: Exchange | undefined
  /** What Cyrus SASL said last: slapd shows it with the next challenge too. */
  saslDetail: string
}

/** Nobody's changes: what all who only read have in common. */
const shared = new WeakMap<Persona, Tree>()
function sharedTree(persona: Persona): Tree {
  const tree = shared.get(persona) ?? plant(persona)
  shared.set(persona, tree)
  return tree
}

/** Bytes that a directory takes before anything was added to it. */
const BARE = 40_000
type Own = { tree: Tree | undefined; weight(): number; drop(): void }
const stateOf = ({ cx }: Ldap): Own =>
  cx.attacker(() => {
    const own: Own = {
      tree: undefined,
      weight: () => (own.tree ? BARE + 2 * own.tree.changed : 0),
      drop: () => {
        own.tree = undefined
      },
    }
    return own
  })

/** The directory as this attacker sees it, to be read. */
export const treeOf = (ldap: Ldap): Tree => stateOf(ldap).tree ?? sharedTree(ldap.cx.persona)
/** The attacker's own copy, to be changed. */
export function ownTreeOf(ldap: Ldap): Tree {
  const state = stateOf(ldap)
  state.tree ??= plant(ldap.cx.persona)
  return state.tree
}

export const isRoot = ({ as, cx }: Ldap): boolean => as.key !== '' && as.key === normaliseDn(rootDnOf(cx.persona))

/** olcAccess as Debian's package sets it: passwords are their owner's, all else is everybody's to read. */
export const mayRead = (ldap: Ldap, key: string, type: AttributeType): boolean =>
  type.name !== 'userPassword' || isRoot(ldap) || (ldap.as.key !== '' && ldap.as.key === key)
export const mayWrite = (ldap: Ldap, node: Node, type: AttributeType): boolean =>
  isRoot(ldap) || (ldap.as.key === node.key && (type.name === 'userPassword' || type.name === 'shadowLastChange'))

/** Text of an attacker's, Latin-1, for an event. */
export const shown = (said: string, most = 512): string => text(Buffer.from(said, 'latin1'), most)

/** The name that people of a directory log in by: the value of the entry's own name. */
export const userOf = (rdns: readonly Rdn[]): string => rdns[0]?.[0]?.value ?? ''

/** Milliseconds since the epoch by the machine's clock. */
export const clock = ({ cx }: Ldap): number => cx.now() + cx.persona.clockSkew
