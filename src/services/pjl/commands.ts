import { text } from '#events/text.ts'
import type { TcpContext } from '#sensor/service.ts'
import { look, makeDirectory, placed, remove, VOLUME } from './disk.ts'
import type { Options } from './options.ts'
import { current, type Printer, shownVariable, variables } from './printer.ts'

/** A line of PJL taken apart: `@PJL COMMAND rest`; options by upper-case name, without quotes. */
export type Line = { command: string; rest: string; options: ReadonlyMap<string, string> }

/** `undefined` for what is no line of PJL. */
export function readLine(line: string): Line | undefined {
  const [, command = '', rest = ''] = /^@PJL(?:[ \t]+([A-Za-z]+)[ \t]?)?(.*)$/s.exec(line) ?? [undefined, undefined]
  if (!line.startsWith('@PJL')) return undefined
  const options = new Map<string, string>()
  for (const [, name = '', quoted, bare] of rest.matchAll(/([A-Za-z:]+)[ \t]*=[ \t]*(?:"([^"]*)"|([^\s"]+))/g))
    options.set(name.toUpperCase(), quoted ?? bare ?? '')
  return { command: command.toUpperCase(), rest: rest.trim(), options }
}

type Answer = (printer: Printer, line: Line, cx: TcpContext<Options>) => string | undefined

/** What the printer says, without the form feed that ends each answer; `undefined` where it says nothing. */
export const commands: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ['INFO', (printer, { rest }) => `@PJL INFO ${rest}\r\n${infoOf(printer, rest.toUpperCase())}`],
  ['ECHO', (_, { rest }) => `@PJL ECHO ${rest}\r\n`],
  ['INQUIRE', (printer, line) => inquired(printer, line)],
  ['DINQUIRE', (printer, line) => inquired(printer, line)],
  ['SET', (printer, line) => setAll(printer, line)],
  ['DEFAULT', (printer, line, cx) => defaults(printer, line, cx)],
  ['INITIALIZE', printer => void printer.set.clear()],
  ['RESET', () => undefined],
  ['RDYMSG', (printer, line) => message(printer, line)],
  ['OPMSG', (printer, line) => message(printer, line)],
  ['STMSG', (printer, line) => message(printer, line)],
  ['JOB', (_, line, cx) => password(line, cx)],
  ['EOJ', () => undefined],
  ['COMMENT', () => undefined],
  ['USTATUS', () => undefined],
  ['USTATUSOFF', () => undefined],
  ['DMINFO', (_, { rest }) => `@PJL DMINFO ${rest}\r\n"?"\r\n`],
  ['FSDIRLIST', directory],
  ['FSQUERY', query],
  ['FSUPLOAD', upload],
  ['FSDELETE', (printer, line, cx) => changed(printer, line, cx, remove)],
  ['FSMKDIR', (printer, line, cx) => changed(printer, line, cx, makeDirectory)],
  [
    'FSINIT',
    (printer, { options }) => {
      if (options.get('VOLUME') === '0:') printer.disk = { entries: new Map(), bytes: 0 }
      return undefined
    },
  ],
])

const status = ({ display }: Printer) =>
  `CODE=${display === 'Ready' ? 10001 : 10000}\r\nDISPLAY="${display}"\r\nONLINE=TRUE\r\n`

function infoOf(printer: Printer, what: string): string {
  const free = VOLUME - printer.disk.bytes
  switch (what) {
    case 'ID':
      return `"${printer.model}"\r\n`
    case 'STATUS':
      return status(printer)
    case 'CONFIG':
      return `IN TRAYS [3 ENUMERATED]\r\n\tINTRAY1 MP\r\n\tINTRAY2 PC\r\n\tINTRAY3 LC\r\nOUT TRAYS [1 ENUMERATED]\r\n\tNORMAL FACEDOWN\r\nPAPERS [4 ENUMERATED]\r\n\tLETTER\r\n\tLEGAL\r\n\tA4\r\n\tEXECUTIVE\r\nLANGUAGES [2 ENUMERATED]\r\n\tPCL\r\n\tPOSTSCRIPT\r\nUSTATUS [4 ENUMERATED]\r\n\tDEVICE\r\n\tJOB\r\n\tPAGE\r\n\tTIMED\r\nMEMORY=${printer.memory}\r\nDISPLAY LINES=4\r\nDISPLAY CHARACTER SIZE=20\r\n`
    case 'FILESYS':
      return `VOLUME\tTOTAL SIZE\tFREE SPACE\tLOCATION\tLABEL\tSTATUS\r\n0:\t${VOLUME}\t${free}\tRAM\t\tREAD-WRITE\r\n`
    case 'MEMORY':
      return `TOTAL=${printer.memory - 9_437_184}\r\nLARGEST=${printer.memory - 12_582_912}\r\n`
    case 'PAGECOUNT':
      return `PAGECOUNT=${printer.pages}\r\n`
    case 'PRODINFO':
      return `ProductName = ${printer.model}\r\nFormatterNumber = ${printer.serial.slice(2)}\r\nPrinterNumber = ${printer.serial}\r\nProductSerialNumber = ${printer.serial}\r\n`
    case 'USTATUS':
      return 'DEVICE=OFF [3 ENUMERATED]\r\n\tOFF\r\n\tON\r\n\tVERBOSE\r\nJOB=OFF [2 ENUMERATED]\r\n\tOFF\r\n\tON\r\nPAGE=OFF [2 ENUMERATED]\r\n\tOFF\r\n\tON\r\nTIMED=0 [2 RANGE]\r\n\t5\r\n\t300\r\n'
    case 'VARIABLES':
      return [...variables].map(([name, variable]) => shownVariable(printer, name, variable)).join('')
    default:
      return '"?"\r\n'
  }
}

