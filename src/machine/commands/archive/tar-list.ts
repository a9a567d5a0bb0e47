import { permissionString } from '../files/modes.ts'
import { stamp } from '../files/stamps.ts'
import type { Member } from './tar-format.ts'
import { shownName, type Tar } from './tar-run.ts'

const letters: Record<Member['kind'], string> = {
  file: '-',
  link: 'h',
  symlink: 'l',
  char: 'c',
  block: 'b',
  directory: 'd',
  fifo: 'p',
}

/** A line of `tar tv`. The column of sizes grows with what was shown. */
export const memberLine = (run: Tar, member: Member): string => {
  const { numeric, fullTime } = run.settings
  const user = numeric || member.user === '' ? String(member.uid) : member.user
  const group = numeric || member.group === '' ? String(member.gid) : member.group
  const isDevice = member.kind === 'char' || member.kind === 'block'
  const size = isDevice ? `${member.major},${member.minor}` : String(member.size)
  const owner = `${user}/${group}`
  run.widest = Math.max(run.widest, owner.length + 1 + size.length)
  const padded = size.padStart(run.widest - owner.length)
  const time = stamp(fullTime ? '%Y-%m-%d %H:%M:%S' : '%Y-%m-%d %H:%M', member.mtime)
  const target =
    member.kind === 'symlink'
      ? ` -> ${shownName(member.target)}`
      : member.kind === 'link'
        ? ` link to ${shownName(member.target)}`
        : ''
  return `${letters[member.kind]}${permissionString(member.mode)} ${owner}${padded} ${time} ${shownName(member.name)}${target}\n`
}
