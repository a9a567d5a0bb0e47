import { sequence, tlv } from '#codec/der.ts'
import type { Paging, Wishes } from './controls.ts'
import type { Attribute, Entry } from './directory.ts'
import { normaliseRdns, parseDn } from './dn.ts'
import { evaluate, type Filter, formatFilter, type Look, readFilter, sizeOf } from './filter.ts'
import { noteLookup } from './notes.ts'
import { rootDse, subschema } from './root-dse.ts'
import { type AttributeType, attributeType, isA, objectClass, withSups } from './schema.ts'
import { isRoot, type Ldap, mayRead, shown, treeOf } from './session.ts'
import { below, byLevel, isOurs, type Node, nearest, sortedChildren, type Tree } from './tree.ts'
import { Code, controlBytes, integer, messageBytes, ok, Reader, type Result, refused, text } from './wire.ts'

/** SearchRequest (RFC 4511 §4.5.1). */
export type Search = {
  base: string
  scope: number
  deref: number
  size: number
  time: number
  typesOnly: boolean
  filter: Filter
  attributes: readonly string[]
}
const SCOPES = ['base', 'one', 'sub', 'subordinate'] as const

/** Entries that a search gives who is not the administrator (olcSizeLimit). */
const SIZE_LIMIT = 500
/** Attributes asked for that are looked at. */
const MOST_ATTRIBUTES = 256
/** Comparisons that one search may take; slapd has an hour for each. */
const PATIENCE = 60_000

export function readSearch(content: Buffer): Search {
  const reader = new Reader(content)
  const base = reader.text()
  const scope = reader.integer(0x0a)
  const deref = reader.integer(0x0a)
  const size = reader.integer()
  const time = reader.integer()
  const typesOnly = reader.boolean()
  const filter = readFilter(reader)
  const attributes: string[] = []
  for (const { content: name } of new Reader(reader.expect(0x30)).rest())
    if (attributes.length < MOST_ATTRIBUTES) attributes.push(name.toString('latin1'))
  return { base, scope, deref, size, time, typesOnly, filter, attributes }
}

export const describeSearch = ({ base, scope, filter, attributes }: Search): string => {
  const asked = attributes.length > 0 ? ` attrs="${attributes.join(' ')}"` : ''
  return `SEARCH base="${base}" scope=${SCOPES[scope] ?? scope} filter="${formatFilter(filter)}"${asked}`
}

/** Sends what is found; the result is the caller's to send. */
export async function search(ldap: Ldap, id: number, asked: Search, wishes: Wishes): Promise<Result> {
  ldap.cx.record.command({ line: shown(describeSearch(asked), 4096), verb: 'SEARCH' })
  if (SCOPES[asked.scope] === undefined) return refused(Code.protocolError, 'invalid scope')
  if (asked.deref < 0 || asked.deref > 3) return refused(Code.protocolError, 'invalid deref')
  noteLookup(ldap, asked)
  const rdns = parseDn(asked.base)
  if (!rdns) return refused(Code.invalidDNSyntax, 'invalid DN')
  const key = normaliseRdns(rdns)
  const { persona, encrypted, options } = ldap.cx
  if (asked.scope === 0 && key === '') return await single(ldap, id, asked, rootDse(persona, encrypted, options.ntlm))
  if (asked.scope === 0 && key === 'cn=subschema') return await single(ldap, id, asked, subschema(persona))
  const tree = treeOf(ldap)
  if (!isOurs(tree, key)) return refused(Code.noSuchObject)
  const base = tree.nodes.get(key)
  if (!base) {
    const above = nearest(tree, rdns)
    return refused(Code.noSuchObject, '', above?.entry.dn ?? '')
  }
  return await among(ldap, id, asked, inScope(tree, base, asked), wishes.paging)
}

/** One of the server's own entries, without a place in the tree. */
async function single(ldap: Ldap, id: number, asked: Search, entry: Entry): Promise<Result> {
  const node: Node = { id: 0, key: '', rdns: [], entry, children: new Map(), parent: undefined }
  if (evaluate(asked.filter, node, everything)) await send(ldap, [entryBytes(ldap, id, node, asked)])
  return ok
}
const everything: Look = {
  may: () => true,
  values: ({ entry }, type) =>
    entry.attributes.filter(one => isA(attributeType(one.type), type)).flatMap(one => one.values),
}

/** Entries in the order in which back-mdb comes to them: by number, or by level where the scope is the smaller set. */
function inScope(tree: Tree, base: Node, { scope, filter }: Search): Node[] {
  if (scope === 0) return [base]
  const all = scope === 1 ? [...base.children.values()] : [...below(base)].slice(scope === 3 ? 1 : 0)
  const size = scope === 1 ? all.length : [...below(base)].length
  // What would be too much to count will be too much to look through.
  const candidates = (sizeOf(filter) * tree.nodes.size < PATIENCE ? count(filter, tree) : undefined) ?? tree.lastId
  if (size < candidates) return scope === 1 ? sortedChildren(base) : byLevel(base).slice(scope === 3 ? 1 : 0)
  return all.sort((a, b) => a.id - b.id)
}

