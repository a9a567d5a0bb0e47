import { Malformed } from './malformed.ts'

/** What a message of HTTP is read from: a connection's bounded reads. */
export type Lines = { readLine(max: number): Promise<Buffer>; readSome(max: number): Promise<Buffer> }

/** Bytes of a chunk's size line, and of a trailer's. */
const LINE = 2048
const TRAILERS = 100

/** Fields of a head up to its empty line, in their order, names as they came (RFC 9112 §5). Latin-1. */
export async function readFields(wire: Lines, { line, count }: { line: number; count: number }) {
  const headers: [name: string, value: string][] = []
  for (;;) {
    const row = (await wire.readLine(line)).toString('latin1')
    if (row === '') return headers
    const colon = row.indexOf(':')
    if (colon <= 0 || headers.length >= count) throw new Malformed('No field of a head')
    headers.push([row.slice(0, colon), row.slice(colon + 1).trim()])
  }
}

/** The last value of each field by lower-case name. */
export const byName = (headers: readonly (readonly [name: string, value: string])[]): ReadonlyMap<string, string> =>
  new Map(headers.map(([name, value]) => [name.toLowerCase(), value]))

/** What follows a head: so many bytes, or in chunks (RFC 9112 §6, §7.1). */
export class Body {
  bytes = 0
  #wire: Lines
  #left: number
  #chunked: boolean
  #ended: boolean
  constructor(wire: Lines, header: ReadonlyMap<string, string>) {
    this.#wire = wire
    this.#chunked = header.get('transfer-encoding')?.toLowerCase() === 'chunked'
    const length = header.get('content-length') ?? '0'
    if (!this.#chunked && !/^\d{1,10}$/.test(length)) throw new Malformed(`A length of ${length}`)
    this.#left = this.#chunked ? 0 : Number(length)
    this.#ended = !this.#chunked && this.#left === 0
  }
  /** Some more of it, at most `max`; `undefined` at the end. */
  async some(max = 32 << 10): Promise<Buffer | undefined> {
    if (!this.#ended && this.#left === 0) await this.#chunk()
    if (this.#ended) return undefined
    const piece = await this.#wire.readSome(Math.min(max, this.#left))
    this.#left -= piece.length
    this.bytes += piece.length
    if (this.#left === 0) {
      if (this.#chunked) await this.#wire.readLine(LINE)
      else this.#ended = true
    }
    return piece
  }
  async #chunk(): Promise<void> {
    const line = (await this.#wire.readLine(LINE)).toString('latin1')
    const length = /^[0-9a-fA-F]{1,8}/.exec(line)?.[0]
    if (length === undefined) throw new Malformed(`No chunk: ${JSON.stringify(line.slice(0, 40))}`)
    this.#left = Number.parseInt(length, 16)
    if (this.#left > 0) return
    this.#ended = true
    for (let rows = 0; rows < TRAILERS; rows++) if ((await this.#wire.readLine(LINE)).length === 0) return
    throw new Malformed('Trailers without end')
  }
}
