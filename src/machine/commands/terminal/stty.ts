import { errorText } from '../../errors.ts'
import type { Process, Program, Terminal } from '../../system.ts'
import { copyTermios, speeds, type Termios } from '../../terminal/termios.ts'
import { getopt, type Option, usageMistake } from '../getopt.ts'
import { versioned } from '../package-version.ts'
import { absolute } from '../paths.ts'
import { quote } from '../quoting.ts'
import { charTable, combinations, flagTable, minIndex, speedCodes, timeIndex } from './stty-table.ts'

const options: Option[] = [
  { short: 'a', long: 'all' },
  { short: 'g', long: 'save' },
  { short: 'F', long: 'file', argument: 'required' },
  { long: 'help' },
  { long: 'version' },
]

const isFlag = (name: string): boolean => flagTable.some(one => one.name === name)

/** stty(1) of GNU coreutils 9.1: what the line discipline does, shown and changed. */
export const stty: Program = async process => {
  // `-echo` is a setting, not letters.
  const settings: string[] = []
  const words = process.argv.slice(0, 1)
  for (let at = 1; at < process.argv.length; at++) {
    const word = process.argv[at]!
    if (word === '-F') words.push(word, process.argv[++at] ?? '')
    else if (/^(--|-a|-g|-F)/.test(word) && !isFlag(word.slice(1))) words.push(word)
    else settings.push(word)
  }
  const parsed = getopt(words, options, { name: process.argv[0] ?? 'stty' })
  if (typeof parsed === 'string') return usageMistake(process, parsed)
  if (parsed.has('version')) {
    await process.stdout.write(versioned(process, 'stty (GNU coreutils) @coreutils@\n'))
    return 0
  }
  if (parsed.has('help')) {
    await process.stdout.write(
      'Usage: stty [-F DEVICE | --file=DEVICE] [SETTING]...\n  or:  stty [-F DEVICE | --file=DEVICE] [-a|--all]\n',
    )
    return 0
  }
  const shows = parsed.has('all') || parsed.has('save')
  if (parsed.has('all') && parsed.has('save'))
    return usageMistake(
      process,
      'stty: the options for verbose and stty-readable output styles are\nmutually exclusive',
    )
  if (shows && settings.length > 0)
    return usageMistake(process, 'stty: when specifying an output style, modes may not be set')
  const file = parsed.value('file')
  const found = await terminalOf(process, file)
  if (typeof found === 'number') return found
  const width = found.columns || 80
  if (parsed.has('save')) await process.stdout.write(`${saved(found.termios)}\n`)
  else if (parsed.has('all')) await process.stdout.write(all(found, width))
  else if (settings.length === 0) await process.stdout.write(changed(found.termios, width))
  else return change(process, found, settings)
  return 0
}

/** The terminal on standard input, or the named one; the exit status where there is none. */
const terminalOf = async (process: Process, file: string | undefined): Promise<Terminal | number> => {
  const { terminal } = process
  if (file === undefined) {
    if (terminal && process.isatty[0]) return terminal
    await process.stderr.write("stty: 'standard input': Inappropriate ioctl for device\n")
    return 1
  }
  const path = absolute(process, file)
  if (terminal && (path === '/dev/tty' || path === `/dev/${terminal.name}`)) return terminal
  try {
    process.fs.stat(path, process.who)
  } catch (error) {
    await process.stderr.write(`stty: ${file}: ${errorText(error)}\n`)
    return 1
  }
  await process.stderr.write(`stty: ${file}: Inappropriate ioctl for device\n`)
  return 1
}

/** A special character as shown: `^C`, `<undef>`, `M-^?`. */
const visible = (byte: number): string => {
  if (byte === 0) return '<undef>'
  if (byte >= 128) return `M-${visible(byte - 128)}`
  return byte < 32 ? `^${String.fromCharCode(byte + 64)}` : byte === 127 ? '^?' : String.fromCharCode(byte)
}