/** What Debian's package has indexed (olcDbIndex). */
const INDEXED = new Set(['objectClass', 'cn', 'uid', 'uidNumber', 'gidNumber', 'member', 'memberUid'])
/** How many entries the indexes leave to be looked at; `undefined`: all. */
function count(filter: Filter, tree: Tree): number | undefined {
  if (filter.kind === 'and' || filter.kind === 'or') {
    const parts = filter.parts.map(part => count(part, tree))
    const known = parts.filter(part => part !== undefined)
    if (filter.kind === 'and') return known.length > 0 ? Math.min(...known) : undefined
    return known.length < parts.length ? undefined : known.reduce((sum, one) => sum + one, 0)
  }
  if (filter.kind !== 'equal' || !filter.type || !INDEXED.has(filter.type.name)) return undefined
  let found = 0
  for (const node of tree.nodes.values()) if (evaluate(filter, node, everything)) found++
  return found
}

async function among(ldap: Ldap, id: number, asked: Search, nodes: readonly Node[], paging?: Paging): Promise<Result> {
  const look: Look = {
    may: (node, type) => mayRead(ldap, node.key, type),
    values: (node, type) => [...everything.values(node, type), ...computed(node, type)],
  }
  const limit = isRoot(ldap) ? asked.size || Number.MAX_SAFE_INTEGER : Math.min(asked.size || SIZE_LIMIT, SIZE_LIMIT)
  const page = paging?.size ?? Number.MAX_SAFE_INTEGER
  if (paging && page === 0) return { ...ok, controls: [pageControl(Buffer.alloc(8, 0xff))] }
  const from = paging?.after ?? 0
  const size = sizeOf(asked.filter)
  let [sent, last, looked] = [0, 0, 0]
  let batch: Buffer[] = []
  const started = from === 0 ? 0 : nodes.findIndex(node => node.id === from) + 1
  for (let i = started; i < nodes.length; i++) {
    const node = nodes[i]!
    looked += size
    if (looked > PATIENCE) return await finish(ldap, batch, refused(Code.timeLimitExceeded))
    if (!evaluate(asked.filter, node, look)) continue
    if (sent === page) return await finish(ldap, batch, { ...ok, controls: [pageControl(idBytes(last))] })
    if (sent >= limit) return await finish(ldap, batch, refused(Code.sizeLimitExceeded))
    batch.push(entryBytes(ldap, id, node, asked))
    sent++
    last = node.id
    if (batch.length === 64) {
      await send(ldap, batch)
      batch = []
    }
  }
  return await finish(ldap, batch, paging ? { ...ok, controls: [pageControl(Buffer.alloc(0))] } : ok)
}
const idBytes = (id: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(id)
  return bytes
}
const PAGED = '1.2.840.113556.1.4.319'
const pageControl = (cookie: Buffer): Buffer => controlBytes(PAGED, sequence(integer(0), tlv(0x04, cookie)))

async function finish(ldap: Ldap, batch: Buffer[], result: Result): Promise<Result> {
  await send(ldap, batch)
  return result
}
async function send({ conn }: Ldap, batch: readonly Buffer[]): Promise<void> {
  if (batch.length > 0) await conn.write(Buffer.concat(batch))
}

/** Attributes that an entry has because of where it is (RFC 5020, X.501, RFC 4512 §4.2). */
function derived({ entry, children }: Node, own: boolean): Attribute[] {
  return [
    { type: 'entryDN', values: [entry.dn] },
    { type: 'subschemaSubentry', values: ['cn=Subschema'] },
    ...(own ? [] : [{ type: 'hasSubordinates', values: [children.size > 0 ? 'TRUE' : 'FALSE'] }]),
  ]
}
const computed = (node: Node, type: AttributeType): string[] =>
  derived(node, false).flatMap(one => (attributeType(one.type) === type ? one.values : []))

/** SearchResultEntry (RFC 4511 §4.5.2) with what was asked for and may be seen. */
function entryBytes(ldap: Ldap, id: number, node: Node, { attributes, typesOnly }: Search): Buffer {
  const wanted = selection(attributes)
  const parts: Buffer[] = []
  for (const attribute of [...node.entry.attributes, ...derived(node, node.id === 0)]) {
    const type = attributeType(attribute.type)
    if (!type || !wanted(attribute, type) || !mayRead(ldap, node.key, type)) continue
    const values = typesOnly ? [] : attribute.values.map(text)
    parts.push(sequence(text(attribute.type), tlv(0x31, Buffer.concat(values))))
  }
  return messageBytes(id, tlv(0x64, Buffer.concat([text(node.entry.dn), sequence(...parts)])))
}

/** Which attributes a list of names stands for: none is `*`, `1.1` is none (§4.5.1.8), `@person` what a class has. */
export function selection(names: readonly string[]): (attribute: Attribute, type: AttributeType) => boolean {
  const all = names.length === 0 || names.includes('*')
  const operational = names.includes('+')
  const asked = names.flatMap(name => {
    if (name.startsWith('@')) {
      const one = objectClass(name.slice(1))
      return one
        ? withSups(one)
            .flatMap(({ must, may }) => [...must, ...may])
            .map(type => ({ type, options: '' }))
        : []
    }
    const type = attributeType(name)
    return type ? [{ type, options: name.includes(';') ? name.slice(name.indexOf(';')).toLowerCase() : '' }] : []
  })
  return (attribute, type) =>
    (type.operational ? operational : all) ||
    asked.some(one => isA(type, one.type) && (one.options === '' || attribute.type.toLowerCase().endsWith(one.options)))
}
