import { errorText } from '../../errors.ts'
import { connectTexts, lookup, reach } from '../../internet/reach.ts'
import { defaultPorts, partsOf } from '../../internet/url.ts'
import type { Process, Program } from '../../system.ts'
import { getopt, shortOptions } from '../getopt.ts'
import { absolute, readAll } from '../paths.ts'

const usage = `usage: ftp [-46AadefginpRtVv] [-N NETRC] [-o OUTPUT] [-P PORT] [-q QUITTIME]
           [-r RETRY] [-s SRCADDR] [-T DIR,MAX[,INC]] [-x XFERSIZE]
           [[USER@]HOST [PORT]]
           [[USER@]HOST:[PATH][/]]
           [file:///PATH]
           [ftp://[USER[:PASSWORD]@]HOST[:PORT]/PATH[/][;type=TYPE]]
           [http://[USER[:PASSWORD]@]HOST[:PORT]/PATH]
           [https://[USER[:PASSWORD]@]HOST[:PORT]/PATH]
           ...
       ftp -u URL FILE ...
       ftp -?
`
const portNames: ReadonlyMap<number, string> = new Map([
  [21, 'ftp'],
  [80, 'http'],
  [443, 'https'],
])

/** ftp(1) as Debian 12 has it: tnftp 20210827. */
export const ftp: Program = async process => {
  const parsed = getopt(process.argv, shortOptions('46AadefgiN:no:pP:q:r:Rs:tT:u:vVx:'))
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed.replace(/unrecognized option '--.*'$/, "invalid option -- '-'")}\n${usage}`)
    return 1
  }
  const [first, port] = parsed.operands
  if (first !== undefined && /^(ftp|https?):\/\//.test(first)) {
    let status = 0
    for (const url of parsed.operands.slice(0, 32)) status = (await one(process, url, parsed.value('o'))) || status
    return status
  }
  const login = /^(?:([^@]*)@)?([^:]+)(?::(.*))?$/.exec(first ?? '')
  return session(process, login?.[2], Number(port ?? parsed.value('P') ?? 21) || 21, login?.[1])
}

const calledAs = ({ argv: [word = 'ftp'] }: Process): string => word.replace(/^.*\//s, '')

const shownPlace = (host: string, port: number): string => `${host}:${portNames.get(port) ?? port}`

/** Connected, or what it says when it is not. */
const connect = async (process: Process, host: string, port: number): Promise<string | undefined> => {
  const addresses = lookup(process, host)
  if (!addresses) {
    await process.stderr.write(
      `${calledAs(process)}: Can't lookup \`${shownPlace(host, port)}': Name or service not known\n`,
    )
    return undefined
  }
  const address = addresses.find(one => !one.includes(':')) ?? addresses[0]!
  const made = reach(process, address, port)
  await process.sleep(made.seconds)
  if (made.refused === undefined) return address
  await process.stderr.write(
    `${calledAs(process)}: Can't connect to \`${address}:${portNames.get(port) ?? port}': ${connectTexts[made.refused]}\n${calledAs(process)}: Can't connect to \`${shownPlace(host, port)}'\n`,
  )
  return undefined
}

const one = async (process: Process, url: string, output: string | undefined): Promise<number> => {
  const parts = partsOf(url)
  if (!parts) {
    await process.stderr.write(`${calledAs(process)}: Invalid URL \`${url}'\n`)
    return 1
  }
  const name = output ?? parts.path.replace(/[?#].*$/s, '').replace(/^.*\//s, '')
  process.host.witness.download({
    url,
    tool: 'ftp',
    argv: process.argv,
    ...(name === '-' || name === '' ? {} : { path: absolute(process, name) }),
  })
  if ((await connect(process, parts.host, parts.port)) === undefined) {
    if (parts.scheme === 'ftp')
      await process.stderr.write(
        `${calledAs(process)}: Can't connect or login to host \`${shownPlace(parts.host, parts.port)}'\n`,
      )
    return 1
  }
  return fetched(process, url, name)
}

const fetched = async (process: Process, url: string, name: string): Promise<number> => {
  const got = process.host.internet.fetch(url)
  await process.sleep(got.seconds)
  if ('refused' in got) {
    await process.stderr.write('ftp: Error retrieving file -- 404\n')
    return 1
  }
  if (name === '-') await process.stdout.write(got.body)
  else {
    try {
      process.fs.writeFile(absolute(process, name || 'index.html'), got.body, process.who, {
        mode: 0o666 & ~process.umask,
      })
    } catch (error) {
      await process.stderr.write(`${calledAs(process)}: Can't open \`${name}': ${errorText(error)}\n`)
      return 1
    }
  }
  return 0
}

/** Commands on standard input, as scripts with a here-document give them. */
const session = async (
  process: Process,
  first: string | undefined,
  firstPort: number,
  login: string | undefined,
): Promise<number> => {
  let host = first
  let port = firstPort
  let open = false
  let user = login
  const say = (text: string) => process.stdout.write(text)
  const dial = async (): Promise<void> => {
    if (host === undefined) return
    open = (await connect(process, host, port)) !== undefined
    if (open) await say(`Connected to ${host}.\n220 (vsFTPd 3.0.5)\n`)
    else process.host.witness.connection({ host, port, tool: 'ftp' })
  }
  await dial()
  if (open && user !== undefined) await say('331 Please specify the password.\n230 Login successful.\n')
  // Line ends of the pretended prompt are the terminal's own.
  const lines = (await readAll(process.stdin, 64 << 10)).toString('latin1').split('\n').slice(0, 200)
  for (const line of lines) {
    const [verb = '', ...words] = line.trim().split(/\s+/)
    process.step(5)
    if (/^(quit|bye|exit)$/.test(verb)) break
    if (verb === 'open') {
      host = words[0]
      port = Number(words[1] ?? 21) || 21
      await dial()
    } else if (verb === '') continue
    else if (verb === 'help' || verb === '?') await say('Commands may be abbreviated.  Commands are:\n\n')
    else if (!open || host === undefined) {
      if (!/^(prompt|binary|bin|ascii|passive|hash|verbose|lcd)$/.test(verb)) await say('Not connected.\n')
    } else if (verb === 'user') {
      user = words[0]
      process.host.witness.connection({
        host,
        port,
        tool: 'ftp',
        sent: Buffer.from(`USER ${words[0] ?? ''}\r\nPASS ${words[1] ?? ''}\r\n`, 'latin1'),
      })
      await say(
        '331 Please specify the password.\n230 Login successful.\nRemote system type is UNIX.\nUsing binary mode to transfer files.\n',
      )
    } else if (/^(get|recv|mget)$/.test(verb) && words[0]) {
      const url = `ftp://${host}${port === defaultPorts.get('ftp') ? '' : `:${port}`}/${words[0].replace(/^\//, '')}`
      const local = words[1] ?? words[0].replace(/^.*\//s, '')
      process.host.witness.download({ url, tool: 'ftp', argv: process.argv, path: absolute(process, local) })
      await say(
        `local: ${local} remote: ${words[0]}\n229 Entering Extended Passive Mode (|||${40_000 + (process.pid % 20_000)}|)\n150 Opening BINARY mode data connection for ${words[0]}.\n`,
      )
      await fetched(process, url, local)
      await say('226 Transfer complete.\n')
    } else if (/^(put|send|mput)$/.test(verb) && words[0]) {
      const data = process.fs.readFile(absolute(process, words[0]), process.who)
      process.host.witness.file({ path: absolute(process, words[0]), data, fate: 'sent' })
      await say(`local: ${words[0]} remote: ${words[1] ?? words[0]}\n150 Ok to send data.\n226 Transfer complete.\n`)
    } else if (/^(cd|lcd|bin|binary|ascii|passive|prompt|hash|type)$/.test(verb))
      await say('200 Switching to Binary mode.\n')
    else await say('?Invalid command.\n')
  }
  if (open) await say('221 Goodbye.\n')
  return 0
}
