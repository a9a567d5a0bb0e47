import fs from 'node:fs'
import path from 'node:path'
import type { Settings } from '#config/schema.ts'

/** Makes the data directory and gives each part to the side that writes there. As root the two sides are two users. */
export function layOut(data: string, users: Settings['users']): void {
  fs.mkdirSync(data, { recursive: true, mode: 0o755 })
  const root = process.getuid?.() === 0
  if (root) {
    // The sides work from within it, whatever may or may not be searched above.
    fs.chownSync(data, 0, users.group)
    // And nobody but us makes or moves anything in it, whatever umask it was made under.
    fs.chmodSync(data, (fs.statSync(data).mode & ~0o022) | 0o010)
  }
  const give = (name: string, owner: number, mode: number) => {
    const directory = path.join(data, name)
    fs.mkdirSync(directory, { recursive: true, mode })
    if (!root) return
    fs.chownSync(directory, owner, users.group)
    fs.chmodSync(directory, mode)
  }
  // Sticky: whoever takes over one writer neither removes nor replaces what another wrote, root's least of all.
  give('journal', 0, 0o3770)
  give('artifacts', users.sensor, 0o2770)
  give('recordings', users.sensor, 0o2750)
  give('machines', users.sensor, 0o2750)
  give('store', users.hive, 0o700)
  give('state', 0, 0o711)
  give('state/hive', users.hive, 0o700)
  give('state/geo', users.hive, 0o700)
}

/** One program a data directory: two would write each other's journal. Returns the undo. */
export function lock(data: string): () => void {
  const file = path.join(data, 'state', 'skep.pid')
  const other = Number(readIfThere(file))
  if (other && other !== process.pid && isSkep(other))
    throw new Error(`${data} is in use by another skep (pid ${other})`)
  fs.writeFileSync(file, String(process.pid))
  return () => fs.rmSync(file, { force: true })
}

/** The running program's pid, from its data directory. */
export function runningPid(data: string): number | undefined {
  const pid = Number(readIfThere(path.join(data, 'state', 'skep.pid')))
  return pid && isSkep(pid) ? pid : undefined
}

function readIfThere(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** A pid is used again sooner or later: look what it is. */
function isSkep(pid: number): boolean {
  return readIfThere(`/proc/${pid}/cmdline`)
    .split('\0')
    .some(word => word.endsWith('src/cli/main.ts'))
}
