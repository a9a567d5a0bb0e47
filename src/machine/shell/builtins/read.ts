import { readUntilByte } from '../read-line.ts'
import { complain, get, type Shell, set, write } from '../state.ts'
import type { Handle } from '../streams.ts'
import { need, ReadonlyFault } from '../variables.ts'
import { spend } from '../world.ts'
import { optionsOf } from './options.ts'

const USAGE =
  'read: usage: read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]'

/** `read` (XCU, bash): a line, split by IFS into variables. */
export const read = async (sh: Shell, args: string[]): Promise<number> => {
  const found = await optionsOf(sh, 'read', args, 'ersa:d:i:n:N:p:t:u:', USAGE)
  if (!found) return 2
  const { flags, rest } = found
  if (sh.flavour === 'sh' && !sh.ash && rest.length === 0) {
    await complain(sh, 'read: arg count')
    return 2
  }
  const fd = Number(flags.get('u') ?? 0)
  const handle = sh.handles.get(fd)
  if (!handle?.input) {
    await complain(
      sh,
      flags.has('u')
        ? `read: ${fd}: invalid file descriptor: Bad file descriptor`
        : `read: read error: ${fd}: Bad file descriptor`,
    )
    return 1
  }
  for (const name of rest) {
    if (/^[A-Za-z_]\w*(\[.+\])?$/.test(name)) continue
    await complain(sh, `read: \`${name}': not a valid identifier`)
    return 1
  }
  if (flags.has('t') && !/^[0-9]*\.?[0-9]*$/.test(flags.get('t')!)) {
    await complain(sh, `read: ${flags.get('t')}: invalid timeout specification`)
    return 1
  }
  if (flags.has('p') && handle.tty) await write(sh, 2, flags.get('p')!)
  const exact = flags.has('N')
  const limit = Number(flags.get('n') ?? flags.get('N') ?? sh.world.limits.valueBytes)
  const delimiter = exact ? -1 : flags.has('d') ? (flags.get('d') === '' ? 0 : flags.get('d')!.charCodeAt(0)) : 10
  const got =
    limit === 0
      ? { text: '', ended: true }
      : await keyed(sh, handle, flags, () =>
          timed(sh, flags.get('t'), () => collect(handle, delimiter, limit, flags.has('r'))),
        )
  if (!got) return 142
  try {
    if (flags.has('a')) await toArray(sh, flags.get('a')!, got.text)
    else if (rest.length === 0) set(sh, 'REPLY', unmark(got.text))
    else spread(sh, rest, got.text, exact)
  } catch (error) {
    if (!(error instanceof ReadonlyFault)) throw error
    await complain(sh, `${error.message}: readonly variable`)
    return 1
  }
  return got.ended || got.text.length >= limit ? 0 : 1
}

/** With the terminal's modes as the options ask: `-s` shows nothing, `-n` and `-d` take keys as they come. */
const keyed = async <T>(
  sh: Shell,
  handle: Handle,
  flags: ReadonlyMap<string, string>,
  run: () => Promise<T>,
): Promise<T> => {
  const { terminal } = sh.world.process
  const singly = flags.has('n') || flags.has('N') || flags.has('d')
  if (!terminal || !handle.tty || !(flags.has('s') || singly)) return run()
  const before = terminal.termios
  const modes = terminal.termios
  if (flags.has('s')) modes.flags.delete('echo')
  if (singly) modes.flags.delete('icanon')
  modes.min = 1
  modes.time = 0
  terminal.termios = modes
  try {
    return await run()
  } finally {
    terminal.termios = before
  }
}

/** Gives up after so many seconds; `-t 0` only asks whether there is anything. */
const timed = async <T>(sh: Shell, seconds: string | undefined, run: () => Promise<T>): Promise<T | undefined> => {
  if (seconds === undefined) return run()
  const done = run()
  done.catch(() => undefined)
  return Promise.race([done, sh.world.process.sleep(Number(seconds)).then(() => undefined)])
}

