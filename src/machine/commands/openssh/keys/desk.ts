import { accountOf } from '../../../accounts.ts'
import { errorText } from '../../../errors.ts'
import type { Process } from '../../../system.ts'
import type { Parsed } from '../../getopt.ts'
import { absolute } from '../../paths.ts'
import { ask, readLine } from '../../system/accounts/ask.ts'
import { log } from '../usage.ts'
import { type KeyFile, parsePrivate } from './file.ts'

/** What every errand of ssh-keygen(1) needs. */
export type Desk = {
  process: Process
  options: Parsed
  say(text: string): Promise<void>
  /** `-f`, or what somebody answers. */
  file(prompt: string, name?: string): Promise<string>
}

/** The program ends with this status; what had to be said was said. */
export class Done extends Error {
  readonly status: number
  constructor(status: number) {
    super()
    this.status = status
  }
}

/** Files are small; whoever makes a large one gets this much of it read. */
const fileMax = 1 << 18

export const readText = ({ fs, who, ...process }: Process, path: string): string =>
  fs.readFile(absolute({ fs, who, ...process }, path), who, { max: fileMax }).toString('latin1')

export const leave = async ({ process }: Desk, text: string, status = 255): Promise<never> => {
  await log(process, text)
  throw new Done(status)
}

/** The file's text; when there is none the program ends as ssh-keygen does. */
export const existingText = async (desk: Desk, path: string, who = ''): Promise<string> => {
  try {
    return readText(desk.process, path)
  } catch (error) {
    return leave(desk, `${who}${path}: ${errorText(error)}`)
  }
}

export const createDesk = (process: Process, options: Parsed): Desk => ({
  process,
  options,
  say: text => process.stdout.write(text),
  async file(prompt, name = 'id_rsa') {
    const given = options.value('f')
    if (given !== undefined) return given
    const usual = `${homeOf(process)}/.ssh/${name}`
    await process.stdout.write(`${prompt} (${usual}): `)
    const answer = await readLine(process.stdin)
    if (answer === undefined) throw new Done(1)
    return answer === '' ? usual : answer
  },
})

export const homeOf = ({ fs, who }: Process): string => accountOf(fs, who.uid)?.home ?? '/'

/** Asks on the terminal, else on standard input; an end there is an empty answer. */
export const secret = async (process: Process, prompt: string): Promise<string> =>
  (await ask(process, prompt, {
    secret: true,
    ...(process.terminal && !process.isatty[0] ? { input: process.terminal.input } : {}),
  })) ?? ''

const frame = '@'.repeat(59)

/** The private key in a file, opened with `-P` or a passphrase that is asked for. */
export const openPrivate = async (desk: Desk, path: string, passphrase: string | undefined) => {
  const { process } = desk
  const text = await existingText(desk, path)
  const stat = process.fs.stat(absolute(process, path), process.who)
  if (stat.uid === process.who.uid && stat.mode & 0o077) {
    await log(process, `${frame}\r\n@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @\r\n${frame}`)
    const mode = stat.mode.toString(8).padStart(4, '0')
    await log(process, `Permissions ${mode} for '${path}' are too open.`)
    await log(process, 'It is required that your private key files are NOT accessible by others.')
    await log(process, 'This private key will be ignored.')
    return leave(desk, `Load key "${path}": bad permissions`)
  }
  const found: KeyFile | undefined = parsePrivate(text)
  if (!found) return leave(desk, `Load key "${path}": error in libcrypto`)
  if (!found.encrypted) return found.unlock('')!
  const key = found.unlock(passphrase ?? (await secret(process, 'Enter passphrase: ')))
  return key ?? leave(desk, `Load key "${path}": incorrect passphrase supplied to decrypt private key`)
}
