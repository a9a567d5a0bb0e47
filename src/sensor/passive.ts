import type { Socket } from 'node:net'
import type { Recorder } from '#events/event.ts'
import type { Budget } from './budget.ts'
import { Conn, type Gate, type Limits } from './conn.ts'
import { Hangup } from './endings.ts'
import type { DataConn, PassivePort } from './service.ts'
import { startTls, type TlsServer } from './tls.ts'

type Reservation = { ip: string; arrived(socket: Socket): void }

/**
 * Data ports bound before the process gave up the right to bind. A session reserves one for its peer; only that address
 * gets through, everyone else who knocks is closed on.
 */
export class PassivePool {
  #free: number[]
  #reserved = new Map<number, Reservation>()
  #limits: Limits
  #gate: Gate
  #now: () => number
  #budget: Budget | undefined
  #live = new Set<Conn>()

  constructor(ports: number[], limits: Limits, gate: Gate, now: () => number, budget?: Budget) {
    this.#budget = budget
    this.#free = ports
    this.#limits = limits
    this.#gate = gate
    this.#now = now
  }

  /** A connection at one of the ports; `ip` in plain form. */
  connected(port: number, ip: string, socket: Socket): void {
    const reservation = this.#reserved.get(port)
    if (reservation?.ip === ip) reservation.arrived(socket)
    else socket.destroy()
  }

  reserve(ip: string, record: Recorder, tls: () => TlsServer): PassivePort | undefined {
    // Taken from the front, returned to the back: a port rests for as long as possible between two peers.
    const port = this.#free.shift()
    if (port === undefined) return undefined
    let waiting: Socket | undefined
    let taken = false
    let wake: (() => void) | undefined
    this.#reserved.set(port, {
      ip,
      arrived: socket => {
        socket.on('error', () => {})
        if (waiting || taken) return void socket.destroy()
        // Who breaks off before we look leaves the door open for another try.
        socket.once('close', () => {
          if (waiting === socket) waiting = undefined
        })
        waiting = socket
        wake?.()
      },
    })
    return {
      port,
      accept: async seconds => {
        if (!waiting)
          await new Promise<void>(resolve => {
            const timer = setTimeout(resolve, seconds * 1000)
            wake = () => {
              clearTimeout(timer)
              resolve()
            }
          })
        if (!waiting) throw new Hangup('idle')
        taken = true
        const socket = waiting
        waiting = undefined
        return this.#converse(socket, record, tls)
      },
      release: () => {
        if (!this.#reserved.delete(port)) return
        waiting?.destroy()
        wake?.()
        this.#free.push(port)
      },
    }
  }

  sweep(now: number): void {
    for (const conn of this.#live) conn.expire(now)
  }

  #converse(socket: Socket, record: Recorder, tls: () => TlsServer): DataConn {
    const conn = new Conn(socket, this.#limits, this.#gate, this.#now, this.#budget)
    this.#live.add(conn)
    socket.once('close', () => this.#live.delete(conn))
    return Object.assign(conn, { startTls: () => startTls(conn, tls(), record) })
  }
}