/** Escaped characters are marked with a NUL before them, which input cannot hold: they do not split. */
const collect = async (
  handle: Handle,
  delimiter: number,
  limit: number,
  raw: boolean,
): Promise<{ text: string; ended: boolean }> => {
  let text = ''
  for (;;) {
    const piece = await readUntilByte(handle, delimiter, limit - text.length)
    const clean = piece.text.replaceAll('\0', '')
    if (raw) return { text: text + clean, ended: piece.ended }
    const trailing = /\\*$/.exec(clean)![0].length % 2 === 1
    text += clean.slice(0, trailing ? -1 : undefined).replace(/\\([\s\S])/g, '\0$1')
    if (!trailing || !piece.ended) return { text, ended: piece.ended }
    if (delimiter !== 10) text += `\0${String.fromCharCode(delimiter)}`
  }
}

const unmark = (text: string): string => text.replaceAll('\0', '')

const isWhite = (ifs: string, c: string | undefined): boolean =>
  c !== undefined && ' \t\n'.includes(c) && ifs.includes(c)

/** The first field's end and the next one's beginning. */
const nextField = (text: string, from: number, ifs: string): { field: string; next: number } => {
  let at = from
  while (at < text.length && !(ifs.includes(text[at]!) && text[at] !== '\0')) at += text[at] === '\0' ? 2 : 1
  const field = text.slice(from, at)
  while (isWhite(ifs, text[at])) at++
  if (at < text.length && ifs.includes(text[at]!) && text[at] !== '\0') {
    at++
    while (isWhite(ifs, text[at])) at++
  }
  return { field: unmark(field), next: at }
}

const spread = (sh: Shell, names: string[], text: string, exact: boolean): void => {
  const ifs = exact ? '' : (get(sh, 'IFS') ?? ' \t\n')
  let at = 0
  while (isWhite(ifs, text[at])) at++
  for (const [i, name] of names.entries()) {
    const element = /^(\w+)\[(.+)\]$/.exec(name)
    let value: string
    if (i < names.length - 1) {
      const { field, next } = nextField(text, at, ifs)
      value = field
      at = next
    } else value = lastField(text, at, ifs)
    set(sh, element?.[1] ?? name, value, element?.[2])
  }
}

/** The last variable gets all that is left, without white space at its end; a lone delimiter goes as well. */
const lastField = (text: string, at: number, ifs: string): string => {
  let end = text.length
  while (end > at && isWhite(ifs, text[end - 1]) && text[end - 2] !== '\0') end--
  const { field, next } = nextField(text.slice(0, end), at, ifs)
  return next >= end ? field : unmark(text.slice(at, end))
}

const toArray = async (sh: Shell, name: string, text: string): Promise<void> => {
  const ifs = get(sh, 'IFS') ?? ' \t\n'
  const values: string[] = []
  let at = 0
  while (isWhite(ifs, text[at])) at++
  while (at < text.length) {
    const { field, next } = nextField(text, at, ifs)
    values.push(field)
    at = next
    spend(sh.world)
  }
  fill(sh, name, values)
}

const fill = (sh: Shell, name: string, values: string[]): void => {
  const found = need(sh.variables, name)
  if (found.readonly) throw new ReadonlyFault(name)
  found.kind = 'array'
  found.value = undefined
  found.items = new Map()
  values.forEach((value, i) => {
    set(sh, name, value, String(i))
  })
}

/** `mapfile`: lines into an array. */
export const mapfile = async (sh: Shell, args: string[]): Promise<number> => {
  const found = await optionsOf(
    sh,
    'mapfile',
    args,
    'd:n:O:s:tu:C:c:',
    'mapfile: usage: mapfile [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]',
  )
  if (!found) return 2
  const { flags, rest } = found
  const handle = sh.handles.get(Number(flags.get('u') ?? 0))
  const delimiter = flags.has('d') ? flags.get('d')!.charCodeAt(0) || 0 : 10
  const values: string[] = []
  const most = Number(flags.get('n') ?? 0) || sh.world.limits.fields
  for (let skip = Number(flags.get('s') ?? 0); values.length < most; ) {
    spend(sh.world)
    const { text, ended } = await readUntilByte(handle, delimiter, sh.world.limits.valueBytes)
    if (text === '' && !ended) break
    if (skip-- > 0) continue
    values.push(text + (ended && !flags.has('t') ? String.fromCharCode(delimiter) : ''))
  }
  fill(sh, rest[0] ?? 'MAPFILE', values)
  return 0
}
