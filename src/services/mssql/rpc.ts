import { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#sensor/endings.ts'
import { SqlError } from '#sql/error.ts'
import type { Value } from '#sql/value.ts'
import { STEPS } from './dialect.ts'
import { noticesOf } from './errors.ts'
import { note } from './exploits.ts'
import { invoke } from './invoke.ts'
import { type Parameter, typedValue } from './parameters.ts'
import { BatchOver, newFrame, type Run } from './run.ts'
import type { Sink } from './sink.ts'
import type { Session } from './state.ts'
import { textOf } from './texts.ts'
import { TDS } from './tokens.ts'

/** Procedures that are called by number. MS-TDS 2.2.6.6. */
const numbered = [
  '',
  'sp_cursor',
  'sp_cursoropen',
  'sp_cursorprepare',
  'sp_cursorexecute',
  'sp_cursorprepexec',
  'sp_cursorunprepare',
  'sp_cursorfetch',
  'sp_cursoroption',
  'sp_cursorclose',
  'sp_executesql',
  'sp_prepare',
  'sp_execute',
  'sp_prepexec',
  'sp_prepexecrpc',
  'sp_unprepare',
] as const

type Request = { name: string; parameters: Parameter[]; silent: boolean }
/** Requests of one message, and parameters of one. */
const MOST = 512
const MOST_PARAMETERS = 2100

/** ALL_HEADERS, which stand before requests since TDS 7.2, taken off. */
export function withoutHeaders(data: Buffer, version: number): Buffer {
  if (version < TDS.v72) return data
  if (data.length < 4) throw new Malformed('Headers that are cut off')
  const length = data.readUInt32LE()
  if (length < 4 || length > data.length) throw new Malformed('Headers that lead out of their message')
  return data.subarray(length)
}

export function parseRpc(data: Buffer, version: number): Request[] {
  const c = new Cursor(withoutHeaders(data, version))
  const found: Request[] = []
  for (;;) {
    if (found.length >= MOST) throw new Malformed('Too many requests in one message')
    const length = c.u16le()
    const id = length === 0xffff ? c.u16le() : 0
    const name = length === 0xffff ? (numbered[id] ?? `sp_${id}`) : c.bytes(length * 2).toString('utf16le')
    const silent = (c.u16le() & 2) !== 0
    const parameters: Parameter[] = []
    let more = false
    while (c.left > 0) {
      const size = c.u8()
      // What separates requests is no length of a name.
      if (size === 0xff || size === 0x80 || size === 0xfe) {
        more = c.left > 0
        break
      }
      const own = c
        .bytes(size * 2)
        .toString('utf16le')
        .replace(/^@/, '')
      const status = c.u8()
      if (parameters.length >= MOST_PARAMETERS) throw new Malformed('Too many parameters')
      parameters.push({ name: own, output: (status & 1) !== 0, ...typedValue(c, version) })
    }
    found.push({ name, parameters, silent })
    if (!more) return found
  }
}

/** Carries out one request by RPC. */
export async function carryRpc(session: Session, sink: Sink, { name, parameters }: Request): Promise<void> {
  const path = name.split('.').map(part => part.replace(/^\[|\]$/g, ''))
  const own = path.at(-1)!.toLowerCase()
  const text = parameters.find(
    ({ type, value }) => /char|text/.test(type.name) && typeof value === 'string' && value !== '',
  )?.value
  note(session, own.toUpperCase().slice(0, 40), written(own, parameters, text ?? null))
  const given: { ordinal: number; parameter: Parameter; value: Value }[] = []
  const args = parameters.map((parameter, ordinal) => ({
    name: parameter.name === '' ? undefined : parameter.name,
    value: parameter.value,
    type: parameter.type,
    ...(parameter.output ? { give: (value: Value) => void given.push({ ordinal, parameter, value }) } : {}),
  }))
  session.steps = STEPS
  const run: Run = { session, sink, frame: newFrame(), sql: '', trying: false }
  let status = 0
  let failed = false
  sink.depth++
  try {
    status = await invoke(path, args, run)
  } catch (error) {
    failed = true
    if (error instanceof SqlError)
      for (const said of noticesOf(error, typeof text === 'string' ? text : '').notices)
        sink.notice({ ...said, line: said.line ?? 1 })
    else if (!(error instanceof BatchOver)) throw error
  }
  sink.depth--
  sink.status(failed ? session.error || 1 : status)
  for (const { ordinal, parameter, value } of given)
    sink.value(ordinal, parameter.name === '' ? '' : `@${parameter.name}`, parameter.type, value)
  sink.ended(failed)
}
/** A call as its text would be. */
function written(name: string, parameters: readonly Parameter[], text: Value): string {
  if (
    /^sp_(?:executesql|prepare|prepexec|cursoropen|cursorprepare|cursorprepexec)$/.test(name) &&
    typeof text === 'string'
  ) {
    const statements = parameters.filter(({ value }) => typeof value === 'string').map(({ value }) => String(value))
    return name === 'sp_executesql' || name === 'sp_cursoropen'
      ? statements.join('; ')
      : [statements[1] ?? text, ...statements.slice(2)].join('; ')
  }
  const shown = parameters.map(
    ({ name: own, value }) =>
      `${own === '' ? '' : `@${own}=`}${value === null ? 'NULL' : typeof value === 'string' ? `'${value.slice(0, 4000)}'` : textOf(value)}`,
  )
  return `EXEC ${name} ${shown.join(', ')}`
}
