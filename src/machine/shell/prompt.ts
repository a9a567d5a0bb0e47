import { accounts } from '../accounts.ts'
import { saysOf } from '../release.ts'
import { strftime } from '../strftime.ts'
import { expandText } from './expand.ts'
import { SyntaxFault } from './scan.ts'
import { fsOf, get, Leave, type Shell } from './state.ts'
import { shellSource } from './text.ts'
import { readParts } from './word.ts'

/** Bytes of a prompt; beyond that it is cut. */
const promptMax = 8192

/** `$PS1` and its like as bash decodes them ("PROMPTING" of bash(1)), then expands them. dash only expands. */
export const promptOf = async (sh: Shell, name: 'PS0' | 'PS1' | 'PS2' | 'PS4', number = 1): Promise<string> => {
  const text = get(sh, name)
  if (text === undefined) return ''
  if (sh.ash) {
    // PSSYNTAX of ash.c: `\$` is the prompt's own, and nothing that expands.
    const kept = text.slice(0, promptMax).replace(/\\[\s\S]/g, pair => (pair === '\\$' ? '\\\\\\$' : pair))
    return decodeForAsh(sh, await expandPrompt(sh, kept)).slice(0, promptMax)
  }
  if (sh.flavour === 'sh') return (await expandPrompt(sh, text)).slice(0, promptMax)
  return (await decodePrompt(sh, text, number)).slice(0, promptMax)
}

/** parse_and_put_prompt of BusyBox's lineedit.c: after expansion, with fewer letters than bash and those of C besides. */
const decodeForAsh = (sh: Shell, text: string): string =>
  text.replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S])/g, (_whole, what: string) => {
    if (/^[0-7]/.test(what)) return String.fromCharCode(Number.parseInt(what, 8) & 255)
    if (/^x./.test(what)) return String.fromCharCode(Number.parseInt(what.slice(1), 16))
    return escapesOfAsh.get(what)?.(sh) ?? what
  })

/** `\[` and `\]` become bytes 1 and 2, as readline knows them. */
const decodePrompt = async (sh: Shell, text: string, number: number): Promise<string> => {
  const decoded = text
    .slice(0, promptMax)
    .replace(/\\([0-7]{1,3}|D\{([^}]*)\}|[\s\S])/g, (whole, what: string, format) => {
      if (/^[0-7]/.test(what)) return String.fromCharCode(Number.parseInt(what, 8) & 255)
      if (what.startsWith('D')) return format === undefined ? whole : time(sh, format === '' ? '%X' : format)
      return escapes.get(what)?.(sh, number) ?? whole
    })
  return sh.shopt.has('promptvars') ? expandPrompt(sh, decoded) : decoded
}

/** Parameters, commands and arithmetic in it; `$?` stays what it was. */
const expandPrompt = async (sh: Shell, text: string): Promise<string> => {
  if (!/[$`\\]/.test(text)) return text
  const { status, line } = sh
  try {
    return await expandText(sh, {
      parts: readParts(shellSource(sh, text), { double: true, hereDocument: true }),
      raw: text,
    })
  } catch (error) {
    if (error instanceof SyntaxFault || (error instanceof Leave && error.how === 'fatal')) return ''
    throw error
  } finally {
    sh.status = status
    sh.line = line
  }
}

/** `5.2.15`, of which `5.2` is the version and the rest the patch level. */
const bashOf = (sh: Shell): string => saysOf(sh.world.process.host.persona).bash

const time = (sh: Shell, format: string): string => {
  const { process } = sh.world
  return strftime(format, process.now() / 1000 + process.host.persona.timezone.offset * 60)
}
const folder = (sh: Shell): string => {
  const home = get(sh, 'HOME')
  const { cwd } = sh
  if (home === undefined || home === '' || home === '/') return cwd
  return cwd === home ? '~' : cwd.startsWith(`${home}/`) ? `~${cwd.slice(home.length)}` : cwd
}
const host = (sh: Shell): string => {
  try {
    return fsOf(sh).readFile('/proc/sys/kernel/hostname', sh.who).toString('latin1').trim()
  } catch {
    return sh.world.process.host.persona.hostname
  }
}
/** What a `$` of a name must not become when the prompt is expanded. */
const inert = (text: string): string => text.replace(/[\\$`"]/g, '\\$&')
/** PROMPT_DIRTRIM. */
const trimmed = (sh: Shell, path: string): string => {
  const keep = Number(get(sh, 'PROMPT_DIRTRIM') ?? 0)
  if (!(keep > 0)) return path
  const start = path.startsWith('~') ? '~/' : '/'
  const parts = path.slice(start.length).split('/')
  return parts.length <= keep ? path : `${start === '~/' ? '~/' : ''}.../${parts.slice(-keep).join('/')}`
}
const base = (path: string): string => (path === '/' || path === '~' ? path : path.slice(path.lastIndexOf('/') + 1))

const escapes: ReadonlyMap<string, (sh: Shell, number: number) => string> = new Map<
  string,
  (sh: Shell, number: number) => string
>([
  ['a', () => '\x07'],
  ['d', sh => time(sh, '%a %b %d')],
  ['e', () => '\x1b'],
  ['h', sh => inert(host(sh).split('.')[0]!)],
  ['H', sh => inert(host(sh))],
  ['j', sh => String(sh.jobs.filter(job => !job.done).length)],
  ['l', sh => sh.world.process.terminal?.name.replace(/^.*\//, '') ?? 'tty'],
  ['n', () => '\r\n'],
  ['r', () => '\r'],
  ['s', sh => sh.name.replace(/^.*\//, '')],
  ['t', sh => time(sh, '%H:%M:%S')],
  ['T', sh => time(sh, '%I:%M:%S')],
  ['@', sh => time(sh, '%I:%M %p')],
  ['A', sh => time(sh, '%H:%M')],
  ['u', sh => accounts(fsOf(sh)).find(({ uid }) => uid === sh.who.uid)?.name ?? 'I have no name!'],
  ['v', sh => bashOf(sh).replace(/\.\d+$/, '')],
  ['V', sh => bashOf(sh)],
  ['w', sh => inert(trimmed(sh, folder(sh)))],
  ['W', sh => inert(base(folder(sh)))],
  ['!', (_sh, number) => String(number)],
  ['#', sh => String(sh.commands + 1)],
  ['$', sh => (sh.who.uid === 0 ? '#' : '$')],
  ['\\', () => '\\'],
  ['[', () => '\x01'],
  [']', () => '\x02'],
])

const hourAndMinute = (sh: Shell): string => time(sh, '%H:%M')
const escapesOfAsh: ReadonlyMap<string, (sh: Shell) => string> = new Map<string, (sh: Shell) => string>([
  ['a', () => '\x07'],
  ['b', () => '\b'],
  ['e', () => '\x1b'],
  ['f', () => '\f'],
  ['h', sh => host(sh).split('.')[0]!],
  ['H', host],
  ['n', () => '\n'],
  ['r', () => '\r'],
  ['t', hourAndMinute],
  ['T', hourAndMinute],
  ['@', hourAndMinute],
  ['A', hourAndMinute],
  ['u', sh => accounts(fsOf(sh)).find(({ uid }) => uid === sh.who.uid)?.name ?? ''],
  ['v', () => '\v'],
  ['w', folder],
  ['W', sh => folder(sh).replace(/^.*\//, '')],
  ['$', sh => (sh.who.uid === 0 ? '#' : '$')],
  ['[', () => '\x01'],
  [']', () => '\x02'],
])
