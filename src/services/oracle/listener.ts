import { text } from '#events/text.ts'
import type { TcpContext } from '#sensor/service.ts'
import { find, parseDescription } from './description.ts'
import type { Options } from './options.ts'

type Cx = TcpContext<Options>

/** What the listener makes of a description: connected to a service, or the text of its refusal. */
export type Verdict = { service: string } | { refused: string }

/** VSNNUM since 18c: release, update and three more in one number. */
export const versionNumber = (version: string): number => {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = version.split('.').map(Number)
  return a * 0x1000000 + (b << 20) + (c << 12) + (d << 8) + e
}

/** What a listener administrator asks for, and what comes of it when the asker is somewhere else (TNS messages 01150 to 01200). */
const commands = new Map<string, number>([
  ...(
    ['version', 'status', 'services', 'stop', 'reload', 'save_config', 'show', 'trace', 'debug', 'spawn'] as const
  ).map((name): [string, number] => [name, 1189]),
  // `set` and `show` go by the parameter's name.
  ...(
    [
      'log_file',
      'log_directory',
      'log_status',
      'trc_file',
      'trc_directory',
      'trc_level',
      'password',
      'rawmode',
    ] as const
  ).map((name): [string, number] => [name, 1189]),
  ['service_register', 1194],
  ['service_register_nsgr', 1194],
  ['service_update', 1194],
  ['service_died', 1194],
])

const poisoning = {
  id: 'CVE-2012-1675',
  name: 'TNS poisoning: a listener told of an instance that is not its own',
}
const exploits = new Map<string, { id: string; name: string }>([
  ['service_register', poisoning],
  ['service_register_nsgr', poisoning],
  ['service_update', poisoning],
  ['log_file', { id: 'oracle-listener-log-file', name: 'A listener’s log put into a file of the attacker’s choice' }],
  ['log_directory', { id: 'oracle-listener-log-file', name: 'A listener’s log put where the attacker wants it' }],
  ['trc_file', { id: 'oracle-listener-log-file', name: 'A listener’s trace put into a file of the attacker’s choice' }],
  ['stop', { id: 'oracle-listener-stop', name: 'A listener told to stop' }],
])

/** Bytes of a description that are kept as text. */
const KEPT = 4096

/** Records a connect description and judges it as the listener of XE does. */
export function judge(cx: Cx, description: Buffer): Verdict {
  const { version, sid, pluggable } = cx.persona.software.oracle
  const number = versionNumber(version)
  const refused = (code: number): Verdict => ({
    refused: `(DESCRIPTION=(TMP=)(VSNNUM=${number})(ERR=${code})(ERROR_STACK=(ERROR=(CODE=${code})(EMFI=4))))`,
  })
  const line = text(description, KEPT)
  const pairs = parseDescription(description.toString('latin1'))
  if (!pairs) {
    cx.record.command({ line, verb: 'CONNECT' })
    // NL-00303: a syntax error in the string.
    return {
      refused: `(DESCRIPTION=(ERR=1153)(VSNNUM=${number})(ERROR_STACK=(ERROR=(CODE=1153)(EMFI=4))(ERROR=(CODE=303)(EMFI=1))))`,
    }
  }
  const data = find(pairs, 'CONNECT_DATA')?.inside ?? []
  const command = find(data, 'COMMAND')?.value.toLowerCase()
  cx.record.command({ line, verb: command === undefined ? 'CONNECT' : text(Buffer.from(command, 'latin1'), 64) })
  if (command !== undefined) {
    const attack = exploits.get(command)
    if (attack) cx.record.exploit({ ...attack, evidence: line })
    recordPassword(cx, find(data, 'PASSWORD')?.value ?? '')
    if (command === 'ping') return { refused: `(DESCRIPTION=(TMP=)(VSNNUM=${number})(ERR=0)(ALIAS=LISTENER))` }
    return refused(commands.get(command) ?? 12_508)
  }
  const known = new Map([sid, pluggable, `${sid}XDB`, ...cx.options.services].map(name => [name.toUpperCase(), name]))
  const instance = find(data, 'SID')?.value
  const wanted = find(data, 'SERVICE_NAME')?.value ?? instance
  // The installation's listener.ora has a default service.
  if (wanted === undefined) return data.length > 0 ? { service: sid } : refused(12_504)
  const service = known.get(wanted.toUpperCase())
  if (service === undefined) return refused(wanted === instance ? 12_505 : 12_514)
  return { service }
}

/**
 * The password that listeners asked for until 11g. `lsnrctl` sends its hash, which is that of an account ARB (hashcat 3100); in
 * clear it is what stands in listener.ora.
 */
function recordPassword(cx: Cx, password: string): void {
  if (password === '') return
  const proof = /^[0-9A-Fa-f]{16}$/.test(password)
    ? { hash: `${password.toUpperCase()}:ARB` }
    : { password: text(Buffer.from(password, 'latin1'), 256) }
  cx.record.login({ method: 'listener', ...proof, outcome: 'failure' })
}
