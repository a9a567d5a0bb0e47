import { enter, pamDelay, tryLogin } from './login.ts'
import { clock, type Dialect, type Verb, whole } from './session.ts'
import { verbs as files } from './vsftpd-files.ts'
import { features, help } from './vsftpd-texts.ts'
import { list, verbs as transfers } from './vsftpd-transfers.ts'
import { multiline } from './wire.ts'

/**
 * vsFTPd 3.0.x with Debian's vsftpd.conf and anonymous_enable, write_enable, anon_upload_enable, anon_mkdir_write_enable,
 * chroot_local_user, ssl_enable switched on. Wordings recorded from vsftpd 3.0.3-13 (test/oracle/ftp).
 */

const MAX_LOGIN_FAILS = 3
const LOCAL_UMASK = 0o077

const UNKNOWN = '500 Unknown command.\r\n'
const NOT_LOGGED_IN = '530 Please login with USER and PASS.\r\n'

export const vsftpd: Dialect = {
  greeting: ftp => `220 (vsFTPd ${ftp.cx.persona.software.ftp.version})\r\n`,
  tooLong: '500 Input line too long.\r\n',
  timeout: () => '421 Timeout.\r\n',
  ascii: true,
  umask: LOCAL_UMASK,

  async answer(ftp, command) {
    const { verb, arg, line } = command
    // Blank lines are passed over in silence, "to avoid NAT device bugs" (prelogin.c, postlogin.c).
    if (line === '' || line === '\r') return true
    if (ftp.visitor && (verb === 'GET' || verb === 'HEAD' || verb === 'POST')) {
      await ftp.conn.write('500 HTTP protocol commands not allowed.\r\n')
      return false
    }
    if (verb === 'QUIT') {
      await ftp.conn.write('221 Goodbye.\r\n')
      return false
    }
    const table = ftp.visitor ? visiting : knocking
    const answer = table.get(verb)
    const reply = answer ? await answer(ftp, arg, command) : ftp.visitor ? UNKNOWN : NOT_LOGGED_IN
    if (reply !== undefined) await ftp.conn.write(reply)
    return ftp.failures < MAX_LOGIN_FAILS
  },
}

const who: Verb = (ftp, arg) => {
  ftp.user = arg
  return '331 Please specify the password.\r\n'
}
const logIn: Verb = async (ftp, arg) => {
  if (ftp.user === undefined) return '503 Login with USER first.\r\n'
  const user = ftp.user
  ftp.user = undefined
  const visitor = tryLogin(ftp, user, arg)
  if (!visitor) {
    // pam_unix asks for 2 s; vsftpd adds its own delay_failed_login.
    await ftp.cx.pause(pamDelay(2, ftp.cx.random) + 1)
    return '530 Login incorrect.\r\n'
  }
  enter(ftp, visitor, whole(clock(ftp)))
  return '230 Login successful.\r\n'
}

const startTls: Verb = async (ftp, arg) => {
  if (!/^TLS(-C|-P)?$/i.test(arg) && !/^SSL$/i.test(arg)) return '504 Unknown AUTH type.\r\n'
  await ftp.conn.write('234 Proceed with negotiation.\r\n')
  await ftp.cx.startTls()
  return undefined
}

const options: Verb = (_, arg) =>
  /^UTF8 ON$/i.test(arg) ? '200 Always in UTF8 mode.\r\n' : '501 Option not understood.\r\n'
const bufferSize: Verb = ftp => {
  if (!ftp.cx.encrypted) return '503 PBSZ needs a secure connection.\r\n'
  ftp.bufferSizeSet = true
  return '200 PBSZ set to 0.\r\n'
}
const protection: Verb = (ftp, arg) => {
  if (!ftp.cx.encrypted) return '503 PROT needs a secure connection.\r\n'
  const level = arg.toUpperCase()
  if (level === 'S' || level === 'E') return '536 PROT not supported.\r\n'
  if (level !== 'C' && level !== 'P') return '504 PROT not recognized.\r\n'
  ftp.protect = level === 'P'
  return ftp.protect ? '200 PROT now Private.\r\n' : '200 PROT now Clear.\r\n'
}

const knocking = new Map<string, Verb>([
  ['USER', who],
  ['PASS', logIn],
  ['FEAT', () => features],
  ['OPTS', options],
  ['AUTH', (ftp, arg, command) => (ftp.cx.encrypted ? NOT_LOGGED_IN : startTls(ftp, arg, command))],
  ['PBSZ', bufferSize],
  ['PROT', protection],
])

const again: Verb = (ftp, arg) => {
  if (!ftp.visitor?.account) return "530 Can't change from guest user.\r\n"
  return arg === ftp.visitor.name ? '331 Any password will do.\r\n' : "530 Can't change to another user.\r\n"
}

/** How an IPv6 socket sees an IPv4 peer. */
const mapped = (ip: string) => (ip.includes(':') ? ip : `::ffff:${ip}`)

const status: Verb = (ftp, arg) => {
  if (arg !== '') {
    return `213-Status follows:\r\n${list(ftp, `-a ${arg}`, true)}213 End of status\r\n`
  }
  return multiline(
    211,
    'FTP server status:',
    [
      `     Connected to ${mapped(ftp.cx.source.ip)}`,
      `     Logged in as ${ftp.visitor?.name}`,
      `     TYPE: ${ftp.ascii ? 'ASCII' : 'BINARY'}`,
      '     No session bandwidth limit',
      '     Session timeout in seconds is 300',
      `     Control connection is ${ftp.cx.encrypted ? 'encrypted' : 'plain text'}`,
      `     Data connections will be ${ftp.protect ? 'encrypted' : 'plain text'}`,
      '     At session startup, client count was 1',
      `     vsFTPd ${ftp.cx.persona.software.ftp.version} - secure, fast, stable`,
    ],
    'End of status',
  )
}

const visiting = new Map<string, Verb>([
  ...files,
  ...transfers,
  ['USER', again],
  ['PASS', () => '230 Already logged in.\r\n'],
  ['FEAT', () => features],
  ['OPTS', options],
  ['PBSZ', bufferSize],
  ['PROT', protection],
  ['STAT', status],
  ['SYST', () => '215 UNIX Type: L8\r\n'],
  ['HELP', () => help],
  ['NOOP', () => '200 NOOP ok.\r\n'],
  ['ALLO', () => '202 ALLO command ignored.\r\n'],
  ['ACCT', () => '502 ACCT not implemented.\r\n'],
  ['SMNT', () => '502 SMNT not implemented.\r\n'],
  ['REIN', () => '502 REIN not implemented.\r\n'],
])
