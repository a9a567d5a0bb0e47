import net, { type Server, type Socket } from 'node:net'
import { portBehind } from '#firewall/range.ts'
import { plainAddress } from './address.ts'
import { Admission, type AdmissionLimits } from './admission.ts'
import { Budget } from './budget.ts'
import { Conn, defaultLimits, type Gate, type Limits } from './conn.ts'
import { converse, type Running, type World } from './converse.ts'
import { PassivePool } from './passive.ts'
import { readProxyHeader } from './proxy-protocol.ts'
import type { Endpoint } from './service.ts'
import { leadStranger, leadToProxy } from './strangers.ts'
import { leadInside } from './tunnels.ts'

export type TcpOptions = {
  gate: Gate
  admission: AdmissionLimits
  limits: Partial<Limits>
  /** Bytes that all conversations together may hold in memory. */
  memory?: number
  /** Every service that runs: who comes to nobody's port is led to one of them. */
  house?: ReadonlyMap<string, Running>
  /** Front ends whose PROXY protocol header is believed, and demanded. */
  proxies: readonly string[]
}
/** A port a service asked for: where it listens, or why it does not. */
export type Bound = { service: string; endpoint: Endpoint; address: string; port: number; why?: string; code?: string }

/** Peers that read nothing, or send what nobody reads yet, cost no more than this together. */
const MEMORY = 64 << 20
/** A data connection carries a file, not a dialogue. */
const dataLimits: Limits = { ...defaultLimits, total: 4 * 2 ** 30 }

/** All TCP listeners of a sensor and the conversations behind them. */
export function tcpSide(world: World, options: TcpOptions) {
  const admission = new Admission(options.admission)
  const budget = new Budget(options.memory ?? MEMORY)
  const servers: Server[] = []
  const pools = new Map<string, PassivePool>()
  const counts = new Map<string, number>()
  const now = world.recording.now
  let vanished = 0

  async function bind(running: Running, endpoint: Endpoint, address: string, port: number): Promise<Bound> {
    const { service } = running
    const bound: Bound = { service: service.name, endpoint, address, port }
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, socket => {
      socket.on('error', ignore)
      // A peer may be gone before we hear of it.
      if (socket.remoteAddress === undefined || socket.localAddress === undefined) {
        vanished++
        return void socket.destroy()
      }
      const pool = pools.get(service.name)
      if (!endpoint.pool) accept(running, endpoint, socket).catch(() => socket.destroy())
      else if (pool) pool.connected(port, plainAddress(socket.remoteAddress), socket)
      else socket.destroy()
    })
    servers.push(server)
    try {
      await listen(server, address, port)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      return { ...bound, why: code === 'EADDRINUSE' ? 'taken' : message, ...(code === undefined ? {} : { code }) }
    }
    return bound
  }

  /** Ports of a pool that are bound; call once all are. */
  function openPool(service: string, ports: number[]) {
    pools.set(service, new PassivePool(ports, dataLimits, options.gate, now, budget))
  }

  const limitsOf = ({ service }: Running): Limits => ({ ...defaultLimits, ...options.limits, ...service.limits })

  async function accept(running: Running, endpoint: Endpoint, socket: Socket) {
    const destination = asked(endpoint, plainAddress(socket.localAddress!), socket.localPort ?? 0)
    if (!destination) return void socket.destroy()
    let who = { source: { ip: plainAddress(socket.remoteAddress!), port: socket.remotePort ?? 0 }, destination }
    const conn = new Conn(socket, limitsOf(running), options.gate, now, budget)
    const front = options.proxies.includes(who.source.ip) ? who.source.ip : undefined
    if (!admission.admit(front ?? who.source.ip, conn)) return void socket.destroy()
    socket.once('close', () => admission.leave(conn))
    if (front !== undefined) {
      const proxied = await readProxyHeader(conn).catch(() => undefined)
      if (!proxied || !admission.move(conn, proxied.source.ip)) return void socket.destroy()
      who = proxied
    }
    const stranger = endpoint.spare || endpoint.redirected !== undefined
    const host = stranger
      ? await leadStranger(conn, endpoint.spare ? endpoint.port : who.destination.port, options.house!, running)
      : endpoint.proxied && options.house
        ? await leadToProxy(conn, options.house, running)
        : { running, tls: endpoint.tls === true }
    if (host.running !== running) conn.under(limitsOf(host.running))
    const { name } = host.running.service
    counts.set(name, (counts.get(name) ?? 0) + 1)
    try {
      await converse(
        host.running,
        conn,
        {
          ...who,
          transport: 'tcp',
          tls: host.tls,
          ...(stranger ? {} : { port: endpoint.port }),
          ...(front === undefined ? {} : { proxy: front }),
        },
        world,
        (record, tls) => pools.get(name)?.reserve(who.source.ip, record, tls),
        options.house && leadInside(options.house, limitsOf),
      )
    } finally {
      counts.set(name, counts.get(name)! - 1)
    }
  }

  function sweep() {
    const at = now()
    admission.sweep(at)
    for (const pool of pools.values()) pool.sweep(at)
  }

  function close() {
    for (const server of servers) server.close()
    admission.closeAll()
  }

  const stats = () => ({
    held: admission.size,
    refused: admission.refused,
    vanished,
    evicted: admission.evicted,
    memory: budget.held,
    connections: Object.fromEntries(counts),
  })
  return { bind, openPool, sweep, close, stats }
}

const ignore = () => {}

/** What the peer asked for; `undefined` where it cannot be told: nobody is led to us by another way. */
function asked(endpoint: Endpoint, ip: string, port: number) {
  if (endpoint.redirected === undefined) return { ip, port }
  const behind = portBehind(ip)
  return behind === undefined ? undefined : { ip: endpoint.redirected, port: behind }
}

/** A short backlog lets clients believe that they are connected and never serves them. */
function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog: 4096 }, () => {
      server.removeListener('error', reject)
      // Running out of file descriptors shows here; the listener stays.
      server.on('error', ignore)
      resolve()
    })
  })
}
