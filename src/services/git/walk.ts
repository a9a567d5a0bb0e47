import type { GitObject } from './objects.ts'
import type { Repository } from './repositories.ts'

/** All objects that are reached from these ids; those behind `without` are left out, `without` itself too. */
export function reachable(
  { objects }: Repository,
  from: Iterable<string>,
  without: ReadonlySet<string> = new Set(),
): Map<string, GitObject> {
  const found = new Map<string, GitObject>()
  const open = [...from]
  while (open.length > 0) {
    const id = open.pop()!
    const object = objects.get(id)
    if (!object || found.has(id) || without.has(id)) continue
    found.set(id, object)
    open.push(...object.refers)
  }
  return found
}

/** The commits that a history cut off after `depth` of them ends with, and the parents that it lacks. */
export function cutAt(
  { objects }: Repository,
  wants: readonly string[],
  depth: number,
): { shallow: string[]; missing: Set<string> } {
  const shallow: string[] = []
  const missing = new Set<string>()
  let level = wants.map(id => commitOf(objects, id)).filter(id => id !== undefined)
  for (let left = depth; level.length > 0 && left > 0; left--) {
    const parents = new Set<string>()
    for (const id of level) {
      const behind = objects.get(id)!.refers.filter(ref => objects.get(ref)?.kind === 'commit')
      if (left === 1 && behind.length > 0) shallow.push(id)
      for (const parent of behind) (left === 1 ? missing : parents).add(parent)
    }
    level = [...parents]
  }
  return { shallow, missing }
}

const commitOf = (objects: Repository['objects'], id: string): string | undefined => {
  const object = objects.get(id)
  return object?.kind === 'tag' ? object.refers[0] : object?.kind === 'commit' ? id : undefined
}
