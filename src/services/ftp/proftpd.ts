import { enter, isAnonymous, pamDelay, tryLogin } from './login.ts'
import { verbs as files } from './proftpd-files.ts'
import { allFacts, statusOf } from './proftpd-listing.ts'
import { help, siteHelp, syntax, WELCOME } from './proftpd-texts.ts'
import { verbs as transfers } from './proftpd-transfers.ts'
import { type Answer, clock, type Dialect, type Ftp, type Verb, whole } from './session.ts'
import { type Command, multiline } from './wire.ts'

/**
 * ProFTPD 1.3.x with Debian's proftpd.conf, its commented-out `<Anonymous ~ftp>` block switched on, `DefaultRoot ~` and
 * mod_tls. Wordings recorded from proftpd-core 1.3.8 (test/oracle/ftp).
 */

/** Debian's proftpd.conf. */
const TIMEOUT_IDLE = 1200
/** MaxLoginAttempts. */
const MAX_LOGIN_ATTEMPTS = 3
const NOT_LOGGED_IN = '530 Please login with USER and PASS\r\n'

const listener = ({ cx }: Ftp) => (cx.destination.ip.includes(':') ? cx.destination.ip : `::ffff:${cx.destination.ip}`)

export const proftpd: Dialect = {
  greeting: ftp => `220 ProFTPD Server (Debian) [${listener(ftp)}]\r\n`,
  tooLong: undefined,
  timeout: ftp =>
    ftp.visitor
      ? `421 Idle timeout (${TIMEOUT_IDLE} seconds): closing control connection\r\n`
      : '421 Login timeout (300 seconds): closing control connection\r\n',
  ascii: true,
  umask: 0o022,

  async answer(ftp, command) {
    const { verb, arg, line } = command
    if (line === '') return true
    // Web browsers, mailers and ssh clients are closed on without a word (mod_core).
    if (strangers.has(verb) || /^SSH-(2\.0|1\.99)-/.test(line)) return false
    if (verb === 'QUIT') {
      await ftp.conn.write('221 Goodbye.\r\n')
      return false
    }
    if (/^\s/.test(line)) {
      await ftp.conn.write('500 Invalid command: try being more creative\r\n')
      return true
    }
    const reply = await dispatch(ftp, verb, arg, command)
    if (reply !== undefined) await ftp.conn.write(reply)
    return ftp.failures < MAX_LOGIN_ATTEMPTS
  },
}
const strangers = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'DATA',
  'EHLO',
  'EXPN',
  'HELO',
  'MAIL',
  'RCPT',
  'RSET',
  'VRFY',
])

function dispatch(ftp: Ftp, verb: string, arg: string, command: Command): Answer {
  const open = anyone.get(verb)
  if (open) return open(ftp, arg, command)
  const known = files.get(verb) ?? transfers.get(verb) ?? visiting.get(verb)
  if (!known) return `500 ${verb} not understood\r\n`
  return ftp.visitor ? known(ftp, arg, command) : NOT_LOGGED_IN
}

const features = (ftp: Ftp) =>
  multiline(
    211,
    'Features:',
    [
      'AUTH TLS',
      'CCC',
      'CLNT',
      'CSID',
      'EPRT',
      'EPSV',
      'HOST',
      'LANG C.UTF-8*',
      'MDTM',
      'MFF modify;UNIX.group;UNIX.mode;',
      'MFMT',
      `MLST ${allFacts.map(fact => `${fact}${!ftp.facts || ftp.facts.has(fact) ? '*' : ''};`).join('')}`,
      'PBSZ',
      'PROT',
      'RANG STREAM',
      'REST STREAM',
      'SITE COPY',
      'SITE MKDIR',
      'SITE RMDIR',
      'SITE SYMLINK',
      'SITE UTIME',
      'SIZE',
      'SSCN',
      'TVFS',
      'UTF8',
    ].map(name => ` ${name}`),
    'End',
  )
/** ServerAdmin is `root@` what the server calls itself. */
const contact = (ftp: Ftp) => `Direct comments to root@${ftp.cx.persona.fqdn}`

