import { isIPv6 } from 'node:net'
import type { ProcessEntry, ProcessTable } from './process-table.ts'

/** A socket of the Internet families, as /proc/net and ss(8) show it. */
export type Socket = {
  protocol: 'tcp' | 'udp'
  v6: boolean
  local: string
  localPort: number
  remote: string
  remotePort: number
  state: 'LISTEN' | 'ESTAB' | 'UNCONN'
  uid: number
  inode: number
  /** Of a listening socket: how many connections may wait. */
  backlog: number
  holders: readonly { pid: number; name: string; fd: number }[]
}

const plain = (address: string): string => address.replace(/^::ffff:/, '')

/** What is open follows from what runs: who stops nginx closes port 80. */
export const socketsOf = (processes: Pick<ProcessTable, 'list'>): Socket[] => {
  const all = processes.list()
  const sockets: Socket[] = []
  const listen = (port: number, backlog: number, holders: Socket['holders'], inode: number): void => {
    for (const v6 of [false, true]) {
      const local = v6 ? '::' : '0.0.0.0'
      const held = holders.map(holder => ({ ...holder, fd: holder.fd + Number(v6) }))
      sockets.push(open({ v6, local, localPort: port, backlog, holders: held, inode: inode + Number(v6) * 11 }))
    }
  }
  const connected = all.filter(({ connection }) => connection)
  const portOf = (name: RegExp): number | undefined => connected.find(({ exe }) => name.test(exe))?.connection?.port
  for (const { pid, uid, name, argv, listens = [] } of all) {
    const holder = { pid, name }
    listens.forEach((port, index) => {
      const inode = 700 + (pid % 97) * 3 + index
      sockets.push(open({ localPort: port, backlog: 128, holders: [{ ...holder, fd: 3 + index }], inode }))
    })
    if (name === 'sshd' && argv[0]?.includes('[listener]'))
      listen(portOf(/\/sshd$/) ?? 22, 128, [{ ...holder, fd: 3 }], 15_200 + (pid % 97))
    if (name === 'nginx' && argv[0]?.includes('master')) {
      const workers = all.filter(other => other.name === 'nginx' && other.ppid === pid).toReversed()
      listen(
        80,
        511,
        [...workers, { pid, name }].map(one => ({ pid: one.pid, name: one.name, fd: 5 })),
        15_400 + (pid % 97),
      )
    }
    if (name === 'systemd-resolve') {
      for (const protocol of ['udp', 'tcp'] as const)
        sockets.push(
          open({
            protocol,
            local: '127.0.0.53%lo',
            localPort: 53,
            state: protocol === 'udp' ? 'UNCONN' : 'LISTEN',
            backlog: protocol === 'udp' ? 0 : 4096,
            uid,
            holders: [{ ...holder, fd: protocol === 'udp' ? 13 : 14 }],
            inode: 14_300 + (pid % 97) + Number(protocol === 'tcp'),
          }),
        )
    }
    if (name === 'dhclient' || name === 'systemd-network') {
      const inode = 13_900 + (pid % 97)
      sockets.push(
        open({ protocol: 'udp', localPort: 68, state: 'UNCONN', backlog: 0, holders: [{ ...holder, fd: 7 }], inode }),
      )
    }
  }
  // Other daemons are started by systemd for each connection, which listens for them.
  const activated = portOf(/telnetd$/)
  if (activated !== undefined && all.some(({ pid }) => pid === 1))
    listen(activated, 4096, [{ pid: 1, name: 'systemd', fd: 41 }], 14_100)
  for (const entry of connected) sockets.push(established(entry))
  return sockets
}

const open = (given: Partial<Socket>): Socket => ({
  protocol: 'tcp',
  v6: false,
  local: '0.0.0.0',
  localPort: 0,
  remote: given.v6 ? '::' : '0.0.0.0',
  remotePort: 0,
  state: 'LISTEN',
  uid: 0,
  inode: 0,
  backlog: 0,
  holders: [],
  ...given,
})

const established = ({ pid, name, connection }: ProcessEntry): Socket => {
  const { from, fromPort, to, port } = connection!
  const v6 = isIPv6(plain(to))
  return open({
    v6,
    local: plain(to),
    localPort: port,
    remote: plain(from),
    remotePort: fromPort,
    state: 'ESTAB',
    inode: 20_000 + pid * 3,
    holders: [{ pid, name, fd: 4 }],
  })
}
