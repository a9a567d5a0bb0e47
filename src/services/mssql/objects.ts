import { commandOutput } from '#access/command.ts'
import { downloadsIn } from '#codec/downloads.ts'
import { text } from '#events/text.ts'
import type { Value } from '#sql/value.ts'
import { enabled } from './configure.ts'
import { writeFile } from './files.ts'
import { answer, type Call, type Procedure, textArgument } from './procedure.ts'
import { blocked, daemon } from './shell.ts'
import { MOST_THINGS, type Session } from './state.ts'
import { textOf } from './texts.ts'

/**
 * OLE automation: sp_OACreate and its kin. Objects are those that attacks use (a shell, files, a stream, requests for pages);
 * what is asked of them happens on the pretended machine, or is written down.
 */
const shown = (words: string) => text(Buffer.from(words, 'utf8'), 512)
const OPTION = 'Ole Automation Procedures'

const create: Procedure = call => {
  const { session } = call.run
  if (!enabled(session, OPTION)) throw blocked('sp_OACreate', OPTION)
  const name = textArgument(call, 0) ?? ''
  session.cx.record.exploit({
    id: 'mssql-ole',
    name: 'An object of OLE automation made from within the database',
    evidence: shown(`sp_OACreate '${name}'`),
  })
  return make(call, name.toLowerCase(), 1)
}
function make(call: Call, what: string, at: number): number {
  const { session } = call.run
  if (session.objects.size >= MOST_THINGS) return -2_147_024_882
  const handle = 16_711_422 + session.objects.size * 65_536
  session.objects.set(handle, what.slice(0, 64 << 10))
  call.args[at]?.give?.(BigInt(handle))
  return 0
}
const valueAt = (call: Call, at: number): string => {
  const value = call.args[at]?.value
  return value === undefined || value === null ? '' : textOf(value)
}

/** Characters that all objects of a connection may hold. */
const MOST_BYTES = 8 << 20
const held = ({ objects }: Session): number => [...objects.values()].reduce((sum, one) => sum + one.length, 0)

const method: Procedure = async call => {
  const { session } = call.run
  if (!enabled(session, OPTION)) throw blocked('sp_OAMethod', OPTION)
  const handle = Number(valueAt(call, 0))
  const object = session.objects.get(handle)
  if (object === undefined) return -2_147_211_483
  const verb = valueAt(call, 1).trim().toLowerCase()
  const name = verb.split('(')[0]!.trim()
  // Arguments may stand within the verb: Run("cmd /c …").
  const inside = bracketed(valueAt(call, 1).slice(0, 8000))
  const given = call.args.slice(3).map((_, i) => valueAt(call, i + 3))
  const first = given[0] ?? inside ?? ''
  switch (name) {
    case 'run':
    case 'exec':
    case 'shellexecute': {
      const line = name === 'shellexecute' ? given.slice(0, 2).join(' ') : first
      session.cx.record.command({ line: shown(line), verb: 'wscript.shell' })
      for (const download of downloadsIn(line)) session.cx.record.fileDownload(download)
      const { output, errors, status } = await commandOutput(session.cx, 'mssql', line.slice(0, 8000), daemon)
      if (name === 'exec') return make(call, `output ${output + errors}`, 2)
      call.args[2]?.give?.(BigInt(status))
      return 0
    }
    case 'open':
      if (object.includes('http')) return request(call, handle, `${given[0] ?? ''} ${given[1] ?? ''}`)
      return 0
    case 'createtextfile':
    case 'opentextfile':
      return make(call, `file ${first}\0`, 2)
    case 'write':
    case 'writeline':
    case 'writetext': {
      const bytes = typeof call.args[3]?.value === 'string' ? (call.args[3].value as string) : first
      if (held(session) + bytes.length < MOST_BYTES)
        session.objects.set(handle, object + bytes + (name === 'writeline' ? '\r\n' : ''))
      return 0
    }
    case 'close':
      return closed(call, handle, object)
    case 'savetofile':
      await writeFile(session, first, object.slice(object.indexOf('\0') + 1))
      return 0
    case 'readall':
    case 'stdout.readall':
    case 'readline':
      if (call.args[2]?.give) call.args[2].give(object.replace(/^output /, ''))
      else answer(call, 'Output:m', [[object.replace(/^output /, '')]])
      return 0
    case 'send':
    case 'setrequestheader':
    case 'deletefile':
    case 'copyfile':
    case 'createfolder':
      session.cx.record.command({
        line: shown(`${object.split('\0')[0]}.${name} ${given.join(' ')}`),
        verb: 'sp_OAMethod',
      })
      return 0
    default:
      return make(call, `${object.split(' ')[0]}.${name}`, 2)
  }
}
async function closed(call: Call, handle: number, object: string): Promise<number> {
  const found = /^file ([^\0]{1,512})\0/.exec(object)
  if (found) await writeFile(call.run.session, found[1]!, object.slice(found[0].length))
  if (found) call.run.session.objects.set(handle, 'file')
  return 0
}
/** XMLHTTP's open: a page that the machine is told to fetch, and never does. */
function request(call: Call, handle: number, words: string): number {
  const { session } = call.run
  const url = words.split(' ')[1] ?? ''
  session.objects.set(handle, `http ${url.slice(0, 2048)}`)
  if (/^(?:https?|ftp):\/\//i.test(url))
    session.cx.record.fileDownload({ url: text(Buffer.from(url, 'utf8'), 2048), tool: 'XMLHTTP' })
  return 0
}

const property: Procedure = call => {
  const { session } = call.run
  if (!enabled(session, OPTION)) throw blocked('sp_OAGetProperty', OPTION)
  const object = session.objects.get(Number(valueAt(call, 0))) ?? ''
  const name = valueAt(call, 1).toLowerCase()
  const value: Value = /status/.test(name) ? 0n : /stdout|stderr/.test(name) ? null : object.replace(/^output /, '')
  if (/^stdout|^stderr/.test(name)) return make(call, object, 2)
  if (call.args[2]?.give) call.args[2].give(value)
  else answer(call, 'Property:m', [[value]])
  return 0
}
const destroy: Procedure = call => {
  if (!enabled(call.run.session, OPTION)) throw blocked('sp_OADestroy', OPTION)
  call.run.session.objects.delete(Number(valueAt(call, 0)))
}
const faults: Procedure = call =>
  answer(call, 'Error:s Source:s Description:d HelpFile:s HelpID:i', [[null, null, null, null, 0n]])
const quietly: Procedure = () => 0

export const objectProcedures: readonly (readonly [string, Procedure])[] = [
  ['sp_oacreate', create],
  ['sp_oamethod', method],
  ['sp_oagetproperty', property],
  ['sp_oasetproperty', quietly],
  ['sp_oadestroy', destroy],
  ['sp_oageterrorinfo', faults],
  ['sp_oastop', quietly],
]

/** What stands between the first bracket and the one at the end, without blanks and quotes around it. */
function bracketed(text: string): string | undefined {
  const whole = text.trimEnd()
  const open = whole.indexOf('(')
  return open < 0 || !whole.endsWith(')')
    ? undefined
    : whole
        .slice(open + 1, -1)
        .trim()
        .replace(/^["']/, '')
        .replace(/["']$/, '')
}
