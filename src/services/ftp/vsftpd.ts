import { channelVerbs } from './channels.ts'
import type { ListStyle } from './listing.ts'
import { enter, pamDelay, tryLogin } from './login.ts'
import { listing, parseListing } from './ls.ts'
import { clock, type Dialect, type Ftp, type Verb, whole } from './session.ts'
import { contentOf, openData, overData, receiveFile, sendBytes } from './transfer.ts'
import { find, findParent, isDir, put, removeDir, removeFile, rename, resolve } from './tree.ts'
import { features, help } from './vsftpd-texts.ts'
import { multiline, parseTimestamp, quoted, timestamp } from './wire.ts'
import { FTP_GID, FTP_UID } from './world.ts'

/**
 * vsFTPd 3.0.x with Debian's vsftpd.conf and anonymous_enable, write_enable, anon_upload_enable, anon_mkdir_write_enable,
 * chroot_local_user, ssl_enable switched on. Wordings recorded from vsftpd 3.0.3-13 (test/oracle/ftp).
 */

const ACCEPT_TIMEOUT = 60
const MAX_LOGIN_FAILS = 3
const LOCAL_UMASK = 0o077

const DENIED = '550 Permission denied.\r\n'
const UNKNOWN = '500 Unknown command.\r\n'
const NOT_LOGGED_IN = '530 Please login with USER and PASS.\r\n'

