import { errorText } from '../../errors.ts'
import { lookup, reach } from '../../internet/reach.ts'
import type { Process, Program } from '../../system.ts'
import { getopt, type Option } from '../getopt.ts'
import { absolute, attempt } from '../paths.ts'
import { connectTo } from './connect.ts'
import { optionMistake, pourOut } from './wget.ts'

const tftpOptions: Option[] = [
  { short: 'g' },
  { short: 'p' },
  { short: 'l', argument: 'required' },
  { short: 'r', argument: 'required' },
  { short: 'b', argument: 'required' },
  // Devices' BusyBox has it too; whoever gives it means the same.
  { short: 'c', argument: 'required' },
]

/** tftp of BusyBox 1.35.0: one file, either way. */
export const tftp: Program = async process => {
  const parsed = getopt(process.argv, tftpOptions)
  if (typeof parsed === 'string') return optionMistake(process, 'tftp', parsed)
  const remote = parsed.value('r') ?? parsed.value('l')
  const [host, port = '69'] = parsed.operands
  if (host === undefined || remote === undefined || parsed.has('g') === parsed.has('p'))
    return optionMistake(process, 'tftp')
  const base = remote.slice(remote.lastIndexOf('/') + 1)
  const local = parsed.value('l') ?? (parsed.has('g') ? base : remote)
  const url = `tftp://${host}${port === '69' ? '' : `:${port}`}/${remote.replace(/^\//, '')}`
  const argv = ['busybox', ...process.argv]
  if (!lookup(process, host)) {
    process.host.witness.download({ url, tool: 'busybox tftp', argv })
    await process.stderr.write(`tftp: bad address '${host}'\n`)
    return 1
  }
  if (parsed.has('p')) return sendOne(process, local, { host, port: Number(port), tool: 'busybox tftp' }, 'tftp')
  process.host.witness.download({
    url,
    tool: 'busybox tftp',
    argv,
    ...(local === '-' ? {} : { path: absolute(process, local) }),
  })
  const address = lookup(process, host)![0]!
  const fetched = process.host.internet.fetch(url)
  if ('refused' in fetched || reach(process, address, Number(port)).refused !== undefined) {
    // Datagrams that nobody answers: it asks again, waiting longer each time.
    await process.sleep(12)
    await process.stderr.write('tftp: timeout\n')
    return 1
  }
  return receiveOne(process, local, base, fetched.body, fetched.seconds, 'tftp')
}

const ftpOptions: Option[] = [
  { short: 'c', long: 'continue' },
  { short: 'v', long: 'verbose' },
  { short: 'u', long: 'username', argument: 'required' },
  { short: 'p', long: 'password', argument: 'required' },
  { short: 'P', long: 'port', argument: 'required' },
]

/** ftpget of BusyBox 1.35.0. */
export const ftpget: Program = process => ftp(process, 'ftpget')
/** ftpput of BusyBox 1.35.0. */
export const ftpput: Program = process => ftp(process, 'ftpput')

const ftp = async (process: Process, name: 'ftpget' | 'ftpput'): Promise<number> => {
  const parsed = getopt(process.argv, ftpOptions)
  if (typeof parsed === 'string') return optionMistake(process, name, parsed)
  const [host, first, second] = parsed.operands
  if (host === undefined || first === undefined || parsed.operands.length > 3) return optionMistake(process, name)
  const gets = name === 'ftpget'
  const remote = gets ? (second ?? first) : first
  const local = gets ? first : (second ?? first)
  const port = Number(parsed.value('port') ?? 21) || 21
  const user = parsed.value('username')
  const url = `ftp://${host}${port === 21 ? '' : `:${port}`}/${remote.replace(/^\//, '')}`
  if (gets)
    process.host.witness.download({
      url,
      tool: 'busybox ftpget',
      argv: ['busybox', ...process.argv],
      ...(local === '-' ? {} : { path: absolute(process, local) }),
    })
  if (user !== undefined)
    process.host.witness.connection({
      host,
      port,
      tool: `busybox ${name}`,
      sent: Buffer.from(`USER ${user}\r\nPASS ${parsed.value('password') ?? ''}\r\n`, 'latin1'),
    })
  const address = await connectTo(process, host, port, name, async (place, shown) => {
    if (parsed.has('verbose')) await process.stdout.write(`Connecting to ${port === 21 ? host : shown} (${place})\n`)
  })
  if (typeof address === 'number') return address
  if (!gets) return sendOne(process, local, { host, port, tool: 'busybox ftpput' }, name)
  const fetched = process.host.internet.fetch(url)
  if ('refused' in fetched) {
    await process.stderr.write(`ftpget: unexpected server response to RETR: 550 Failed to open file.\n`)
    return 1
  }
  const base = local.slice(local.lastIndexOf('/') + 1)
  return receiveOne(process, local, base, fetched.body, fetched.seconds, name)
}

const receiveOne = async (
  process: Process,
  local: string,
  base: string,
  body: Buffer,
  seconds: number,
  name: string,
) => {
  if (local === '-') {
    await process.sleep(seconds)
    await process.stdout.write(body)
    return 0
  }
  const place = absolute(process, local)
  try {
    process.fs.writeFile(place, Buffer.alloc(0), process.who, { mode: 0o666 & ~process.umask })
    // tftp shows how it comes along, ftpget does not.
    const log = name === 'tftp' ? process.stderr : undefined
    await pourOut(process, { name: base, body, seconds, log }, part =>
      process.fs.writeFile(place, part, process.who, { append: true }),
    )
  } catch (error) {
    await process.stderr.write(`${name}: can't open '${local}': ${errorText(error)}\n`)
    return 1
  }
  return 0
}

const sendOne = async (
  process: Process,
  local: string,
  place: { host: string; port: number; tool: string },
  name: string,
) => {
  const read = attempt(() => process.fs.readFile(absolute(process, local), process.who))
  if ('error' in read) {
    await process.stderr.write(`${name}: can't open '${local}': ${read.error}\n`)
    return 1
  }
  process.host.witness.file({ path: absolute(process, local), data: read.value, fate: 'sent' })
  process.host.witness.connection({ ...place, sent: read.value })
  await process.sleep(0.2 + read.value.length / 2e6)
  return 0
}