/** The last word is the variable's name; `LPARM : PCL` may stand before it. */
function inquired(printer: Printer, { command, rest }: Line): string {
  const name = rest
    .split(/[\s:]+/)
    .at(-1)!
    .toUpperCase()
  const value = current(printer, name)
  return `@PJL ${command} ${rest}\r\n${value ?? '"?"'}\r\n`
}

const VARIABLES = 64
function setAll(printer: Printer, { options }: Line): undefined {
  for (const [name, value] of options) {
    const known = variables.get(name)
    const fits = known?.choices?.includes(value.toUpperCase()) ?? (known?.range && /^\d{1,5}$/.test(value))
    if (fits && !known?.readOnly && printer.set.size < VARIABLES) printer.set.set(name, value.toUpperCase())
  }
}

function defaults(printer: Printer, line: Line, cx: TcpContext<Options>): undefined {
  if (line.options.has('PASSWORD')) password(line, cx)
  else setAll(printer, line)
}

/** A number of up to 65535 that protects the control panel; there is none here, so every one is taken. */
function password({ options }: Line, { record }: TcpContext<Options>): undefined {
  const word = options.get('PASSWORD')
  if (word === undefined) return
  record.login({ method: 'pjl-password', password: text(Buffer.from(word, 'latin1'), 64), outcome: 'success' })
}

const DISPLAY = 80
function message(printer: Printer, { options }: Line): undefined {
  const shown = options.get('DISPLAY')
  if (shown !== undefined) printer.display = shown === '' ? 'Ready' : shown.slice(0, DISPLAY)
}

/** Names are told as they were given. FILEERROR of the reference: 3 not found, 2 or 7 for what is wrong with a name. */
const failed = (line: Line, code: number) =>
  `@PJL ${line.command} NAME="${line.options.get('NAME') ?? ''}"\r\nFILEERROR=${code}\r\n`

/** Where a name leads; leaving the volume is an attack that is as old as the command (CVE-2010-4107). */
export function target(line: Line, { record }: TcpContext<Options>): string | undefined {
  const name = line.options.get('NAME') ?? ''
  const found = placed(name)
  if (found?.out)
    record.exploit({
      id: 'CVE-2010-4107',
      name: 'PJL path that leaves the volume',
      evidence: text(Buffer.from(`${line.command} ${name}`, 'latin1'), 512),
    })
  return found && !found.out ? found.path : undefined
}

function directory(printer: Printer, line: Line, cx: TcpContext<Options>): string {
  const path = target(line, cx)
  const found = path === undefined ? undefined : look(printer.disk, path)
  if (!found || 'bytes' in found) return failed(line, 3)
  const number = (name: string, otherwise: number) => {
    const said = line.options.get(name) ?? ''
    return /^\d{1,9}$/.test(said) ? Number(said) : otherwise
  }
  const entry = Math.max(1, number('ENTRY', 1))
  const rows = [
    '. TYPE=DIR',
    '.. TYPE=DIR',
    ...found.names.map(name => row(printer, path === '' ? name : `${path}/${name}`, name)),
  ]
  const shown = rows.slice(entry - 1, entry - 1 + number('COUNT', rows.length))
  return `@PJL FSDIRLIST NAME="${line.options.get('NAME')}" ENTRY=${entry}\r\n${shown.map(one => `${one}\r\n`).join('')}`
}
function row(printer: Printer, path: string, name: string): string {
  const found = look(printer.disk, path)
  return found && 'bytes' in found ? `${name} TYPE=FILE SIZE=${found.bytes.length}` : `${name} TYPE=DIR`
}

function query(printer: Printer, line: Line, cx: TcpContext<Options>): string {
  const path = target(line, cx)
  const found = path === undefined ? undefined : look(printer.disk, path)
  if (!found) return failed(line, 3)
  const kind = 'bytes' in found ? `TYPE=FILE SIZE=${found.bytes.length}` : 'TYPE=DIR'
  return `@PJL FSQUERY NAME="${line.options.get('NAME')}" ${kind}\r\n`
}

function upload(printer: Printer, line: Line, cx: TcpContext<Options>): string {
  const path = target(line, cx)
  const found = path === undefined ? undefined : look(printer.disk, path)
  if (!found || !('bytes' in found)) return failed(line, 3)
  const number = (name: string) => Number(/^\d{1,9}$/.exec(line.options.get(name) ?? '')?.[0] ?? 0)
  const offset = number('OFFSET')
  const bytes = found.bytes.subarray(offset, offset + number('SIZE'))
  cx.record.fileRead({ path: `0:\\${text(Buffer.from(path!, 'latin1'))}`, size: bytes.length })
  const name = line.options.get('NAME')
  return `@PJL FSUPLOAD FORMAT:BINARY NAME="${name}" OFFSET=${offset} SIZE=${bytes.length}\r\n${bytes.toString('latin1')}`
}

function changed(
  printer: Printer,
  line: Line,
  cx: TcpContext<Options>,
  act: (disk: Printer['disk'], path: string) => boolean,
): undefined {
  const path = target(line, cx)
  if (path !== undefined) act(printer.disk, path)
}
