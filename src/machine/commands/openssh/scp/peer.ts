import type { Process } from '../../../system.ts'

/** Bytes of a control line, as scp(1) takes it. */
const lineMax = 65_536

/** The other end of the wire: bytes, control lines and answers of the protocol of rcp. */
export type Peer = {
  /** At most so many bytes; `undefined`: the connection is lost. */
  read(max: number): Promise<Buffer | undefined>
  /** A line without its end, or as much as a line may have; `undefined`: the connection is lost. */
  line(): Promise<{ text: string; ended: boolean } | undefined>
  write(data: Buffer | string): Promise<void>
  /** All is well. */
  ok(): Promise<void>
  /** `\x01scp: message`, and the program will exit with 1. */
  error(message: string): Promise<void>
  /**
   * The answer to what was sent: `bad` is told and gone on from; after `fatal` and `lost` the program exits with 1.
   */
  response(): Promise<'ok' | 'bad' | 'fatal' | 'lost'>
  /** The other end tells of an error of its own. */
  heard(): void
  /** Errors told or heard of. */
  errors(): number
}

export const peerOf = (process: Process): Peer => {
  let kept: Buffer | undefined
  let errors = 0
  const read = async (max: number): Promise<Buffer | undefined> => {
    const data = kept ?? (await process.stdin.read())
    kept = undefined
    if (data === undefined || data.length <= max) return data
    kept = data.subarray(max)
    return data.subarray(0, max)
  }
  const line: Peer['line'] = async () => {
    const pieces: Buffer[] = []
    let size = 0
    while (size < lineMax - 1) {
      const data = await read(lineMax - 1 - size)
      if (data === undefined) return undefined
      const end = data.indexOf(10)
      pieces.push(end < 0 ? data : data.subarray(0, end))
      size += data.length
      if (end < 0) continue
      const rest = data.subarray(end + 1)
      if (rest.length > 0) kept = kept ? Buffer.concat([rest, kept]) : rest
      return { text: Buffer.concat(pieces).toString('latin1'), ended: true }
    }
    return { text: Buffer.concat(pieces).toString('latin1'), ended: false }
  }
  const write = (data: Buffer | string): Promise<void> => process.stdout.write(data)
  return {
    read,
    line,
    write,
    ok: () => write('\0'),
    async error(message) {
      errors++
      await write(`\x01scp: ${message}\n`)
    },
    async response() {
      const first = await read(1)
      if (first === undefined) return 'lost'
      if (first[0] === 0) return 'ok'
      // What is no code begins the message itself.
      if ((await line()) === undefined) return 'lost'
      errors++
      return first[0] === 1 ? 'bad' : 'fatal'
    },
    heard: () => void errors++,
    errors: () => errors,
  }
}

/** Ends the program with a status. */
export class Quit extends Error {
  readonly status: number
  constructor(status: number) {
    super()
    this.status = status
  }
}

export type Flags = { recursive: boolean; times: boolean; folder: boolean }
