import { Cursor } from '#codec/cursor.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import type { Exchange } from '../../../test/oracle/kit/dialogue.ts'
import dns from './index.ts'
import { respond } from './serve.ts'

/** A message as its header, and its records in an order of their own: a server may turn those of one set around. */
function shown(message: Buffer): string {
  if (message.length < 12) return message.toString('hex')
  const cursor = new Cursor(message)
  const head = cursor.bytes(12)
  const name = (from = cursor): string => {
    const size = from.u8()
    if (size === 0) return '.'
    if (size < 64) return `${from.bytes(size).toString('latin1')}.${name(from)}`
    return name(new Cursor(message.subarray(((size & 63) << 8) | from.u8())))
  }
  try {
    const question = head.readUInt16BE(4) ? `${name()} ${cursor.u16be()} ${cursor.u16be()}` : ''
    const sections = [6, 8, 10].map(at =>
      Array.from({ length: head.readUInt16BE(at) }, () => {
        const start = `${name()} ${cursor.u16be()} ${cursor.u16be()} ${cursor.u32be()}`
        return `${start} ${rdata(start, cursor.lp16(), message)}`
      }).sort(),
    )
    return JSON.stringify([head.toString('hex'), message.length, question, ...sections])
  } catch (error) {
    return `${(error as Error).message} ${message.toString('hex')}`
  }
}

/** What a record holds; of an OPT each option, of a cookie the client's part and its length. */
function rdata(start: string, data: Buffer, message: Buffer): string {
  const type = start.split(' ')[1]
  if (type === '41') {
    const cursor = new Cursor(data)
    const options: string[] = []
    while (cursor.left > 0) {
      const code = cursor.u16be()
      const value = cursor.lp16()
      options.push(`${code}=${code === 10 ? `${value.toString('hex', 0, 9)}… ${value.length}` : value.toString('hex')}`)
    }
    return options.join(' ')
  }
  if (type === '16')
    return data
      .toString('latin1')
      .replace(/^.9\.18\.\d+[^"]*/, 'version')
      .replace(/^.(?:vm|relay3)$/, 'host')
  if (type === '2' || type === '5' || type === '12' || type === '15' || type === '6')
    return expanded(data, message, type)
  return data.toString('hex')
}

function expanded(data: Buffer, message: Buffer, type: string): string {
  let out = ''
  let at = type === '15' ? 2 : 0
  for (let names = type === '6' ? 2 : 1; names > 0; names--) {
    for (let from = data, i = at, own = true; ; ) {
      const size = from[i]!
      if (own) at = i + 1
      if (size === 0) break
      if (size >= 0xc0) {
        if (own) at = i + 2
        i = ((size & 63) << 8) | from[i + 1]!
        from = message
        own = false
        continue
      }
      out += `${from.toString('latin1', i + 1, i + 1 + size)}.`
      i += size + 1
    }
    out += ' '
  }
  // The serial number of the zone is the machine's own.
  return `${out}${type === '6' ? data.subarray(at + 4).toString('hex') : ''}`
}

export const mask = (heard: string): string => {
  // Version and host name differ in length between the recorded machine and ours.
  const text = shown(Buffer.from(heard, 'latin1'))
  return /"(?:version|host)\b|(?:version|host)"/.test(text) ? text.replace(/^\["(\w+)",\d+/, '["$1",0') : text
}

/** Over TCP: every message of an answer by itself. */
export const maskStream = (heard: string): string => {
  const bytes = Buffer.from(heard, 'latin1')
  const out: string[] = []
  for (let at = 0; at + 2 <= bytes.length; at += 2 + bytes.readUInt16BE(at))
    out.push(mask(bytes.toString('latin1', at + 2, at + 2 + bytes.readUInt16BE(at))))
  return out.join('\n')
}

/** Each question with the whole of its answer, of which the runtime lets out what is no larger. */
export async function playDialogue(steps: readonly string[]): Promise<Exchange[]> {
  const cx = testContext(dns, listeningRecorder().record)
  return steps.map(sent => {
    try {
      return { sent, heard: respond(Buffer.from(sent, 'latin1'), cx, false)?.whole.toString('latin1') ?? '' }
    } catch {
      return { sent, heard: '' }
    }
  })
}
export const playStream = (steps: readonly string[]) => playAtUs(dns, steps)
