/** The printer's volume `0:`, with names as PJL writes them: `0:\webServer\home`. Latin-1. */
export type Disk = { entries: Map<string, Buffer | 'directory'>; bytes: number }

/** Entries, and bytes of all files together. */
const ENTRIES = 200
const BYTES = 2 << 20
export const VOLUME = 16_777_216

const deviceXml = `<?xml version="1.0"?>\n<device><jobs/><config ver="1"/></device>\n`

export const newDisk = (): Disk => {
  const disk: Disk = { entries: new Map(), bytes: 0 }
  for (const path of [
    'PostScript',
    'PJL',
    'saveDevice',
    'saveDevice/SavedJobs',
    'saveDevice/SavedJobs/InProgress',
    'saveDevice/SavedJobs/KeepJob',
    'webServer',
    'webServer/default',
    'webServer/home',
    'webServer/objects',
    'webServer/permanent',
  ])
    disk.entries.set(path, 'directory')
  disk.entries.set('webServer/home/device.html', Buffer.from('<html><body><h1>hp LaserJet</h1></body></html>\n'))
  disk.entries.set('webServer/default/csconfig', Buffer.from(deviceXml))
  return disk
}

/** `0:\a\..\b` as `b`; whether it tried to leave the volume; `undefined` for another volume. */
export function placed(name: string): { path: string; out: boolean } | undefined {
  const [, rest] = /^0:(.*)$/s.exec(name) ?? []
  if (rest === undefined) return undefined
  const parts: string[] = []
  let out = false
  for (const part of rest.split(/[\\/]/)) {
    if (part === '..') out = parts.pop() === undefined || out
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return { path: parts.join('/'), out }
}

/** Of a directory: the names right below it, in the order in which they were made; of a file its bytes. */
export function look(disk: Disk, path: string): { names: string[] } | { bytes: Buffer } | undefined {
  const found = path === '' ? 'directory' : disk.entries.get(path)
  if (found === undefined) return undefined
  if (found !== 'directory') return { bytes: found }
  const prefix = path === '' ? '' : `${path}/`
  const names = [...disk.entries.keys()].filter(one => one.startsWith(prefix)).map(one => one.slice(prefix.length))
  return { names: names.filter(one => one !== '' && !one.includes('/')) }
}

const parentOf = (path: string) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '')
const isDirectory = (disk: Disk, path: string) => path === '' || disk.entries.get(path) === 'directory'

/** Puts a file there; false where there is no such directory, or no room. */
export function store(disk: Disk, path: string, bytes: Buffer, append: boolean): boolean {
  const before = disk.entries.get(path)
  if (path === '' || before === 'directory' || !isDirectory(disk, parentOf(path))) return false
  const content = append && before ? Buffer.concat([before, bytes]) : Buffer.from(bytes)
  const bytesAfter = disk.bytes - (before?.length ?? 0) + content.length
  if (bytesAfter > BYTES || (before === undefined && disk.entries.size >= ENTRIES)) return false
  disk.bytes = bytesAfter
  disk.entries.set(path, content)
  return true
}

export function makeDirectory(disk: Disk, path: string): boolean {
  if (path === '' || disk.entries.has(path) || !isDirectory(disk, parentOf(path)) || disk.entries.size >= ENTRIES)
    return false
  disk.entries.set(path, 'directory')
  return true
}

export function remove(disk: Disk, path: string): boolean {
  const found = disk.entries.get(path)
  if (found === undefined) return false
  if (found === 'directory' && [...disk.entries.keys()].some(one => one.startsWith(`${path}/`))) return false
  if (found !== 'directory') disk.bytes -= found.length
  return disk.entries.delete(path)
}