export const vsftpd: Dialect = {
  greeting: ftp => `220 (vsFTPd ${ftp.cx.persona.software.ftp.version})\r\n`,
  tooLong: '500 Input line too long.\r\n',
  timeout: '421 Timeout.\r\n',
  ascii: false,
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

const style = (ftp: Ftp): ListStyle => ({
  now: clock(ftp),
  zone: ftp.cx.persona.timezone.offset,
  owner: String,
  group: String,
  product: 'vsFTPd',
})

const habits = { recursive: false, itself: false, keepsPath: false }

/** What LIST or NLST sends: nothing when nothing is there, and no word about it. */
function list(ftp: Ftp, arg: string, long: boolean): string {
  const asked = parseListing(arg)
  const shown = listing(
    { tree: ftp.tree, cwd: ftp.cwd, style: long || asked.long ? style(ftp) : undefined },
    asked,
    habits,
  )
  return shown.ok?.join('') ?? ''
}

const NO_CHANNEL = '425 Use PORT or PASV first.\r\n'
const NO_CONNECTION = '425 Failed to establish connection.\r\n'

async function sendList(ftp: Ftp, arg: string, long: boolean): Promise<string> {
  if (!ftp.data) return NO_CHANNEL
  const channel = await openData(ftp, ACCEPT_TIMEOUT)
  if (!channel) return NO_CONNECTION
  await ftp.conn.write('150 Here comes the directory listing.\r\n')
  const ending = await overData(ftp, channel, () =>
    sendBytes(ftp, channel, Buffer.from(list(ftp, arg, long), 'latin1')),
  )
  return ending === 'complete' ? '226 Directory send OK.\r\n' : '426 Failure writing network stream.\r\n'
}

const retrieve: Verb = async (ftp, arg) => {
  if (!ftp.data) return NO_CHANNEL
  const path = resolve(ftp.cwd, arg)
  const file = find(ftp.tree, path).ok
  const offset = ftp.restart
  ftp.restart = 0
  // anon_world_readable_only: an anonymous upload (0600) is not given back.
  const hidden = file && !ftp.visitor?.account && !(file.mode & 0o004)
  const content = file && !isDir(file) && !hidden ? contentOf(file) : undefined
  if (!file || isDir(file) || !content) return '550 Failed to open file.\r\n'
  ftp.cx.record.fileRead({ path, size: file.size })
  const channel = await openData(ftp, ACCEPT_TIMEOUT)
  if (!channel) return NO_CONNECTION
  const kind = 'BINARY' // ascii_download_enable=NO
  await ftp.conn.write(`150 Opening ${kind} mode data connection for ${arg} (${file.size} bytes).\r\n`)
  const ending = await overData(ftp, channel, () =>
    sendBytes(ftp, channel, content.subarray(Math.min(offset, content.length))),
  )
  return ending === 'complete' ? '226 Transfer complete.\r\n' : '426 Failure writing network stream.\r\n'
}

async function store(ftp: Ftp, said: string, how: { append?: boolean; unique?: boolean }): Promise<string> {
  if (!ftp.data) return NO_CHANNEL
  const account = ftp.visitor?.account
  const offset = ftp.restart
  ftp.restart = 0
  const wanted = resolve(ftp.cwd, said)
  const path = how.unique ? unused(ftp, wanted) : wanted
  const old = find(ftp.tree, path)
  const parent = findParent(ftp.tree, path).ok
  if (!parent || (old.ok && (isDir(old.ok) || !account)) || (!account && parent.dir.uid !== FTP_UID))
    return '553 Could not create file.\r\n'
  if (!old.ok && ftp.tree.room <= 0) return '553 Could not create file.\r\n'
  const channel = await openData(ftp, ACCEPT_TIMEOUT)
  if (!channel) return NO_CONNECTION
  await ftp.conn.write(
    how.unique ? `150 FILE: ${path.slice(path.lastIndexOf('/') + 1)}\r\n` : '150 Ok to send data.\r\n',
  )
  const at = how.append && old.ok && !isDir(old.ok) ? old.ok.size : offset
  const owner = account ? { uid: account.uid, gid: account.uid } : { uid: FTP_UID, gid: FTP_GID }
  const mode = 0o666 & ~(account ? ftp.umask : 0o077)
  const ending = await overData(ftp, channel, () => receiveFile(ftp, channel, { path, offset: at, mode, ...owner }))
  return ending === 'complete' ? '226 Transfer complete.\r\n' : '426 Failure reading network stream.\r\n'
}

/** STOU: `name.1`, `name.2`, …; `STOU` where no name is given. */
function unused(ftp: Ftp, wanted: string): string {
  const base = wanted === ftp.cwd || wanted === '/' ? resolve(ftp.cwd, 'STOU') : wanted
  for (let i = 1; ; i++) if (find(ftp.tree, `${base}.${i}`).error) return `${base}.${i}`
}

const changeDir: Verb = (ftp, arg) => {
  // `~` is tried as the home directory (`tunable_tilde_user_enable` off: the user's own only).
  const path = arg === '~' ? '/' : arg === '' ? undefined : resolve(ftp.cwd, arg)
  const found = path === undefined ? undefined : find(ftp.tree, path).ok
  if (path === undefined || !found || !isDir(found)) return '550 Failed to change directory.\r\n'
  ftp.cwd = path
  return '250 Directory successfully changed.\r\n'
}
const parentDir: Verb = (ftp, _, command) => changeDir(ftp, '..', command)
const printDir: Verb = ftp => `257 ${quoted(ftp.cwd)} is the current directory\r\n`

const makeDir: Verb = (ftp, arg) => {
  const path = resolve(ftp.cwd, arg)
  const account = ftp.visitor?.account
  const parent = findParent(ftp.tree, path).ok
  const allowed = account || parent?.dir.uid === FTP_UID
  const stat = account
    ? { uid: account.uid, gid: account.uid, mode: 0o777 & ~ftp.umask }
    : { uid: FTP_UID, gid: FTP_GID, mode: 0o700 }
  if (arg === '' || !allowed || put(ftp.tree, path, { ...stat, mtime: whole(clock(ftp)), entries: new Map() }).error)
    return '550 Create directory operation failed.\r\n'
  return `257 ${quoted(path)} created\r\n`
}

/** Commands that anon_other_write_enable=NO keeps from anonymous visitors. */
const owned =
  (verb: Verb): Verb =>
  (ftp, arg, command) =>
    ftp.visitor?.account ? verb(ftp, arg, command) : DENIED

const removeDirectory: Verb = (ftp, arg) =>
  arg !== '' && removeDir(ftp.tree, resolve(ftp.cwd, arg), whole(clock(ftp))).ok
    ? '250 Remove directory operation successful.\r\n'
    : '550 Remove directory operation failed.\r\n'

const remove: Verb = (ftp, arg) =>
  arg !== '' && removeFile(ftp.tree, resolve(ftp.cwd, arg), whole(clock(ftp))).ok
    ? '250 Delete operation successful.\r\n'
    : '550 Delete operation failed.\r\n'

const renameFrom: Verb = (ftp, arg) => {
  const path = resolve(ftp.cwd, arg)
  ftp.renameFrom = undefined
  if (arg === '' || find(ftp.tree, path).error) return '550 RNFR command failed.\r\n'
  ftp.renameFrom = path
  return '350 Ready for RNTO.\r\n'
}
const renameTo: Verb = (ftp, arg) => {
  const from = ftp.renameFrom
  ftp.renameFrom = undefined
  if (from === undefined) return '503 RNFR required first.\r\n'
  const moved = arg !== '' && rename(ftp.tree, from, resolve(ftp.cwd, arg), whole(clock(ftp))).ok
  return moved ? '250 Rename successful.\r\n' : '550 Rename failed.\r\n'
}

const channels = channelVerbs({
  onlyExtended: () => DENIED,
  passive: numbers => `227 Entering Passive Mode (${numbers}).\r\n`,
  noPort: NO_CONNECTION,
  extendedPassive: port => `229 Entering Extended Passive Mode (|||${port}|)\r\n`,
  allExtended: '200 EPSV ALL ok.\r\n',
  families: own => [own],
  wrongFamily: verb => (verb === 'EPSV' ? '522 Bad network protocol.\r\n' : '500 Bad EPRT protocol.\r\n'),
  badPort: '500 Illegal PORT command.\r\n',
  badExtendedPort: '500 Bad EPRT command.\r\n',
  refused: verb => `500 Illegal ${verb} command.\r\n`,
  chosen: verb => `200 ${verb} command successful. Consider using ${verb === 'PORT' ? 'PASV' : 'EPSV'}.\r\n`,
})

const type: Verb = (ftp, arg) => {
  const kind = arg.toUpperCase()
  if (kind === 'A' || kind === 'A N') {
    ftp.ascii = true
    return '200 Switching to ASCII mode.\r\n'
  }
  if (kind !== 'I' && kind !== 'L8' && kind !== 'L 8') return '500 Unrecognised TYPE command.\r\n'
  ftp.ascii = false
  return '200 Switching to Binary mode.\r\n'
}

/** vsf_sysutil_a_to_filesize_t: decimal digits from the start, anything else is 0. */
const restart: Verb = (ftp, arg) => {
  ftp.restart = Number(/^\d{1,15}/.exec(arg)?.[0] ?? 0)
  return `350 Restart position accepted (${ftp.restart}).\r\n`
}

const size: Verb = (ftp, arg) => {
  const file = find(ftp.tree, resolve(ftp.cwd, arg)).ok
  return file && !isDir(file) ? `213 ${file.size}\r\n` : '550 Could not get file size.\r\n'
}
const modified: Verb = (ftp, arg) => {
  const set = /^(\d{14,}) (.*)$/s.exec(arg)
  if (set) {
    const file = find(ftp.tree, resolve(ftp.cwd, set[2]!)).ok
    const time = parseTimestamp(set[1]!)
    if (!file || isDir(file) || time === undefined || !ftp.visitor?.account)
      return '550 Could not set file modification time.\r\n'
    file.mtime = time
    return '213 File modification time set.\r\n'
  }
  const file = find(ftp.tree, resolve(ftp.cwd, arg)).ok
  return file && !isDir(file) ? `213 ${timestamp(file.mtime)}\r\n` : '550 Could not get file modification time.\r\n'
}

const site: Verb = (ftp, arg) => {
  const [word = '', ...rest] = arg.split(' ')
  const verb = word.toUpperCase()
  if (verb === 'HELP') return '214 CHMOD UMASK HELP\r\n'
  if (verb === 'UMASK') {
    if (rest.length === 0) return `200 Your current UMASK is ${umaskText(ftp.umask)}\r\n`
    ftp.umask = octal(rest.join(' '))
    return `200 UMASK set to ${umaskText(ftp.umask)}\r\n`
  }
  if (verb !== 'CHMOD') return '500 Unknown SITE command.\r\n'
  const [mode = '', ...path] = rest
  if (path.length === 0) return '500 SITE CHMOD needs 2 arguments.\r\n'
  const entry = find(ftp.tree, resolve(ftp.cwd, path.join(' '))).ok
  if (!entry) return '550 SITE CHMOD command failed.\r\n'
  entry.mode = octal(mode) & 0o777
  return '200 SITE CHMOD command ok.\r\n'
}
/** vsf_sysutil_octal_to_uint: stops at the first character that is no octal digit. */
const octal = (said: string) => Number.parseInt(/^[0-7]{1,6}/.exec(said)?.[0] ?? '0', 8)
const umaskText = (umask: number) => (umask === 0 ? '0' : `0${umask.toString(8)}`)

const status: Verb = (ftp, arg) => {
  if (arg !== '') {
    return `213-Status follows:\r\n${list(ftp, `-a ${arg}`, true)}213 End of status\r\n`
  }
  return multiline(
    211,
    'FTP server status:',
    [
      `     Connected to ${ftp.cx.source.ip}`,
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

const again: Verb = (ftp, arg) => {
  if (!ftp.visitor?.account) return "530 Can't change from guest user.\r\n"
  return arg === ftp.visitor.name ? '331 Any password will do.\r\n' : "530 Can't change to another user.\r\n"
}

const visiting = new Map<string, Verb>([
  ['USER', again],
  ['PASS', () => '230 Already logged in.\r\n'],
  ['FEAT', () => features],
  ['OPTS', options],
  ['PBSZ', bufferSize],
  ['PROT', protection],
  ['PWD', printDir],
  ['XPWD', printDir],
  ['CWD', changeDir],
  ['XCWD', changeDir],
  ['CDUP', parentDir],
  ['XCUP', parentDir],
  ['PASV', channels.passive],
  ['P@SW', channels.passive],
  ['EPSV', channels.extendedPassive],
  ['PORT', channels.port],
  ['EPRT', channels.extendedPort],
  ['LIST', (ftp, arg) => sendList(ftp, arg, true)],
  ['NLST', (ftp, arg) => sendList(ftp, arg, false)],
  ['RETR', retrieve],
  ['STOR', (ftp, arg) => store(ftp, arg, {})],
  ['APPE', owned((ftp, arg) => store(ftp, arg, { append: true }))],
  ['STOU', (ftp, arg) => store(ftp, arg, { unique: true })],
  ['MKD', makeDir],
  ['XMKD', makeDir],
  ['RMD', owned(removeDirectory)],
  ['XRMD', owned(removeDirectory)],
  ['DELE', owned(remove)],
  ['RNFR', owned(renameFrom)],
  ['RNTO', owned(renameTo)],
  ['SITE', owned(site)],
  ['TYPE', type],
  ['STRU', (_, arg) => (/^F$/i.test(arg) ? '200 Structure set to F.\r\n' : '504 Bad STRU command.\r\n')],
  ['MODE', (_, arg) => (/^S$/i.test(arg) ? '200 Mode set to S.\r\n' : '504 Bad MODE command.\r\n')],
  ['REST', restart],
  ['SIZE', size],
  ['MDTM', modified],
  ['STAT', status],
  ['SYST', () => '215 UNIX Type: L8\r\n'],
  ['HELP', () => help],
  ['NOOP', () => '200 NOOP ok.\r\n'],
  ['ALLO', () => '202 ALLO command ignored.\r\n'],
  ['ACCT', () => '502 ACCT not implemented.\r\n'],
  ['SMNT', () => '502 SMNT not implemented.\r\n'],
  ['REIN', () => '502 REIN not implemented.\r\n'],
  ['ABOR', () => '225 No transfer to ABOR.\r\n'],
])
