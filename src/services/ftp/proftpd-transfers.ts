import { channelVerbs } from './channels.ts'
import { factsOfDir, factsOfOne, type Listed, list, mayWrite } from './proftpd-listing.ts'
import { type Ftp, pathOf, type Verb } from './session.ts'
import { closeData, contentOf, openData, overData, receiveFile, sendBytes } from './transfer.ts'
import { errors, find, findParent, isDir } from './tree.ts'
import { FTP_GID, FTP_UID } from './world.ts'

const ACCEPT_TIMEOUT = 60
const noConnection = (ftp: Ftp) =>
  `425 Unable to build data connection: ${ftp.data === 'active' ? 'Connection timed out' : 'Connection refused'}\r\n`
const kind = (ftp: Ftp) => (ftp.ascii ? 'ASCII' : 'BINARY')

async function sendListing(ftp: Ftp, what: string, listed: Listed, announcesErrors: boolean): Promise<string> {
  if (listed.error !== undefined && !announcesErrors) return listed.error
  const channel = await openData(ftp, ACCEPT_TIMEOUT)
  if (!channel) return noConnection(ftp)
  await ftp.conn.write(`150 Opening ${kind(ftp)} mode data connection for ${what}\r\n`)
  const ending = await overData(ftp, channel, () => sendBytes(ftp, channel, Buffer.from(listed.ok ?? '', 'latin1')))
  if (listed.error !== undefined) return listed.error
  return ending === 'complete' ? '226 Transfer complete\r\n' : '426 Transfer aborted. Data connection closed\r\n'
}

const retrieve: Verb = async (ftp, arg) => {
  if (arg === '') return "500 'RETR' not understood\r\n"
  const { restart: offset, rangeEnd: end } = ftp
  ftp.restart = 0
  ftp.rangeEnd = undefined
  const path = pathOf(ftp, arg)
  const found = find(ftp.tree, path)
  if (found.error) return `550 ${arg}: ${errors[found.error]}\r\n`
  const file = found.ok
  if (isDir(file)) return `550 ${arg}: Not a regular file\r\n`
  // <Directory incoming> denies READ.
  if (!ftp.visitor?.account && path.startsWith('/incoming/')) return `550 ${arg}: Operation not permitted\r\n`
  const content = contentOf(file)
  if (!content) return `550 ${arg}: Permission denied\r\n`
  if (offset > file.size) return '554 Restart position exceeds file size\r\n'
  ftp.retrieved++
  ftp.cx.record.fileRead({ path, size: file.size })
  const channel = await openData(ftp, ACCEPT_TIMEOUT)
  if (!channel) return noConnection(ftp)
  const left = content.subarray(offset, end)
  await ftp.conn.write(`150 Opening ${kind(ftp)} mode data connection for ${arg} (${left.length} bytes)\r\n`)
  const sent = ftp.ascii ? Buffer.from(left.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1') : left
  const ending = await overData(ftp, channel, () => sendBytes(ftp, channel, sent))
  return ending === 'complete' ? '226 Transfer complete\r\n' : '426 Transfer aborted. Data connection closed\r\n'
}

async function store(ftp: Ftp, said: string, how: 'STOR' | 'APPE' | 'STOU'): Promise<string> {
  if (said === '' && how !== 'STOU') return `500 '${how}' not understood\r\n`
  const offset = ftp.restart
  ftp.restart = 0
  const account = ftp.visitor?.account
  // STOU: mkstemp(3) of `ftpXXXXXX` in the working directory.
  const name = how === 'STOU' ? `ftp${unusedSuffix(ftp)}` : said
  const path = pathOf(ftp, name)
  const old = find(ftp.tree, path).ok
  const parent = findParent(ftp.tree, path)
  // An anonymous visitor has <Limit STOR> alone, and in /incoming alone.
  if (!account && (how !== 'STOR' || !path.startsWith('/incoming/'))) return `550 ${name}: Operation not permitted\r\n`
  if (old && isDir(old)) return `550 ${name}: Not a regular file\r\n`
  if (parent.error) return `550 ${name}: ${errors[parent.error]}\r\n`
  if (!mayWrite(ftp, parent.ok.dir)) return `550 ${name}: ${errors.EACCES}\r\n`
  if (!old && ftp.tree.room <= 0) return `550 ${name}: ${errors.ENOSPC}\r\n`
  const channel = await openData(ftp, ACCEPT_TIMEOUT)
  if (!channel) return noConnection(ftp)
  await ftp.conn.write(
    how === 'STOU' ? `150 FILE: ${name}\r\n` : `150 Opening ${kind(ftp)} mode data connection for ${name}\r\n`,
  )
  const at = how === 'APPE' ? (old?.size ?? 0) : offset
  const owner = account ? { uid: account.uid, gid: account.uid } : { uid: FTP_UID, gid: FTP_GID }
  const ending = await overData(ftp, channel, () =>
    receiveFile(ftp, channel, { path, offset: at, mode: 0o666 & ~ftp.umask, ...owner }),
  )
  return ending === 'complete' ? '226 Transfer complete\r\n' : '426 Transfer aborted. Data connection closed\r\n'
}
function unusedSuffix(ftp: Ftp): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  return [...ftp.cx.random(6)].map(byte => letters[byte % letters.length]).join('')
}

