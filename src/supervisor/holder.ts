import fs from 'node:fs'

/** The process that holds a port, as `name (pid N)`; `undefined` when /proc does not tell us. */
export function portHolder(transport: 'tcp' | 'udp', port: number): string | undefined {
  const inodes = new Set([transport, `${transport}6`].flatMap(table => listeners(table, port)))
  if (inodes.size === 0) return undefined
  for (const pid of read(() => fs.readdirSync('/proc')) ?? []) {
    if (!/^\d+$/.test(pid)) continue
    for (const fd of read(() => fs.readdirSync(`/proc/${pid}/fd`)) ?? []) {
      const link = read(() => fs.readlinkSync(`/proc/${pid}/fd/${fd}`))
      if (link?.startsWith('socket:[') && inodes.has(link.slice(8, -1)))
        return `${read(() => fs.readFileSync(`/proc/${pid}/comm`, 'utf8'))?.trim() ?? '?'} (pid ${pid})`
    }
  }
  return undefined
}

/** TCP ports at which programs of this name (proc(5), comm) listen for others than this machine itself, as far as /proc tells us. */
export function portsOf(program: string): number[] {
  const inodes = new Set(
    (read(() => fs.readdirSync('/proc')) ?? [])
      .filter(pid => /^\d+$/.test(pid) && read(() => fs.readFileSync(`/proc/${pid}/comm`, 'utf8'))?.trim() === program)
      .flatMap(pid =>
        (read(() => fs.readdirSync(`/proc/${pid}/fd`)) ?? []).map(fd =>
          read(() => fs.readlinkSync(`/proc/${pid}/fd/${fd}`)),
        ),
      )
      .flatMap(link => (link?.startsWith('socket:[') ? [link.slice(8, -1)] : [])),
  )
  if (inodes.size === 0) return []
  return listeningSockets().flatMap(({ port, inode, loopback }) => (!loopback && inodes.has(inode) ? [port] : []))
}

/** proc(5), /proc/net/tcp: `sl local_address rem_address st … inode`; 0A is LISTEN. */
export function listeningSockets(): { port: number; inode: string; loopback: boolean }[] {
  return ['tcp', 'tcp6'].flatMap(table => {
    const [, ...lines] = (read(() => fs.readFileSync(`/proc/net/${table}`, 'utf8')) ?? '').split('\n')
    return lines
      .map(line => line.trim().split(/\s+/))
      .filter(columns => columns[3] === '0A')
      .map(({ 1: local = '', 9: inode = '' }) => ({
        port: Number.parseInt(local.slice(local.indexOf(':') + 1), 16),
        inode,
        loopback: /^(?:[0-9A-F]{6}7F|0{24}01000000):/.test(local),
      }))
  })
}

/** proc(5), /proc/net/tcp: `sl local_address rem_address st … inode`; 0A is LISTEN, UDP sockets are 07. */
function listeners(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  const state = table.startsWith('tcp') ? '0A' : '07'
  const lines =
    read(() => fs.readFileSync(`/proc/net/${table}`, 'utf8'))
      ?.split('\n')
      .slice(1) ?? []
  return lines
    .map(line => line.trim().split(/\s+/))
    .filter(columns => columns[1]?.endsWith(`:${wanted}`) && columns[3] === state)
    .map(columns => columns[9]!)
}

function read<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
