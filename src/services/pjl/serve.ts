import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Hangup, Malformed } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import { commands, type Line, readLine, target } from './commands.ts'
import { store } from './disk.ts'
import type { Options } from './options.ts'
import { type Printer, printerOf } from './printer.ts'

/** Ends one language and begins PJL (Universal Exit Language). */
const UEL = '\x1b%-12345X'
/** Bytes of a line, and of a file that gets a place on the disk (all become a sample). */
const LINE = 1024
const ON_DISK = 1 << 20

/** What comes in is PJL or is printed; every answer ends in a form feed. */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const printer = cx.attacker(() => printerOf(cx.persona, cx.now() + cx.persona.clockSkew))
  for (;;) {
    const start = (await conn.peek(1)).toString('latin1')
    if (start === '') return
    if (/[\r\n\f \t\0]/.test(start)) await conn.read(1)
    else if (start === '\x1b' && (await begins(conn, UEL))) await conn.read(UEL.length)
    else if (start === '@' && (await begins(conn, '@PJL'))) await answer(conn, cx, printer)
    else await print(conn, cx, printer)
  }
}

const begins = async (conn: Conn, mark: string) => (await conn.peek(mark.length)).toString('latin1') === mark

async function answer(conn: Conn, cx: TcpContext<Options>, printer: Printer): Promise<void> {
  const said = (await conn.readLine(LINE)).toString('latin1')
  const line = readLine(said)
  cx.record.command({
    line: text(Buffer.from(said, 'latin1'), LINE),
    verb: text(Buffer.from(line?.command.slice(0, 32) || '@PJL', 'latin1')),
  })
  if (!line) return
  if (line.command === 'ENTER') return print(conn, cx, printer)
  if (line.command === 'FSDOWNLOAD' || line.command === 'FSAPPEND') return takeFile(conn, cx, printer, line)
  const reply = commands.get(line.command)?.(printer, line, cx)
  if (reply !== undefined) await conn.write(`${reply}\f`)
}

/** A file comes in behind its line, and is kept. */
async function takeFile(conn: Conn, cx: TcpContext<Options>, printer: Printer, line: Line): Promise<void> {
  const said = line.options.get('SIZE') ?? ''
  if (!/^\d{1,9}$/.test(said)) throw new Malformed(`A file of ${JSON.stringify(said)} bytes`)
  const path = target(line, cx)
  const writer = cx.sample()
  const pieces: Buffer[] = []
  let held = 0
  let whole = false
  try {
    for (let left = Number(said); left > 0; ) {
      const piece = await conn.readSome(Math.min(left, 32 << 10))
      left -= piece.length
      held += piece.length
      if (held <= ON_DISK) pieces.push(Buffer.from(piece))
      await writer.write(piece)
    }
    whole = true
  } finally {
    const name = text(Buffer.from(line.options.get('NAME') ?? '', 'latin1'), 512)
    if (held > 0) cx.record.fileUpload({ path: name, sample: await writer.close(), fate: whole ? 'sent' : 'lost' })
    else await writer.abort()
  }
  if (path !== undefined && held <= ON_DISK)
    store(printer.disk, path, Buffer.concat(pieces), line.command === 'FSAPPEND')
}

/** All up to the next exit, or to the end, goes onto paper: it is kept as a sample. */
async function print(conn: Conn, cx: TcpContext<Options>, printer: Printer): Promise<void> {
  const writer = cx.sample()
  let start = ''
  let bytes = 0
  let over: Hangup | undefined
  const take = async (n: number) => {
    const piece = await conn.read(n)
    if (start.length < 64) start += piece.toString('latin1', 0, 64)
    bytes += piece.length
    await writer.write(piece)
  }
  try {
    for (;;) {
      const view = await conn.peek(Math.min(Math.max(conn.held, UEL.length), 32 << 10))
      const at = view.indexOf(UEL, 0, 'latin1')
      if (at >= 0) {
        await take(at)
        break
      }
      if (view.length < UEL.length) {
        await take(view.length)
        break
      }
      await take(view.length - UEL.length + 1)
    }
  } catch (error) {
    if (!(error instanceof Hangup)) throw error
    over = error
  }
  if (bytes === 0) await writer.abort()
  else {
    printer.pages++
    cx.record.fileUpload({ path: `job.${formatOf(start)}`, sample: await writer.close(), fate: over ? 'lost' : 'sent' })
  }
  if (over) throw over
}

/** The language that a job is in, as the printer would switch to it. */
function formatOf(start: string): 'ps' | 'pdf' | 'pcl' | 'pxl' | 'txt' | 'prn' {
  if (/^\s*\x04?%!/.test(start)) return 'ps'
  if (start.startsWith('%PDF')) return 'pdf'
  if (/^\) HP-PCL XL/.test(start)) return 'pxl'
  if (start.startsWith('\x1b')) return 'pcl'
  return /^[\t\n\f\r\x20-\x7e]*$/.test(start) ? 'txt' : 'prn'
}
