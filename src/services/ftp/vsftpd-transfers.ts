import { channelVerbs } from './channels.ts'
import type { ListStyle } from './listing.ts'
import { listing, parseListing } from './ls.ts'
import { clock, type Ftp, type Verb } from './session.ts'
import { contentOf, openData, overData, receiveFile, sendBytes } from './transfer.ts'
import { find, findParent, isDir, resolve } from './tree.ts'
import { DENIED, owned } from './vsftpd-files.ts'
import { FTP_GID, FTP_UID } from './world.ts'

const ACCEPT_TIMEOUT = 60

const style = (ftp: Ftp): ListStyle => ({
  now: clock(ftp),
  zone: ftp.cx.persona.timezone.offset,
  owner: String,
  group: String,
  product: 'vsFTPd',
})

const habits = { recursive: false, itself: false, keepsPath: false }

/** What LIST or NLST sends: nothing when nothing is there, and no word about it. */
export function list(ftp: Ftp, arg: string, long: boolean): string {
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

const channels = channelVerbs({
  onlyExtended: () => DENIED,
  address: ip => (ip.includes(':') ? '0,0,0,0' : ip.replaceAll('.', ',')),
  passive: numbers => `227 Entering Passive Mode (${numbers}).\r\n`,
  noPort: NO_CONNECTION,
  extendedPassive: port => `229 Entering Extended Passive Mode (|||${port}|)\r\n`,
  allExtended: '200 EPSV ALL ok.\r\n',
  wrongFamily: verb => (verb === 'EPSV' ? '522 Bad network protocol.\r\n' : '500 Bad EPRT protocol.\r\n'),
  badPort: () => '500 Illegal PORT command.\r\n',
  badExtendedPort: arg => (arg === '' ? '500 Bad EPRT protocol.\r\n' : '500 Bad EPRT command.\r\n'),
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

/** What moves over a data connection, and how. */
export const verbs: [string, Verb][] = [
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
  ['TYPE', type],
  ['STRU', (_, arg) => (/^F$/i.test(arg) ? '200 Structure set to F.\r\n' : '504 Bad STRU command.\r\n')],
  ['MODE', (_, arg) => (/^S$/i.test(arg) ? '200 Mode set to S.\r\n' : '504 Bad MODE command.\r\n')],
  ['REST', restart],
  ['ABOR', () => '225 No transfer to ABOR.\r\n'],
]
