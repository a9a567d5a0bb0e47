import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import * as tls from 'node:tls'

/** What the client says next; `upload` goes over the data connection once the server asks for it. */
export type Step = { say: string; upload?: string }
/** What came back: the replies to one step, and what the data connection carried. */
export type Exchange = { say: string; replies: string; upload?: string; data?: string }

export type Dial = {
  control: Duplex
  /** Opens the data connection that a 227 or 229 reply announced. */
  data(port: number): Promise<Duplex>
  /** The client's half of a TLS handshake. */
  secure(wire: Duplex): Promise<Duplex>
}

/**
 * Plays a client's part step by step, the way a patient FTP client does: it waits for the whole reply, connects to a
 * passive port as soon as it is announced, and reads a transfer to its end before the closing reply.
 */
export async function converse(dial: Dial, steps: readonly Step[]): Promise<Exchange[]> {
  const exchanges: Exchange[] = []
  let control = reader(dial.control)
  let data: Duplex | undefined
  let protectedData = false
  exchanges.push({ say: '', replies: await control.reply() })
  for (const { say, upload } of steps) {
    control.send(say)
    let replies = await control.reply()
    const exchange: Exchange = { say, replies }
    exchanges.push(exchange)
    if (replies === '') break
    const announced = /^227 .*,(\d+),(\d+)\)|^229 .*\|\|\|(\d+)\|/m.exec(replies)
    if (announced) {
      data?.destroy()
      data = await dial.data(announced[3] ? Number(announced[3]) : Number(announced[1]) * 256 + Number(announced[2]))
    } else if (/^1\d\d /m.test(replies)) {
      const channel = data && protectedData ? await dial.secure(data) : data
      data = undefined
      if (!channel) exchange.data = '(no data connection)'
      else if (upload !== undefined) {
        channel.end(Buffer.from(upload, 'latin1'))
        exchange.upload = upload
        channel.resume()
      } else exchange.data = await all(channel)
      exchange.replies = replies += await control.reply()
    } else if (/^234 /.test(replies)) {
      control = reader(await dial.secure(control.detach()))
    } else if (/^200/.test(replies) && /^PROT P/i.test(say)) protectedData = true
    else if (/^200/.test(replies) && /^PROT C/i.test(say)) protectedData = false
    if (/^221 |^421 /m.test(replies)) break
  }
  data?.destroy()
  dial.control.destroy()
  return exchanges
}

export async function secure(wire: Duplex): Promise<Duplex> {
  const secured = tls.connect({ socket: wire as never, rejectUnauthorized: false, maxVersion: 'TLSv1.2' })
  await once(secured, 'secureConnect')
  return secured
}

async function all(stream: Duplex): Promise<string> {
  let text = ''
  stream.on('data', chunk => (text += chunk.toString('latin1')))
  stream.on('error', () => {})
  if (!stream.readableEnded) await Promise.race([once(stream, 'end'), once(stream, 'close')])
  stream.destroy()
  return text
}

/** Whole replies (RFC 959 §4.2: `NNN-` opens a multi-line reply that ends with `NNN `); empty at the end. */
function reader(wire: Duplex) {
  let held = ''
  let ended = false
  let wake: (() => void) | undefined
  const onData = (chunk: Buffer) => {
    held += chunk.toString('latin1')
    wake?.()
  }
  const onEnd = () => {
    ended = true
    wake?.()
  }
  wire.on('data', onData)
  for (const name of ['end', 'close', 'error']) wire.on(name, onEnd)
  const heardWithin = (seconds: number) =>
    new Promise<boolean>(resolve => {
      const timer = setTimeout(resolve, seconds * 1000, false)
      wake = () => {
        clearTimeout(timer)
        resolve(true)
      }
    })
  return {
    send: (line: string) => void wire.write(`${line}\r\n`, 'latin1'),
    async reply(seconds = 15): Promise<string> {
      for (;;) {
        const whole = /^(\d\d\d)(?: [^\n]*\n|-[\s\S]*?\n\1 [^\n]*\n)/.exec(held)
        if (whole) {
          held = held.slice(whole[0].length)
          return whole[0]
        }
        if (ended) {
          const rest = held
          held = ''
          return rest
        }
        if (!(await heardWithin(seconds))) return ''
      }
    },
    detach(): Duplex {
      wire.off('data', onData)
      for (const name of ['end', 'close', 'error']) wire.off(name, onEnd)
      return wire
    },
  }
}