/** Items with blanks between them, in lines as wide as the terminal. */
const wrapped = (items: readonly string[], width: number): string => {
  const lines: string[] = []
  let line = ''
  for (const item of items) {
    if (line !== '' && line.length + 1 + item.length > width - 1) {
      lines.push(line)
      line = item
    } else line = line === '' ? item : `${line} ${item}`
  }
  if (line !== '') lines.push(line)
  return lines.map(one => `${one}\n`).join('')
}

const shown = ({ flags }: Termios, name: (typeof flagTable)[number]['name']): string =>
  flags.has(name) ? name : `-${name}`

const all = ({ termios, columns, rows }: Terminal, width: number): string => {
  const chars = charTable.map(({ name }) => `${name} = ${visible(termios.chars[name])};`)
  const group = (wanted: string): string[] => {
    const items = flagTable.filter(one => one.group === wanted).map(({ name }) => shown(termios, name))
    if (wanted === 'control') items.splice(3, 0, `cs${termios.size}`)
    if (wanted === 'output') items.push('nl0', 'cr0', `tab${termios.tabs ? 3 : 0}`, 'bs0', 'vt0', 'ff0')
    return items
  }
  return (
    wrapped([`speed ${termios.speed} baud;`, `rows ${rows};`, `columns ${columns};`, 'line = 0;'], width) +
    wrapped([...chars, `min = ${termios.min};`, `time = ${termios.time};`], width) +
    ['control', 'input', 'output', 'local'].map(name => wrapped(group(name), width)).join('')
  )
}

/** Without arguments: what is not as `stty sane` would have it. */
const changed = (termios: Termios, width: number): string => {
  const chars = charTable
    .filter(({ name, sane }) => termios.chars[name] !== sane)
    .map(({ name }) => `${name} = ${visible(termios.chars[name])};`)
  if (!termios.flags.has('icanon')) chars.push(`min = ${termios.min};`, `time = ${termios.time};`)
  const groups = ['control', 'input', 'output', 'local'].map(wanted => {
    const items = flagTable
      .filter(({ name, group, sane }) => group === wanted && sane !== undefined && termios.flags.has(name) !== sane)
      .map(({ name }) => shown(termios, name))
    if (wanted === 'control' && termios.size !== 8) items.unshift(`cs${termios.size}`)
    if (wanted === 'output' && termios.tabs) items.push('tab3')
    return wrapped(items, width)
  })
  return `speed ${termios.speed} baud; line = 0;\n${wrapped(chars, width)}${groups.join('')}`
}

const word = (termios: Termios, group: string): number =>
  flagTable.filter(one => one.group === group && termios.flags.has(one.name)).reduce((sum, one) => sum + one.bits, 0)

/** `-g`: words of termios(3) and c_cc in hexadecimal. */
const saved = (termios: Termios): string => {
  const chars = Array.from({ length: 32 }, () => 0)
  for (const { name, index } of charTable) chars[index] = termios.chars[name]
  chars[minIndex] = termios.min
  chars[timeIndex] = termios.time
  const control = word(termios, 'control') + (termios.size - 5) * 16 + (speedCodes.get(termios.speed) ?? 15)
  const words = [
    word(termios, 'input'),
    word(termios, 'output') + (termios.tabs ? 0o14000 : 0),
    control,
    word(termios, 'local'),
  ]
  return [...words, ...chars].map(one => one.toString(16)).join(':')
}

/** What `-g` gave, back again; false where it is none. */
const restore = (termios: Termios, text: string): boolean => {
  const numbers = text.split(':').map(one => (/^[0-9a-f]{1,8}$/i.test(one) ? Number.parseInt(one, 16) : Number.NaN))
  if (numbers.length !== 36 || numbers.some(Number.isNaN)) return false
  const groups = ['input', 'output', 'control', 'local']
  for (const { name, group, bits } of flagTable) {
    const value = numbers[groups.indexOf(group)]!
    // Bits of c_cflag reach the sign.
    if (Math.floor(value / bits) % 2 === 1) termios.flags.add(name)
    else termios.flags.delete(name)
  }
  for (const { name, index } of charTable) termios.chars[name] = numbers[4 + index]! & 255
  termios.min = numbers[4 + minIndex]! & 255
  termios.time = numbers[4 + timeIndex]! & 255
  termios.size = (5 + (Math.floor(numbers[2]! / 16) % 4)) as Termios['size']
  termios.tabs = (numbers[1]! & 0o14000) === 0o14000
  return true
}

