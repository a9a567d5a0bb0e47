import { searchFor } from './search.ts'
import { baseSubject, field, type Head, headOf } from './sent.ts'
import { type Imap, Refusal } from './session.ts'
import { textOf, type Word } from './wire.ts'

/** THREAD (RFC 5256 §3): which messages answer which. */

/** A message in its thread; without one, what holds the answers to a message that is not there. */
type Node = { head?: Head; parent?: Node | undefined; children: Node[] }

/** Ancestors that one message may name, the nearest counting: what a client put there. */
const MOST_REFERENCES = 10

/** The answer to THREAD: untagged lines. */
export function thread(imap: Imap, words: readonly Word[], byUid: boolean): string {
  const [algorithm, charset] = [textOf(words[0]), textOf(words[1])]
  if (algorithm === undefined || charset === undefined) throw new Refusal('BAD', 'Invalid arguments')
  const how = algorithms.get(algorithm.toUpperCase())
  if (!how) throw new Refusal('BAD', 'Unknown thread algorithm')
  const { found, before, after } = searchFor(imap, words.slice(2), charset)
  const roots = how(found.map(({ message, number }) => headOf(message, number)))
  const shown = ({ message, number }: Head) => String(byUid ? message.uid : number)
  return `${before}* THREAD ${roots.map(root => `(${written(root, shown)})`).join('')}\r\n${after}`
}

/** `1 (2 3)(4)`: an only child follows its parent, several stand in parentheses; a missing parent leaves them alone. */
function written(root: Node, shown: (head: Head) => string): string {
  const chain: string[] = []
  let at = root
  for (;;) {
    if (at.head) chain.push(shown(at.head))
    const [only] = at.children
    if (!only || at.children.length > 1) break
    at = only
  }
  const branches = at.children.map(child => `(${written(child, shown)})`).join('')
  return [...chain, ...(branches === '' ? [] : [branches])].join(' ')
}

const subjectOf = (head: Head) => baseSubject(field(head, 'subject'))
/** Of a message, or of the first of those that hang on a missing one. */
const first = (node: Node): Head => node.head ?? first(node.children[0]!)
const order = (one: Head, other: Head) => one.sent - other.sent || one.number - other.number
const bySent = (one: Node, other: Node) => order(first(one), first(other))

/** Equal subjects are one thread: the earliest, and all others below it (ORDEREDSUBJECT). */
function orderedSubject(heads: readonly Head[]): Node[] {
  const roots = new Map<string, Node>()
  for (const head of [...heads].sort(order)) {
    const { base } = subjectOf(head)
    const root = roots.get(base)
    if (root) root.children.push({ head, children: [] })
    else roots.set(base, { head, children: [] })
  }
  return [...roots.values()]
}

const messageIds = (text: string) => Array.from(text.matchAll(/<[^<>\s]{1,300}>/g), ([id]) => id)

/** Threads by what messages say that they answer (REFERENCES, steps 1 to 4), the earliest first. */
function references(heads: readonly Head[]): Node[] {
  const byId = new Map<string, Node>()
  const all: Node[] = []
  const made = (id: string) => {
    const node = byId.get(id) ?? { children: [] }
    byId.set(id, node)
    return node
  }
  for (const head of heads) {
    const [id] = messageIds(field(head, 'message-id'))
    const named = id === undefined || byId.get(id)?.head ? { children: [] } : made(id)
    const node: Node = Object.assign(named, { head })
    all.push(node)
    const said = messageIds(field(head, 'references'))
    const chain = (said.length > 0 ? said : messageIds(field(head, 'in-reply-to')).slice(0, 1)).slice(-MOST_REFERENCES)
    let above: Node | undefined
    for (const reference of chain) {
      const next = made(reference)
      if (above && !next.parent) hang(next, above)
      above = next
    }
    // What a message says of its own parent counts more than what others said of it.
    if (above) hang(node, above)
  }
  const tops = new Set([...all, ...byId.values()].filter(({ parent }) => !parent))
  return [...tops].flatMap(top => pruned(top, true)).sort(bySent)
}

/** Puts a message below another, unless that is below it already. */
function hang(node: Node, above: Node): void {
  for (let at: Node | undefined = above; at; at = at.parent) if (at === node) return
  if (node.parent) node.parent.children = node.parent.children.filter(child => child !== node)
  node.parent = above
  above.children.push(node)
}

/** Without those that are missing: their answers move up, but at the top several stay together. */
function pruned(node: Node, top: boolean): Node[] {
  const children = node.children.flatMap(child => pruned(child, false)).sort(bySent)
  if (node.head || (top && children.length > 1)) return [{ ...node, children }]
  return children
}

/** Threads with equal subjects become one (REFERENCES, step 5). */
function merged(roots: readonly Node[]): Node[] {
  const table = new Map<string, Node>()
  for (const root of roots) {
    const { base, reply } = subjectOf(first(root))
    const known = base === '' ? root : table.get(base)
    if (!known || (!root.head && known.head) || (known.head && subjectOf(known.head).reply && !reply))
      table.set(base, root)
  }
  const gone = new Set<Node>()
  const joined: Node[] = []
  for (const root of roots) {
    const { base, reply } = subjectOf(first(root))
    const known = table.get(base)
    if (!known || known === root) continue
    gone.add(root)
    if (!known.head) known.children.push(...(root.head ? [root] : root.children))
    else if (reply && !subjectOf(known.head).reply) known.children.push(root)
    else {
      const both: Node = { children: [known, root] }
      gone.add(known)
      joined.push(both)
      table.set(base, both)
    }
  }
  const left = [...roots, ...joined].filter(root => !gone.has(root))
  for (const { children } of left) children.sort(bySent)
  return left.sort(bySent)
}

/** When the last message of a thread was sent. */
const latest = ({ head, children }: Node): number =>
  children.reduce((most, child) => Math.max(most, latest(child)), head ? head.sent : 0)

const algorithms = new Map<string, (heads: readonly Head[]) => Node[]>([
  ['ORDEREDSUBJECT', orderedSubject],
  ['REFERENCES', heads => merged(references(heads))],
  // draft-ietf-morg-inthread: subjects do not count, and threads come in the order of their last messages.
  ['REFS', heads => references(heads).sort((one, other) => latest(one) - latest(other))],
])
