import type { KeyObject } from 'node:crypto'
import { Cursor } from '../../../src/codec/cursor.ts'
import type { Conn } from '../../../src/sensor/conn.ts'
import { Hangup } from '../../../src/sensor/endings.ts'
import { Message } from '../../../src/services/ssh/messages.ts'
import { offer, TestClient } from '../../../src/services/ssh/testing.ts'
import type { SessionProbe } from './session-probes.ts'

/**
 * What a server says to whoever is logged in, message by message, a list a round. Data of a channel that follows each other
 * is one, since it may come in any pieces. `quiet` is done when nothing more will come for now: `false` when it is over.
 */
export async function observeSession(
  conn: Conn,
  { identification = 'SSH-2.0-Test_1.0\r\n', rounds }: SessionProbe,
  key: KeyObject,
  quiet: (heard: () => number) => Promise<void>,
): Promise<string[][]> {
  const client = new TestClient(conn, identification.trimEnd())
  await client.handshake(offer())
  const answer = await client.authenticate('root', key)
  if (answer !== Message.userauthSuccess) throw new Error(`Not let in: ${answer}`)
  const said: string[][] = [[]]
  let heard = 0
  let over = false
  const reading = (async () => {
    try {
      for (;;) {
        const line = spoken(await client.receive())
        const round = said.at(-1)!
        const before = round.at(-1)
        heard++
        const joined = before && join(before, line)
        if (joined) round[round.length - 1] = joined
        else round.push(line)
      }
    } catch (error) {
      if (!(error instanceof Hangup)) throw error
      said.at(-1)!.push('closed')
      over = true
    }
  })()
  await quiet(() => heard)
  for (const round of rounds) {
    if (over) break
    said.push([])
    await conn.write(Buffer.concat(round.map(payload => client.packet(payload)))).catch(() => undefined)
    await quiet(() => heard)
  }
  const stillOpen = !over
  conn.hangup('done')
  await reading
  if (stillOpen) said.at(-1)![said.at(-1)!.length - 1] = 'open'
  return said.map(inOrder)
}

/**
 * A program's end is told in the order in which sshd learns of it, which differs from run to run: here the end of its
 * output stands first, then its status, then that it reads no more.
 */
function inOrder(lines: string[]): string[] {
  const ordered = [...lines]
  const status = ordered.findIndex(line => /^request \d+ exit-/.test(line))
  const id = Number(/^request (\d+)/.exec(ordered[status] ?? '')?.[1])
  const last = ordered.findLastIndex(
    line => line === `60${id.toString(16).padStart(8, '0')}` || line.startsWith(`data ${id} `),
  )
  if (status >= 0 && last > status) ordered.splice(last, 0, ...ordered.splice(status, 1))
  const eow = ordered.findIndex(line => line.includes(' eow@openssh.com '))
  const told = ordered.findLastIndex(line => /^request \d+ exit-/.test(line))
  if (eow >= 0 && told > eow) ordered.splice(told, 0, ...ordered.splice(eow, 1))
  // Data that were apart because of it.
  return ordered.reduce<string[]>((joined, line) => {
    const both = joined.length > 0 ? join(joined.at(-1)!, line) : undefined
    if (both) joined[joined.length - 1] = both
    else joined.push(line)
    return joined
  }, [])
}

const dataLine = /^(data|stderr) (\d+) (.*)$/s
function join(before: string, line: string): string | undefined {
  const [, kind, id, text] = dataLine.exec(before) ?? []
  const [, otherKind, otherId, more] = dataLine.exec(line) ?? []
  if (kind === undefined || kind !== otherKind || id !== otherId) return undefined
  return `${kind} ${id} ${JSON.stringify(`${JSON.parse(text!)}${JSON.parse(more!)}`)}`
}

/** A message in words. What is as long as the machine's keys, or drawn by lot, is told by its kind. */
function spoken(payload: Buffer): string {
  const from = new Cursor(payload.subarray(1))
  const text = () => from.lp32().toString('latin1')
  const rest = () => (from.left > 0 ? ` +${from.rest().toString('hex')}` : '')
  switch (payload[0]) {
    case Message.disconnect:
      return `disconnect ${from.u32be()} ${JSON.stringify(text())}`
    case Message.unimplemented:
      return `unimplemented ${from.u32be()}`
    case Message.debug:
      return `debug ${from.u8()} ${JSON.stringify(text().replace(/^\/.*?:\d+: /, 'FILE:1: '))}`
    case Message.globalRequest: {
      const name = text()
      const wants = from.u8()
      const kinds: string[] = []
      while (from.left > 0) kinds.push(new Cursor(from.lp32()).lp32().toString('latin1'))
      return `global ${name} ${wants} ${kinds.join(' ')}`
    }
    case Message.requestSuccess:
      return `success${rest()}`
    case Message.requestFailure:
      return `failure${rest()}`
    case Message.channelOpenConfirmation:
      return `opened ${from.u32be()} as ${from.u32be()} window ${from.u32be()} packet ${from.u32be()}${rest()}`
    case Message.channelOpenFailure:
      return `not opened ${from.u32be()} code ${from.u32be()} ${JSON.stringify(text())} ${JSON.stringify(text())}`
    case Message.channelWindowAdjust:
      return `window ${from.u32be()} ${from.u32be()}`
    case Message.channelData:
      return `data ${from.u32be()} ${JSON.stringify(text())}`
    case Message.channelExtendedData: {
      const id = from.u32be()
      return from.u32be() === 1 ? `stderr ${id} ${JSON.stringify(text())}` : 'extended data of another kind'
    }
    case Message.channelRequest: {
      const id = from.u32be()
      return `request ${id} ${text()} ${from.u8()}${rest()}`
    }
    default:
      return payload.toString('hex')
  }
}