const who: Verb = (ftp, arg) => {
  if (arg === '') return '500 USER: command requires a parameter\r\n'
  // Replies name the first word, but the user is all of it.
  const user = arg.split(' ')[0]!
  if (ftp.visitor) {
    // An anonymous visitor who names themselves again is greeted again (mod_auth).
    return !ftp.visitor.account && isAnonymous(user)
      ? `230 User ${user} logged in\r\n`
      : '501 Reauthentication not supported\r\n'
  }
  ftp.user = arg
  if (ftp.cx.options.anonymous && isAnonymous(arg))
    return '331 Anonymous login ok, send your complete email address as your password\r\n'
  return `331 Password required for ${user}\r\n`
}

const logIn: Verb = async (ftp, arg) => {
  if (ftp.visitor) return '503 You are already logged in\r\n'
  if (ftp.user === undefined) return '503 Login with USER first\r\n'
  const user = ftp.user
  ftp.user = undefined
  const visitor = tryLogin(ftp, user, arg)
  if (!visitor) {
    // An unknown user never reaches PAM and its delay: the real server tells them apart by time as well.
    if (isKnown(ftp, user)) await ftp.cx.pause(pamDelay(2, ftp.cx.random))
    return '530 Login incorrect.\r\n'
  }
  const now = whole(clock(ftp))
  enter(ftp, visitor, now, WELCOME)
  ftp.conn.patience = TIMEOUT_IDLE
  if (visitor.account) return `230 User ${user} logged in\r\n`
  const lines = welcomed(ftp, user).split('\n').slice(0, -1)
  return `230-${lines.join('\r\n ')}\r\n230 Anonymous access granted, restrictions apply\r\n`
}

const isKnown = (ftp: Ftp, user: string) =>
  user !== 'root' && [...ftp.accounts, ...ftp.cx.persona.users].some(({ name }) => name === user)

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
function welcomed(ftp: Ftp, user: string): string {
  const { source, persona } = ftp.cx
  const at = new Date(clock(ftp) + persona.timezone.offset * 60_000)
  const time = `${days[at.getUTCDay()]} ${months[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2)} ${at.toISOString().slice(11, 19)} ${at.getUTCFullYear()}`
  const values: Record<string, string> = { '%U': user, '%R': source.ip, '%T': time, '%L': persona.fqdn }
  return WELCOME.replace(/%[URTL]/g, name => values[name]!)
}

const startTls: Verb = async (ftp, arg) => {
  if (arg === '') return '504 AUTH requires at least one argument\r\n'
  if (ftp.cx.encrypted) return '503 Unwilling to accept second AUTH\r\n'
  const kind = arg.toUpperCase()
  if (!/^(TLS(-C|-P)?|SSL)$/.test(kind))
    return ftp.visitor ? '534 Unwilling to accept security parameters\r\n' : '500 AUTH not understood\r\n'
  await ftp.conn.write(`234 AUTH ${kind} successful\r\n`)
  await ftp.cx.startTls()
  return undefined
}
const protection: Verb = (ftp, arg) => {
  if (!ftp.cx.encrypted) return '500 PROT not understood\r\n'
  const level = arg.toUpperCase()
  if (level === 'S' || level === 'E') return `536 PROT ${arg} unsupported\r\n`
  if (level !== 'C' && level !== 'P') return `504 PROT ${arg} unsupported\r\n`
  if (!ftp.bufferSizeSet) return '503 You must issue the PBSZ command prior to PROT\r\n'
  ftp.protect = level === 'P'
  return ftp.protect ? '200 Protection set to Private\r\n' : '200 Protection set to Clear\r\n'
}
const bufferSize: Verb = (ftp, arg) => {
  if (!ftp.cx.encrypted) return '500 PBSZ not understood\r\n'
  ftp.bufferSizeSet = true
  return arg === '0' ? '200 PBSZ 0 successful\r\n' : '200 PBSZ=0 successful\r\n'
}