/** `^C`, `c`, `0x3`, `^-`; `undefined` is none. */
const charOf = (text: string): number | undefined => {
  if (text === '^-' || text === 'undef') return 0
  if (text.length === 1) return text.charCodeAt(0)
  if (/^\^.$/.test(text)) return text === '^?' ? 127 : text.charCodeAt(1) & 31
  const number = Number(text)
  return text !== '' && Number.isInteger(number) && number >= 0 && number <= 255 ? number : undefined
}

/** Settings one after the other; what went before a wrong one is not made. */
const change = async (process: Process, terminal: Terminal, given: string[]): Promise<number> => {
  const termios = copyTermios(terminal.termios)
  let { rows, columns } = terminal
  const fail = async (message: string): Promise<number> => usageMistake(process, `stty: ${message}`)
  const queue = [...given]
  while (queue.length > 0) {
    process.step()
    const item = queue.shift()!
    const bare = item.startsWith('-') ? item.slice(1) : item
    const entry = flagTable.find(one => one.name === bare)
    const special = charTable.find(one => one.name === item)
    const combination = combinations.get(item)
    if (entry) {
      if (item === bare) termios.flags.add(entry.name)
      else termios.flags.delete(entry.name)
    } else if (combination) queue.unshift(...combination.split(' '))
    else if (item === 'sane') sane(termios)
    else if (item === 'drain' || item === '-drain' || /^(nl|cr|bs|vt|ff)[0-3]$/.test(item)) continue
    else if (/^cs[5-8]$/.test(item)) termios.size = Number(item[2]) as Termios['size']
    else if (/^tab[0-3]$|^-?tabs$/.test(item)) termios.tabs = item === 'tab3' || item === '-tabs'
    else if (item === 'size') await process.stdout.write(`${terminal.rows} ${terminal.columns}\n`)
    else if (item === 'speed') await process.stdout.write(`${termios.speed}\n`)
    else if (special || ['min', 'time', 'rows', 'cols', 'columns', 'ispeed', 'ospeed', 'line'].includes(item)) {
      const value = queue.shift()
      if (value === undefined) return fail(`missing argument to ${quote(process, item)}`)
      const number = special ? charOf(value) : /^\d+$/.test(value) ? Number(value) : undefined
      if (number === undefined || (/speed$/.test(item) && !speeds.has(number)))
        return fail(`${/speed$/.test(item) ? `invalid ${item}` : 'invalid integer argument:'} ${quote(process, value)}`)
      if (special) termios.chars[special.name] = number
      else if (item === 'min' || item === 'time') termios[item] = number & 255
      else if (item === 'rows') rows = number
      else if (item.startsWith('col')) columns = number
      else if (item !== 'line') termios.speed = number
    } else if (/^\d+$/.test(item) && speeds.has(Number(item))) termios.speed = Number(item)
    else if (!item.includes(':') || !restore(termios, item)) return fail(`invalid argument ${quote(process, item)}`)
  }
  terminal.termios = termios
  terminal.rows = rows & 0xffff
  terminal.columns = columns & 0xffff
  return 0
}

const sane = (termios: Termios): void => {
  for (const { name, sane: wanted } of flagTable) {
    if (wanted === true) termios.flags.add(name)
    else if (wanted === false) termios.flags.delete(name)
  }
  for (const { name, sane: byte } of charTable) termios.chars[name] = byte
  termios.min = 1
  termios.time = 0
  termios.tabs = false
}
