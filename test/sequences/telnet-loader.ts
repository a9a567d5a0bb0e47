import assert from 'node:assert/strict'
import net from 'node:net'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import telnet from '#services/telnet/index.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'

/**
 * The other side of a Telnet infection: a service in this process behind a real socket, and the state machine of a
 * loader that talks to it. Written after public descriptions of the families; what it brings is inert.
 */
export type Host = {
  port: number
  events: ReturnType<typeof listeningRecorder>['events']
  /** Every session is over, and all that was witnessed is told. */
  over(): Promise<void>
  close(): void
}

/** Telnet as configured, on a loopback port; one attacker's memory for all connections. */
export async function startHost(options: unknown): Promise<Host> {
  const { record, events } = listeningRecorder()
  const memory = new Map<string, object>()
  const sessions = new Set<Promise<unknown>>()
  const sockets = new Set<net.Socket>()
  const server = net.createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket.on('error', () => {}))
    const conn = new Conn(socket, { ...defaultLimits, ...telnet.limits })
    const cx = testContext(telnet, record, { options, memory })
    const session = telnet.session!(conn, cx)
      .catch(() => {})
      .finally(() => conn.end())
    sessions.add(session)
  })
  server.listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  return {
    port: (server.address() as net.AddressInfo).port,
    events,
    async over() {
      const late = new Promise((_, reject) => {
        setTimeout(() => reject(new Error('A session goes on')), 15_000).unref()
      })
      await Promise.race([Promise.all(sessions), late])
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

const [SE, SB, WILL, WONT, DO, DONT, IAC] = [240, 250, 251, 252, 253, 254, 255]
const NAWS = 31

/** A loader's connection: options refused but for a window size, as the families do; text by prompts. */
export class Loader {
  readonly #socket: net.Socket
  #text = ''
  #raw: Buffer = Buffer.alloc(0)
  #over = false
  /** The last byte before a chunk was a CR. */
  #afterCr = false
  #wake = () => {}

  constructor(port: number) {
    this.#socket = net.connect(port, '127.0.0.1')
    this.#socket.on('data', (chunk: Buffer) => this.#hear(chunk))
    for (const end of ['close', 'error'])
      this.#socket.on(end, () => {
        this.#over = true
        this.#wake()
      })
  }

  /** Takes IAC sequences out and answers them; what is left is text, with its doubled IACs undone. */
  #hear(chunk: Buffer) {
    const bytes = Buffer.concat([this.#raw, chunk])
    const answers: number[] = []
    let text = ''
    let at = 0
    for (; at < bytes.length; at++) {
      if (bytes[at] !== IAC) {
        // CR NUL is a CR (RFC 854).
        if (!(bytes[at] === 0 && this.#afterCr)) text += String.fromCharCode(bytes[at]!)
        this.#afterCr = bytes[at] === 13
        continue
      }
      const [verb, option] = [bytes[at + 1], bytes[at + 2]]
      if (verb === undefined) break
      if (verb === IAC) {
        text += '\xff'
        at++
      } else if (verb === SB) {
        const end = bytes.indexOf(Buffer.of(IAC, SE), at)
        if (end < 0) break
        at = end + 1
      } else if (verb < SB) at++
      else {
        if (option === undefined) break
        at += 2
        if (verb === DO && option === NAWS) answers.push(IAC, WILL, NAWS, IAC, SB, NAWS, 0, 80, 0, 24, IAC, SE)
        else if (verb === DO) answers.push(IAC, WONT, option)
        else if (verb === WILL) answers.push(IAC, DONT, option)
      }
    }
    this.#raw = bytes.subarray(at)
    this.#text += text
    if (answers.length > 0) this.#socket.write(Buffer.from(answers))
    this.#wake()
  }

  send(line: string) {
    this.#socket.write(Buffer.from(`${line}\r\n`, 'latin1'))
  }

  /** What came up to and with the mark, which it throws without after twenty seconds. Latin-1. */
  async expect(mark: RegExp | string): Promise<string> {
    const ends = Date.now() + 20_000
    for (;;) {
      const found = typeof mark === 'string' ? this.#text.indexOf(mark) : (mark.exec(this.#text)?.index ?? -1)
      if (found >= 0) {
        const length = typeof mark === 'string' ? mark.length : mark.exec(this.#text)![0].length
        const heard = this.#text.slice(0, found + length)
        this.#text = this.#text.slice(found + length)
        return heard
      }
      if (this.#over || Date.now() > ends)
        throw new Error(
          `No ${mark} in ${JSON.stringify(this.#text.slice(-2000))}${this.#over ? ', and it hung up' : ''}`,
        )
      await new Promise<void>(resolve => {
        this.#wake = resolve
        setTimeout(resolve, 200)
      })
    }
  }

  /** Sends a line with the query that marks its end, and gives what came before the answer to it. */
  async query(line: string, token: string): Promise<string> {
    this.send(line === '' ? `/bin/busybox ${token}` : `${line}; /bin/busybox ${token}`)
    return this.expect(`${token}: applet not found`)
  }

  leave() {
    this.#socket.destroy()
  }
}

/** Plays a loader's part to its end, and waits until all of it is told. */
export async function play(host: Host, story: (loader: Loader) => Promise<void>): Promise<void> {
  const loader = new Loader(host.port)
  try {
    await story(loader)
  } finally {
    loader.leave()
  }
  await host.over()
}

/** e_machine (ELF, figure 1-3) of what a loader read of a program, found by its magic; `undefined` without one. */
export function machineOf(heard: string): number | undefined {
  const at = heard.indexOf('\x7fELF')
  const header = Buffer.from(heard.slice(at, at + 20), 'latin1')
  if (at < 0 || header.length < 20) return undefined
  return header[5] === 2 ? header.readUInt16BE(18) : header.readUInt16LE(18)
}

/** A program that does nothing, of this machine: the head of an ELF file, and `bytes` in all that have every value. */
export function inertElf(machine: number, bits: 32 | 64, bytes: number): Buffer {
  const program = Buffer.alloc(bytes)
  for (let at = 0; at < bytes; at++) program[at] = (at * 7 + (at >> 8)) & 255
  program.set([0x7f, 0x45, 0x4c, 0x46, bits / 32, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  program.writeUInt16LE(2, 16)
  program.writeUInt16LE(machine, 18)
  return program
}

/** `\x7f\x45…`, as echo loaders write octets; `lines` of so many octets each. */
export function octetLines(program: Buffer, octets: number): string[] {
  const lines: string[] = []
  for (let at = 0; at < program.length; at += octets)
    lines.push([...program.subarray(at, at + octets)].map(byte => `\\x${byte.toString(16).padStart(2, '0')}`).join(''))
  return lines
}

/**
 * The state machine of Mirai's loader (its published server.c), up to the point where a method of transport is chosen. `machine`: e_machine of the host. */
export async function infect(
  loader: Loader,
  user: string,
  password: string,
  machine: number,
): Promise<{ folder: string; wget: boolean; tftp: boolean }> {
  await loader.expect(/ogin: ?$|[:>%$#] ?$/)
  loader.send(user)
  await loader.expect(/assword: ?$/)
  loader.send(password)
  await loader.expect(/[:>%$#] ?$/)
  for (const word of ['enable', 'system', 'shell', 'sh']) loader.send(word)
  await loader.query('', 'ECCHI')
  const processes = await loader.query('/bin/busybox ps', 'ECCHI')
  assert.match(processes, /\d+ +\S+/)
  const mounts = await loader.query('/bin/busybox cat /proc/mounts', 'ECCHI')
  const places = mounts
    .split('\r\n')
    .map(line => line.split(' '))
    .filter(([, , , flags]) => flags?.startsWith('rw'))
    .map(([, place]) => place!)
  assert.ok(places.length > 0, mounts)
  // "kami", written and read back where it may be.
  for (const place of places)
    loader.send(
      `/bin/busybox echo -e '\\x6b\\x61\\x6d\\x69${place}' > ${place}/.nippon; /bin/busybox cat ${place}/.nippon; /bin/busybox rm ${place}/.nippon`,
    )
  loader.send(
    `/bin/busybox echo -e '\\x6b\\x61\\x6d\\x69/dev' > /dev/.nippon; /bin/busybox cat /dev/.nippon; /bin/busybox rm /dev/.nippon`,
  )
  const read = await loader.query('', 'ECCHI')
  const folder = /\r\nkami(\/[^\r]*)\r\n/.exec(read)?.[1]
  assert.ok(folder, read)
  loader.send(`rm ${folder}/.t; rm ${folder}/.sh; rm ${folder}/.human`)
  await loader.query(`cd ${folder}/`, 'ECCHI')
  await loader.query('/bin/busybox cp /bin/echo dvrHelper; >dvrHelper; /bin/busybox chmod 777 dvrHelper', 'ECCHI')
  const echo = await loader.query('/bin/busybox cat /bin/echo', 'ECCHI')
  assert.equal(machineOf(echo), machine)
  const methods = await loader.query('/bin/busybox wget; /bin/busybox tftp', 'ECCHI')
  return {
    folder,
    wget: !methods.includes('wget: applet not found'),
    tftp: !methods.includes('tftp: applet not found'),
  }
}
