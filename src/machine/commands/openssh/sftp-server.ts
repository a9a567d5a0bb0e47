import { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#codec/malformed.ts'
import { accountOf } from '../../accounts.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { getopt, shortOptions } from '../getopt.ts'
import { absolute } from '../paths.ts'
import { answerTo, Fatal, requestNames } from './sftp/requests.ts'
import { closing, createSession, type Permitted, type Session } from './sftp/session.ts'
import { packetMax } from './sftp/wire.ts'

const options = shortOptions('d:f:l:P:p:Q:u:cehR')
const usage = `usage: sftp-server [-ehR] [-d start_directory] [-f log_facility] [-l log_level]
\t[-P denied_requests] [-p allowed_requests] [-u umask]
       sftp-server -Q protocol_feature
`
const levels = new Set(['quiet', 'fatal', 'error', 'info', 'verbose', 'debug', 'debug1', 'debug2', 'debug3'])
const facilities = new Set(['daemon', 'user', 'auth', 'authpriv', ...Array.from({ length: 8 }, (_, n) => `local${n}`)])

/** sftp-server(8) of OpenSSH 9.2p1: SFTP version 3 over standard input and output. */
export const sftpServer: Program = async process => {
  const parsed = getopt(process.argv, options)
  const fails = async (text: string, status = 1): Promise<number> => {
    await process.stderr.write(text)
    return status
  }
  if (typeof parsed === 'string') return fails(usage)
  const query = parsed.value('Q')
  if (query !== undefined) {
    if (query !== 'requests') return fails('Invalid query type\n')
    await process.stdout.write(
      requestNames(process)
        .map(name => `${name}\n`)
        .join(''),
    )
    return 0
  }
  if (parsed.has('h')) return fails(usage)
  const facility = parsed.value('f')
  if (facility !== undefined && !facilities.has(facility.toLowerCase()))
    return fails('Unrecognized internal syslog facility code -1\n')
  const level = parsed.value('l')
  if (level !== undefined && !levels.has(level.toLowerCase()))
    return fails('Unrecognized internal syslog level code -1\n')
  const umask = parsed.value('u')
  // Told to the log alone.
  if (umask !== undefined && !/^[0-7]{1,4}$/.test(umask)) return 255
  const listOf = (option: string) => parsed.value(option)?.split(',')
  const allowed = listOf('p')
  return serve(
    {
      ...process,
      ...(umask === undefined ? {} : { umask: Number.parseInt(umask, 8) & 0o777 }),
      cwd: startFolder(process, parsed.value('d')),
    },
    {
      readOnly: parsed.has('R'),
      denied: new Set(listOf('P')),
      allowed: allowed && new Set(allowed),
    },
    parsed.has('e') ? text => process.stderr.write(`${text}\r\n`) : async () => {},
  )
}

/** `-d`, with %d for the home and %u for the name. */
const startFolder = (process: Process, given: string | undefined): string => {
  if (given === undefined) return process.cwd
  const account = accountOf(process.fs, process.who.uid)
  const wanted = given.replace(/%[du%]/g, code =>
    code === '%%' ? '%' : code === '%d' ? (account?.home ?? '') : (account?.name ?? ''),
  )
  try {
    const path = absolute(process, wanted)
    return process.fs.stat(path, process.who).type === 'directory'
      ? process.fs.realpath(path, process.who)
      : process.cwd
  } catch (error) {
    if (error instanceof SystemError) return process.cwd
    throw error
  }
}

/** Answers go out together once they are so long. */
const flushAt = 64 << 10

const serve = async (process: Process, permitted: Permitted, log: (text: string) => Promise<void>): Promise<number> => {
  const session = createSession(process)
  const packets = packetsOf()
  try {
    for (;;) {
      const data = await process.stdin.read()
      if (data === undefined) return 0
      packets.push(data)
      await answerAll(session, packets, permitted, log)
    }
  } catch (error) {
    if (error instanceof Malformed) {
      await log(error.message)
      return 255
    }
    if (!(error instanceof Fatal)) throw error
    await log(error.message)
    return error.status
  } finally {
    for (const handle of session.handles.all()) closing(session, handle)
  }
}

const answerAll = async (
  session: Session,
  packets: Packets,
  permitted: Permitted,
  log: (text: string) => Promise<void>,
): Promise<void> => {
  const { stdout } = session.process
  let answers: Buffer[] = []
  let size = 0
  const flush = async (): Promise<void> => {
    if (size > 0) await stdout.write(answers.length === 1 ? answers[0]! : Buffer.concat(answers))
    answers = []
    size = 0
  }
  const remarks: string[] = []
  try {
    for (let body = packets.next(); body !== undefined; body = packets.next()) {
      const answer = answerTo(session, new Cursor(body), permitted, text => remarks.push(text))
      for (const remark of remarks.splice(0)) await log(remark)
      // The real one sleeps until there is more to read or to write.
      if (!answer) return
      answers.push(answer)
      size += answer.length
      if (size >= flushAt) await flush()
    }
  } finally {
    await flush()
  }
}

/** Splits a stream into packets (§3). */
type Packets = {
  push(data: Buffer): void
  /** A view that lasts until the next `push`. */
  next(): Buffer | undefined
}

const packetsOf = (): Packets => {
  let inbox = Buffer.alloc(0)
  let start = 0
  let end = 0
  return {
    push(data) {
      if (end + data.length > inbox.length) {
        const kept = inbox.subarray(start, end)
        const grown = Buffer.allocUnsafe(Math.max(4096, 2 * (kept.length + data.length)))
        kept.copy(grown)
        inbox = grown
        end -= start
        start = 0
      }
      data.copy(inbox, end)
      end += data.length
    },
    next() {
      // Less than five bytes are no packet yet, even where the length says there is nothing to come.
      if (end - start < 5) return undefined
      const length = inbox.readUInt32BE(start)
      if (length > packetMax) throw new Fatal(11, 'bad message from UNKNOWN local user root')
      if (end - start < 4 + length) return undefined
      const body = inbox.subarray(start + 4, start + 4 + length)
      start += 4 + length
      return body
    },
  }
}
