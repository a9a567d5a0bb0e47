import type { SampleWriter } from '#artifacts/samples.ts'
import type { Sample } from '#events/actions.ts'
import type { Conn } from '#sensor/conn.ts'
import { Hangup } from '#sensor/endings.ts'

/** How a message's end is told (RFC 9112 §6). */
export type Framing = { length: number } | 'chunked'

/** Bytes of a body kept in memory and written into the event; what is longer becomes a sample. */
export const INLINE = 16 << 10
/** Lines of chunk extensions and trailers: longer ones are nobody's. */
const LINE = 4096
const TRAILERS = 100

/** What became of a body. `late`: the peer stopped sending in the middle. */
export type BodyEnd = 'whole' | 'late' | 'eof' | 'malformed' | 'huge'

/** Reads one request body: its start stays in memory, a long one goes to a sample. Reading may go on after `late`. */
export class Body {
  size = 0
  sample: Sample | undefined
  #conn: Conn
  #framing: Framing
  #open: () => SampleWriter
  #start: Buffer[] = []
  #kept = 0
  /** What of it counts with the connection. */
  #counted = 0
  #writer: SampleWriter | undefined
  /** Bytes to come of the length, or of the current chunk. */
  #left = 0
  #phase: 'size' | 'data' | 'mark' | 'trailer' | 'over' = 'size'
  #trailers = 0

  constructor(conn: Conn, framing: Framing, open: () => SampleWriter) {
    this.#conn = conn
    this.#framing = framing
    this.#open = open
    if (framing !== 'chunked') {
      this.#left = framing.length
      this.#phase = 'data'
    }
  }

  /** The first bytes, at most `INLINE`. */
  get start(): Buffer {
    return this.#start.length === 1 ? this.#start[0]! : Buffer.concat(this.#start)
  }

  /** Reads to the end, waiting `patience` seconds for each piece. */
  async read(patience: number): Promise<BodyEnd> {
    let end: BodyEnd
    try {
      this.#conn.patience = patience
      end = await this.#step()
    } catch (error) {
      if (!(error instanceof Hangup)) throw error
      end = error.reason === 'idle' ? 'late' : 'eof'
    }
    if (end !== 'late') await this.#close()
    return end
  }

  /** Ends the sample of a body that will not be read further. */
  async #close() {
    this.#conn.keep(-this.#counted)
    this.#counted = 0
    const writer = this.#writer
    this.#writer = undefined
    if (writer) this.sample = await writer.close()
  }
  /** What is there of a body given up on. */
  abandon = () => this.#close()

  async #step(): Promise<BodyEnd> {
    for (;;) {
      if (this.#phase === 'over') return 'whole'
      if (this.#phase === 'data') {
        while (this.#left > 0) {
          const piece = await this.#conn.readSome(Math.min(this.#left, 64 << 10))
          this.#left -= piece.length
          await this.#keep(piece)
        }
        this.#phase = this.#framing === 'chunked' ? 'mark' : 'over'
        continue
      }
      const line = await this.#line()
      if (line === undefined) return 'malformed'
      const wrong = this.#control(line)
      if (wrong) return wrong
    }
  }

  // RFC 9112 §7.1: chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF; then trailer fields and an empty line.
  #control(line: string): BodyEnd | undefined {
    if (this.#phase === 'mark') {
      if (line !== '') return 'malformed'
      this.#phase = 'size'
    } else if (this.#phase === 'size') {
      const size = /^([0-9A-Fa-f]+)[ \t]*(?:;.*)?$/.exec(line)
      if (!size) return 'malformed'
      this.#left = Number.parseInt(size[1]!, 16)
      if (!Number.isSafeInteger(this.#left)) return 'huge'
      this.#phase = this.#left === 0 ? 'trailer' : 'data'
    } else if (line === '') this.#phase = 'over'
    else if (++this.#trailers > TRAILERS) return 'malformed'
    return undefined
  }

  /** A line without its end; `undefined` when it is longer than any should be. */
  async #line(): Promise<string | undefined> {
    for (let scanned = 0; ; ) {
      const view = await this.#conn.peek(Math.max(scanned + 1, this.#conn.held))
      const lf = view.indexOf(10, scanned)
      if (lf >= 0) return (await this.#conn.read(lf + 1)).toString('latin1').replace(/\r?\n$/, '')
      // The product complains of the data's missing CRLF at once.
      if (this.#phase === 'mark' && view.length > 0 && view[0] !== 13) return undefined
      if (view.length === scanned) throw new Hangup('eof')
      if (view.length > LINE) return undefined
      scanned = view.length
    }
  }

  async #keep(piece: Buffer) {
    this.size += piece.length
    if (this.#writer) return this.#writer.write(piece)
    const room = INLINE - this.#kept
    const start = piece.subarray(0, room)
    this.#start.push(start)
    // Bytes that dribble in must not each cost an object.
    if (this.#start.length > 32) this.#start = [Buffer.concat(this.#start)]
    this.#kept += start.length
    this.#counted += start.length
    this.#conn.keep(start.length)
    if (piece.length <= room) return
    this.#writer = this.#open()
    await this.#writer.write(this.start)
    await this.#writer.write(piece.subarray(room))
  }
}
