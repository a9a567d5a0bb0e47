import type { Recorder } from '#events/event.ts'
import { text } from '#events/text.ts'
import type { Account } from '#machine/accounts.ts'
import type { Persona } from '#persona/persona.ts'
import type { Channels } from './channels.ts'

/** Ports that other programs of the machine have. */
const inUse = new Set([22, 53, 80])
/** Listeners of one connection. */
const most = 64
/** GatewayPorts no: whatever is asked for, sshd listens on the loopback of both families. */
const families = 2

export type ForwardSetting = { record: Recorder; account: Account; persona: Persona }

/**
 * Ports that a client wants to be listened on for it (RFC 4254 §7.1). They are recorded and promised, and nobody ever
 * connects to them: nothing listens.
 */
export class Forwards {
  #setting: ForwardSetting
  #channels: Channels
  /** Port or path to the channel numbers that its listeners hold. */
  #held = new Map<string, { address: string; ids: number[] }>()

  constructor(setting: ForwardSetting, channels: Channels) {
    this.#setting = setting
    this.#channels = channels
  }

  /** The port that is listened on from now on; `undefined` when it cannot be. Port 0 is whichever is free. */
  listen(address: string, asked: number): number | undefined {
    this.#record('tcpip-forward', address, asked)
    // The number goes into sixteen bits (getaddrinfo gets its text, which it cuts).
    const port = asked === 0 ? this.#freePort() : asked & 0xffff
    if (inUse.has(port) || (port < 1024 && this.#setting.account.uid !== 0)) return undefined
    return this.#hold(String(port), address, families) ? port : undefined
  }
  cancel(address: string, port: number): boolean {
    const found = this.#held.get(String(port))
    return found?.address === address && this.#let(String(port))
  }
  listenAt(path: string): boolean {
    this.#record('streamlocal-forward', path, 0)
    return path.startsWith('/') && this.#hold(path, '', 1)
  }
  cancelAt(path: string): boolean {
    return this.#let(path)
  }

  #record(kind: string, host: string, port: number): void {
    this.#setting.record.tunnelRequest({ kind, host: text(Buffer.from(host, 'latin1'), 256), port })
  }
  #hold(key: string, address: string, listeners: number): boolean {
    if (this.#held.has(key) || this.#held.size >= most) return false
    const ids: number[] = []
    for (let i = 0; i < listeners; i++) {
      const id = this.#channels.reserve()
      if (id !== undefined) ids.push(id)
    }
    if (ids.length === 0) return false
    this.#held.set(key, { address, ids })
    return true
  }
  #let(key: string): boolean {
    for (const id of this.#held.get(key)?.ids ?? []) this.#channels.release(id)
    return this.#held.delete(key)
  }
  /** Linux's ip_local_port_range. */
  #freePort(): number {
    let port = 32_768 + (this.#setting.persona.derive('forwarded port', 4).readUInt32BE() % 28_000)
    while (this.#held.has(String(port))) port++
    return port
  }
}