const options: Verb = (ftp, arg) => {
  if (arg === '') return '501 Invalid number of parameters\r\n'
  const [what = '', ...rest] = arg.split(' ')
  const value = rest.join(' ')
  if (/^UTF8$/i.test(what)) {
    if (!/^(on|off)$/i.test(value)) return `501 'OPTS ${arg}' not understood\r\n`
    return `200 UTF8 set to ${value.toLowerCase()}\r\n`
  }
  if (/^MLST$/i.test(what)) {
    const wanted = value.toLowerCase().split(';')
    const kept = allFacts.filter(fact => wanted.includes(fact.toLowerCase()))
    ftp.facts = new Set(kept)
    const echoed = value.split(';').filter(name => allFacts.some(fact => fact.toLowerCase() === name.toLowerCase()))
    return `200 MLST OPTS ${echoed.map(fact => `${fact};`).join('')}\r\n`
  }
  return `500 OPTS ${arg} not understood\r\n`
}

const host: Verb = (ftp, arg) =>
  ftp.user === undefined && !ftp.visitor
    ? `504 ${arg}: Unknown hostname provided\r\n`
    : '503 Bad sequence of commands\r\n'

const unimplemented =
  (verb: string): Verb =>
  () =>
    `502 ${verb} command not implemented\r\n`

/** Commands that mod_core and mod_auth take from anybody. */
const anyone = new Map<string, Verb>([
  ['USER', who],
  ['PASS', logIn],
  ['AUTH', startTls],
  ['PBSZ', bufferSize],
  ['PROT', protection],
  ['FEAT', features],
  ['OPTS', options],
  ['SYST', () => '215 UNIX Type: L8\r\n'],
  ['NOOP', () => '200 NOOP command successful\r\n'],
  ['CLNT', () => '200 OK\r\n'],
  ['LANG', (_, arg) => (arg === '' ? '200 Using default language C.UTF-8\r\n' : '500 Unable to handle command\r\n')],
  ['HOST', host],
  ['ACCT', unimplemented('ACCT')],
  ['SMNT', unimplemented('SMNT')],
  ['REIN', unimplemented('REIN')],
  [
    'HELP',
    (ftp, arg) =>
      arg === ''
        ? multiline(214, "The following commands are recognized (* =>'s unimplemented):", help, contact(ftp))
        : helpOn(arg.toUpperCase()),
  ],
  ['SITE', (ftp, arg, command) => site(ftp, arg, command)],
])
const helpOn = (verb: string) => {
  if (verb === 'SITE') return '214-HELP\r\n CHGRP\r\n214 CHMOD\r\n'
  const found = syntax.get(verb)
  return found === undefined ? `502 Unknown command '${verb}'\r\n` : `214 Syntax: ${found}\r\n`
}

const site: Verb = (ftp, arg, command) => {
  if (arg === '') return "500 'SITE' requires parameters\r\n"
  const verb = arg.split(' ')[0]!.toUpperCase()
  if (verb === 'HELP')
    return multiline(214, "The following SITE commands are recognized (* =>'s unimplemented)", siteHelp, contact(ftp))
  const known = files.get(`SITE ${verb}`)
  if (!known) return ftp.visitor ? `500 'SITE ${verb}' not understood\r\n` : NOT_LOGGED_IN
  return ftp.visitor ? known(ftp, arg.slice(verb.length + 1), command) : NOT_LOGGED_IN
}

const status: Verb = (ftp, arg) => {
  if (arg !== '') return statusOf(ftp, arg)
  const { source } = ftp.cx
  return multiline(
    211,
    `Status of 'Debian'`,
    [
      ` Connected from ${source.ip} (${source.ip})`,
      ` Logged in as ${ftp.visitor?.name}`,
      ` TYPE: ${ftp.ascii ? 'ASCII' : 'BINARY'}, STRUcture: File, Mode: Stream`,
      ...(ftp.transferred > 0 ? [` Total bytes transferred for session: ${ftp.transferred}`] : []),
      ' No data connection',
    ],
    'End of status',
  )
}

const visiting = new Map<string, Verb>([
  ['STAT', status],
  // With TLS a real server goes back to plain text here (RFC 2228); ours is not willing, as `TLSRequired ctrl` makes it.
  ['CCC', ftp => (ftp.cx.encrypted ? '534 Unwilling to accept security parameters\r\n' : '500 CCC not understood\r\n')],
  ['CSID', ftp => `200 name=ProFTPD;version=${ftp.cx.persona.software.ftp.version};casesensitive=1;\r\n`],
])
