import type { Conn } from '#sensor/conn.ts'
import { type GitObject, pack } from './objects.ts'
import { banded, FLUSH, packet } from './pktline.ts'
import type { Repository } from './repositories.ts'
import { cutAt, reachable } from './walk.ts'

/** What a client asked for, in either version of the protocol. */
export type Wanted = {
  wants: readonly string[]
  /** Of the client's, what we have too. */
  common: ReadonlySet<string>
  /** Commits to a depth; the rest is left behind. */
  depth: number | undefined
  /** Where the client's own history ends. */
  shallow: readonly string[]
  includeTag: boolean
  progress: boolean
}

/** Whether each wanted object leads to something that both sides have (upload-pack.c: ok_to_give_up). */
export const enough = (repository: Repository, wants: readonly string[], common: ReadonlySet<string>): boolean =>
  common.size > 0 &&
  wants.every(want => {
    for (const id of reachable(repository, [want]).keys()) if (common.has(id)) return true
    return false
  })

/** `shallow` and `unshallow` lines for the depth that was asked for. */
export function boundaries(repository: Repository, { wants, depth, shallow }: Wanted): string {
  if (depth === undefined) return ''
  const cut = cutAt(repository, wants, depth)
  const open = shallow.filter(id => repository.objects.has(id) && !cut.shallow.includes(id))
  return [
    ...cut.shallow.filter(id => !shallow.includes(id)).map(id => packet(`shallow ${id}`)),
    ...open.map(id => packet(`unshallow ${id}`)),
  ].join('')
}

/** The objects that the client lacks. */
export function objectsFor(repository: Repository, wanted: Wanted): GitObject[] {
  const { wants, common, depth, shallow, includeTag } = wanted
  const cut = depth === undefined ? undefined : cutAt(repository, wants, depth)
  // Behind its own boundary a client has nothing, whatever it says that it has.
  const theirs = new Set<string>()
  for (const id of shallow) for (const ref of repository.objects.get(id)?.refers ?? []) theirs.add(ref)
  const parents = new Set([...theirs].filter(id => repository.objects.get(id)?.kind === 'commit'))
  const had = reachable(repository, common, parents)
  // A history that is to be longer goes on behind the boundary.
  const from = depth === undefined ? wants : [...wants, ...parents]
  const found = reachable(repository, from, new Set([...had.keys(), ...(cut?.missing ?? [])]))
  if (includeTag)
    for (const { id, peeled } of repository.refs) {
      const object = repository.objects.get(id)
      if (peeled !== undefined && object && found.has(peeled)) found.set(id, object)
    }
  return [...found.values()]
}

/** The pack, in bands of so many bytes with what git says of its progress; bare for a client that takes no bands. */
export async function givePack(
  conn: Conn,
  objects: readonly GitObject[],
  how: { bands: number | undefined; progress: boolean },
) {
  const bytes = pack(objects)
  if (how.bands === undefined) return conn.write(bytes)
  const said = how.progress ? banded(2, Buffer.from(progressOf(objects.length))) : Buffer.alloc(0)
  const total = how.progress
    ? banded(2, Buffer.from(`Total ${objects.length} (delta 0), reused ${objects.length} (delta 0), pack-reused 0\n`))
    : Buffer.alloc(0)
  await conn.write(Buffer.concat([said, banded(1, bytes, how.bands), total, Buffer.from(FLUSH)]))
}

const progressOf = (count: number): string => {
  const steps = Array.from({ length: count }, (_, i) => {
    const percent = `${Math.floor(((i + 1) * 100) / count)}`.padStart(3)
    return `Counting objects: ${percent}% (${i + 1}/${count})\r`
  })
  return `Enumerating objects: ${count}, done.\n${steps.join('')}Counting objects: 100% (${count}/${count}), done.\n`
}