const restart: Verb = (ftp, arg) => {
  if (arg === '') return "500 'REST' not understood\r\n"
  const at = Number(arg)
  if (!/^\d{1,15}$/.test(arg)) return '501 REST requires a value greater than or equal to 0\r\n'
  if (ftp.ascii && at > 0) return '501 REST: Resuming transfers not allowed in ASCII mode\r\n'
  ftp.restart = at
  return `350 Restarting at ${at}. Send STORE or RETRIEVE to initiate transfer\r\n`
}

/** RANG (draft-bryan-ftp-range): first and last byte of the next transfer. */
const range: Verb = (ftp, arg) => {
  const [, from, to] = /^(\d{1,15}) (\d{1,15})$/.exec(arg) ?? []
  if (from === undefined || to === undefined) return `500 'RANG${arg && ` ${arg}`}' not understood\r\n`
  if (Number(to) < Number(from)) return '501 RANG start must be less than end\r\n'
  if (ftp.ascii) return '551 RANG: Transfer ranges not allowed in ASCII mode\r\n'
  ftp.restart = Number(from)
  ftp.rangeEnd = Number(to) + 1
  return `350 Transferring byte range of ${ftp.rangeEnd - ftp.restart} bytes starting from ${from}\r\n`
}

const type: Verb = (ftp, arg) => {
  if (arg === '') return "500 'TYPE' not understood\r\n"
  const [letter = '', size = ''] = arg.toUpperCase().split(' ')
  const binary = letter === 'I' || (letter === 'L' && size === '8')
  if (!binary && (letter !== 'A' || (size !== '' && size !== 'N')))
    return `504 TYPE not implemented for '${arg}' parameter\r\n`
  ftp.ascii = !binary
  return `200 Type set to ${letter}\r\n`
}
const structure: Verb = (_, arg) => {
  if (/^F$/i.test(arg)) return '200 Structure set to F\r\n'
  return arg === '' ? "501 'STRU' not understood\r\n" : `504 'STRU ${arg}' unsupported structure type\r\n`
}
const mode: Verb = (_, arg) => {
  if (/^S$/i.test(arg)) return '200 Mode set to S\r\n'
  return arg === '' ? "501 'MODE' not understood\r\n" : `504 'MODE ${arg}' unsupported transfer mode\r\n`
}

const FEW = '501 Invalid number of parameters\r\n'
const WRONG_FAMILY = '522 Network protocol not supported, use (1,2)\r\n'
const channels = channelVerbs({
  onlyExtended: verb => `500 Illegal ${verb} command, EPSV ALL in effect\r\n`,
  // Meant for ::ffff:192.0.2.1: what follows the last colon.
  address: ip => ip.slice(ip.lastIndexOf(':') + 1).replaceAll('.', ','),
  passive: numbers => `227 Entering Passive Mode (${numbers}).\r\n`,
  noPort: '425 Unable to build data connection: Address already in use\r\n',
  extendedPassive: port => `229 Entering Extended Passive Mode (|||${port}|)\r\n`,
  allExtended: '200 EPSV ALL command successful\r\n',
  wrongFamily: () => WRONG_FAMILY,
  badPort: arg => (arg === '' ? FEW : '501 Illegal PORT command\r\n'),
  badExtendedPort: arg => (arg === '' ? FEW : WRONG_FAMILY),
  refused: verb => `500 Illegal ${verb} command\r\n`,
  chosen: verb => `200 ${verb} command successful\r\n`,
})

/** A refused transfer takes its data connection with it. */
const transfer =
  (verb: Verb): Verb =>
  async (ftp, arg, command) => {
    const reply = await verb(ftp, arg, command)
    closeData(ftp)
    return reply
  }

/** mod_xfer, mod_ls and mod_facts: what moves over a data connection, and how. */
export const verbs = new Map<string, Verb>([
  ['LIST', transfer((ftp, arg) => sendListing(ftp, 'file list', list(ftp, arg, true), true))],
  ['NLST', transfer((ftp, arg) => sendListing(ftp, 'file list', list(ftp, arg, false), false))],
  ['MLSD', transfer((ftp, arg) => sendListing(ftp, 'MLSD', factsOfDir(ftp, arg), false))],
  ['MLST', factsOfOne],
  ['RETR', transfer(retrieve)],
  ['STOR', transfer((ftp, arg) => store(ftp, arg, 'STOR'))],
  ['APPE', transfer((ftp, arg) => store(ftp, arg, 'APPE'))],
  ['STOU', transfer((ftp, arg) => store(ftp, arg, 'STOU'))],
  ['REST', restart],
  ['RANG', range],
  ['TYPE', type],
  ['STRU', structure],
  ['MODE', mode],
  ['PASV', channels.passive],
  ['EPSV', channels.extendedPassive],
  ['PORT', channels.port],
  ['EPRT', channels.extendedPort],
  ['ALLO', (_, arg) => (arg === '' ? "504 'ALLO' not understood\r\n" : '202 No storage allocation necessary\r\n')],
  ['ABOR', () => '226 Abort successful\r\n'],
])
