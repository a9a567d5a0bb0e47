import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'

export type Kind = 'commit' | 'tree' | 'blob' | 'tag'
/** An object as git stores it; its id is the SHA-1 of kind, length and content. */
export type GitObject = { id: string; kind: Kind; content: Buffer; refers: readonly string[] }
export type Objects = Map<string, GitObject>
export type Author = { name: string; mail: string; offset: number }

function stored(objects: Objects, kind: Kind, content: Buffer, refers: readonly string[]): string {
  const id = createHash('sha1').update(`${kind} ${content.length}\0`).update(content).digest('hex')
  if (!objects.has(id)) objects.set(id, { id, kind, content, refers })
  return id
}

/** What a folder holds: texts by path, an executable's with `*` at the end of its path. */
export function tree(objects: Objects, files: ReadonlyMap<string, string>): string {
  const folders = new Map<string, Map<string, string>>()
  const rows: { name: string; mode: string; id: string }[] = []
  for (const [path, content] of files) {
    const slash = path.indexOf('/')
    if (slash >= 0) {
      const inside = folders.get(path.slice(0, slash)) ?? new Map<string, string>()
      inside.set(path.slice(slash + 1), content)
      folders.set(path.slice(0, slash), inside)
    } else {
      const id = stored(objects, 'blob', Buffer.from(content), [])
      rows.push(
        path.endsWith('*') ? { name: path.slice(0, -1), mode: '100755', id } : { name: path, mode: '100644', id },
      )
    }
  }
  for (const [name, inside] of folders) rows.push({ name, mode: '40000', id: tree(objects, inside) })
  // As git sorts: a folder's name as if it ended in a slash.
  const key = ({ name, mode }: { name: string; mode: string }) => (mode === '40000' ? `${name}/` : name)
  rows.sort((a, b) => (key(a) < key(b) ? -1 : 1))
  const content = Buffer.concat(
    rows.flatMap(({ name, mode, id }) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]),
  )
  return stored(
    objects,
    'tree',
    content,
    rows.map(({ id }) => id),
  )
}

/** `at`: seconds since the epoch. */
export function commit(
  objects: Objects,
  {
    tree: root,
    parent,
    author,
    at,
    message,
  }: { tree: string; parent?: string; author: Author; at: number; message: string },
): string {
  const lines = [
    `tree ${root}`,
    ...(parent === undefined ? [] : [`parent ${parent}`]),
    `author ${signed(author, at)}`,
    `committer ${signed(author, at)}`,
    '',
    `${message}\n`,
  ]
  return stored(objects, 'commit', Buffer.from(lines.join('\n')), [root, ...(parent === undefined ? [] : [parent])])
}

/** An annotated tag. */
export function tag(
  objects: Objects,
  name: string,
  target: string,
  author: Author,
  at: number,
  message: string,
): string {
  const content = `object ${target}\ntype commit\ntag ${name}\ntagger ${signed(author, at)}\n\n${message}\n`
  return stored(objects, 'tag', Buffer.from(content), [target])
}

const signed = ({ name, mail, offset }: Author, at: number): string => {
  const minutes = Math.abs(offset)
  const zone = `${Math.floor(minutes / 60)}`.padStart(2, '0') + `${minutes % 60}`.padStart(2, '0')
  return `${name} <${mail}> ${at} ${offset < 0 ? '-' : '+'}${zone}`
}

const numbers = { commit: 1, tree: 2, blob: 3, tag: 4 } as const

/** A pack of whole objects (gitformat-pack(5)). */
export function pack(objects: readonly GitObject[]): Buffer {
  const head = Buffer.alloc(12)
  head.write('PACK')
  head.writeUInt32BE(2, 4)
  head.writeUInt32BE(objects.length, 8)
  const body = Buffer.concat([head, ...objects.flatMap(object => [entryHead(object), deflateSync(object.content)])])
  return Buffer.concat([body, createHash('sha1').update(body).digest()])
}

/** Kind, and the length in seven bits a byte after the first four. */
function entryHead({ kind, content }: GitObject): Buffer {
  const bytes: number[] = []
  let rest = content.length >> 4
  let byte = (numbers[kind] << 4) | (content.length & 15)
  while (rest > 0) {
    bytes.push(byte | 0x80)
    byte = rest & 0x7f
    rest >>= 7
  }
  return Buffer.from([...bytes, byte])
}
