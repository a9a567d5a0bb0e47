import { text } from '#events/text.ts'
import { loadPrograms } from '#machine/commands/index.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import { extended, mappingNotify } from './extensions.ts'
import { kinds } from './kinds.ts'
import type { Options } from './options.ts'
import type { Reply } from './requests.ts'
import { Bad, Server, XError } from './server.ts'
import { setUp } from './setup.ts'
import { Typist } from './typist.ts'
import { Out, type Request, readRequest } from './wire.ts'

export { loadPrograms }

/** Requests of a session that are written down: what comes over and over says nothing new. */
const MOST_NOTED = 500
/** Of one kind. */
const MOST_ALIKE = 30
/** Bytes of answers a second, after the first megabytes. */
const RATE = 8 << 20
/** What programs ask without anybody having told them to. */
const silent = new Set([
  'GetInputFocus',
  'NoOperation',
  'InternAtom',
  'XTestFakeInput',
  'BigReqEnable',
  'CreateGC',
  'FreeGC',
])

const GET_IMAGE = 73
/** Pixels of a picture on which nobody would see whether a shell has greeted; seconds that it takes to. */
const GLANCE = 4096
const GREETING = 0.4

/** Whoever looks finds a shell that has greeted already. */
async function look({ desk, cx }: Server): Promise<void> {
  if (desk.awake) return
  desk.wake()
  await cx.pause(GREETING)
}

/** One client of the display, request by request. */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const order = await setUp(conn, cx)
  if (!order) return
  const server = new Server(cx, order)
  const typist = new Typist(cx.record)
  const notes = new Map<string, number>()
  let noted = 0
  try {
    for (;;) {
      const request = await readRequest(conn, order, server.big)
      if (!request) return
      server.sequence = (server.sequence + 1) & 0xffff
      if (request.opcode === GET_IMAGE && request.length >= 20 && request.u16(12) * request.u16(14) > GLANCE)
        await look(server)
      const { name, answer } = answerTo(request, server, typist)
      const alike = (notes.get(name) ?? 0) + 1
      if (!silent.has(name) && alike <= MOST_ALIKE && noted++ < MOST_NOTED) {
        notes.set(name, alike)
        cx.record.command({ line: line(name, request), verb: name })
      }
      if (answer.length > 0) await conn.write(answer)
      if (answer.length > 65_536) await cx.pause(answer.length / RATE)
    }
  } finally {
    typist.finish()
    await server.desk.leave()
  }
}

function answerTo(request: Request, server: Server, typist: Typist): { name: string; answer: Buffer } {
  const kind = kinds.get(request.opcode)
  let name = kind?.[0] ?? `opcode ${request.opcode}`
  try {
    if (!kind) {
      const found = extended(request, server, typist)
      if (!found) throw new XError(Bad.Request)
      name = found.name
      const answer = found.reply ? [written(found.reply, server)] : []
      return { name, answer: Buffer.concat([...(found.events ?? []), ...answer]) }
    }
    const [, least, handle] = kind
    if (request.length < least || (least === 4 && request.length !== 4)) throw new XError(Bad.Length)
    const said = handle?.(request, server)
    const answer = said ? written(said, server) : Buffer.alloc(0)
    if (request.opcode !== 100) return { name, answer }
    return { name, answer: mappingNotify(server, 1, request.u8(4), request.data) }
  } catch (error) {
    // A field that its length promised and that is not there.
    const wrong = error instanceof XError ? error : error instanceof RangeError ? new XError(Bad.Length) : undefined
    if (!wrong) throw error
    return { name, answer: failure(wrong, request, server) }
  }
}

/** Reply: 1, a byte, sequence number, length beyond 32 bytes in fours, the rest. */
function written({ data = 0, body }: Reply, { order, sequence }: Server): Buffer {
  const rest = body.done
  return new Out(order)
    .u8(1, data)
    .u16(sequence)
    .u32(Math.max(0, Math.ceil((rest.length - 24) / 4)))
    .bytes(rest).done
}

/** Error: 0, code, sequence number, the value that was wrong, what it was asked by. */
function failure({ code, value }: XError, request: Request, server: Server): Buffer {
  const minor = request.opcode >= 128 ? request.data : 0
  return new Out(server.order)
    .u8(0, code)
    .u16(server.sequence)
    .u32(value ?? server.value)
    .u16(minor)
    .u8(request.opcode)
    .zeros(21).done
}

/** A request as a person would write it down. */
function line(name: string, request: Request): string {
  if (name === 'QueryExtension' && request.length >= 8) return `${name} ${shown(request, 8, request.u16(4))}`
  if (name === 'ChangeProperty' && request.length >= 24) return `${name} ${shown(request, 24, request.u32(20))}`
  if ((name === 'ImageText8' || name === 'PolyText8') && request.length > 16)
    return `${name} ${shown(request, 16, request.data)}`
  if (name === 'GetImage' && request.length >= 20)
    return `${name} 0x${request.u32(4).toString(16)} ${request.u16(12)}x${request.u16(14)}`
  return request.length >= 8 ? `${name} 0x${request.u32(4).toString(16)}` : name
}
const shown = (request: Request, at: number, count: number): string =>
  text(request.bytes(at, Math.min(count, 512)), 512)
