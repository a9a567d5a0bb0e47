import { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#sensor/endings.ts'

/** Options of a PRELOGIN message. MS-TDS 2.2.6.5. */
const option = {
  version: 0,
  encryption: 1,
  instance: 2,
  thread: 3,
  mars: 4,
  trace: 5,
  federated: 6,
  end: 0xff,
} as const

export const encryption = { off: 0, on: 1, none: 2, required: 3 } as const

export type Prelogin = {
  version: string
  encryption: number | undefined
  instance: string
  thread: number | undefined
  /** Which options were there, in their order. */
  options: readonly number[]
}

export function parsePrelogin(data: Buffer): Prelogin {
  const head = new Cursor(data)
  const found: Prelogin & { options: number[] } = {
    version: '',
    encryption: undefined,
    instance: '',
    thread: undefined,
    options: [],
  }
  for (;;) {
    const id = head.u8()
    if (id === option.end) break
    if (found.options.length >= 16) throw new Malformed('More options than there are')
    const [offset, length] = [head.u16be(), head.u16be()]
    if (offset + length > data.length) throw new Malformed('An option leads out of its message')
    const value = data.subarray(offset, offset + length)
    found.options.push(id)
    if (id === option.version && length >= 4) found.version = `${value[0]}.${value[1]}.${value.readUInt16BE(2)}`
    else if (id === option.encryption && length >= 1) found.encryption = value[0]! & 0x3f
    else if (id === option.instance) found.instance = value.toString('latin1').split('\0')[0]!
    else if (id === option.thread && length >= 4) found.thread = value.readUInt32LE()
  }
  if (found.options.length === 0) throw new Malformed('A PRELOGIN without options')
  return found
}

/** What we answer to a client's wish: MS-TDS 2.2.6.5, "Encryption". */
export function agreed(wanted: number | undefined, policy: 'offered' | 'required' | 'off'): number {
  if (policy === 'off') return encryption.none
  if (policy === 'required') return encryption.required
  if (wanted === encryption.on || wanted === encryption.required) return encryption.on
  return wanted === encryption.none || wanted === undefined ? encryption.none : encryption.off
}

/** The answer has the options that were asked for, in their order. `version`: `16.0.4175.1`. */
export function preloginAnswer(asked: Prelogin, version: string, chosen: number): Buffer {
  const [major = 0, minor = 0, build = 0] = version.split('.').map(Number)
  const ours = new Map<number, Buffer>([
    [option.version, Buffer.of(major, minor, build >> 8, build & 255, 0, 0)],
    [option.encryption, Buffer.of(chosen)],
    [option.instance, Buffer.of(/^(?:|mssqlserver)$/i.test(asked.instance) ? 0 : 1)],
    [option.thread, Buffer.alloc(0)],
    // Several result sets at once are never agreed to.
    [option.mars, Buffer.of(0)],
    [option.trace, Buffer.alloc(0)],
    [option.federated, Buffer.of(1)],
  ])
  const ids = [...ours.keys()].filter(id => id < option.mars || asked.options.includes(id))
  let offset = ids.length * 5 + 1
  const head = Buffer.alloc(offset, option.end)
  const parts: Buffer[] = [head]
  for (const [n, id] of ids.entries()) {
    const value = ours.get(id)!
    head[n * 5] = id
    head.writeUInt16BE(offset, n * 5 + 1)
    head.writeUInt16BE(value.length, n * 5 + 3)
    offset += value.length
    parts.push(value)
  }
  return Buffer.concat(parts)
}
