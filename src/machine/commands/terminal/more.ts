import { errorText } from '../../errors.ts'
import { compileRegex } from '../../regex/regex.ts'
import type { Input, Process, Program, Terminal } from '../../system.ts'
import { versioned } from '../package-version.ts'
import { absolute } from '../paths.ts'
import { type Keyboard, stringsOf, withKeyboard } from './keyboard.ts'
import { pagesOf, rowsOf, visible } from './pages.ts'

/** more(1) of util-linux 2.38. */
export const more: Program = async process => {
  const words = process.argv.slice(1)
  if (words.some(word => word === '-V' || word === '--version')) {
    await process.stdout.write(versioned(process, 'more from util-linux @util-linux@\n'))
    return 0
  }
  const files = words.filter((word, i) => !/^[-+]/.test(word) && !/^-[n]$/.test(words[i - 1] ?? ''))
  if (files.length === 0 && process.isatty[0]) {
    await process.stderr.write("more: bad usage\nTry 'more --help' for more information.\n")
    return 1
  }
  const { terminal } = process
  for (const name of files.length === 0 ? ['-'] : files) {
    let data: Buffer | undefined
    try {
      if (name !== '-') {
        const path = absolute(process, name)
        if (process.fs.stat(path, process.who).type === 'directory') {
          await process.stdout.write(`\n*** ${name}: directory ***\n\n`)
          continue
        }
        data = process.fs.readFile(path, process.who, { max: 8 << 20 })
      }
    } catch (error) {
      await process.stderr.write(`more: cannot open ${name}: ${errorText(error)}\n`)
      continue
    }
    const looks = terminal !== undefined && process.isatty[1]
    const head = files.length > 1 || (files.length > 0 && !looks) ? `::::::::::::::\n${name}\n::::::::::::::\n` : ''
    if (head !== '') await process.stdout.write(head)
    if (!terminal || !process.isatty[1]) {
      if (data) await process.stdout.write(data)
      else
        for (let piece = await process.stdin.read(); piece; piece = await process.stdin.read())
          await process.stdout.write(piece)
    } else if (!(await show(process, terminal, data))) break
  }
  return 0
}

const once = (data: Buffer): Input => {
  let rest: Buffer | undefined = data
  return {
    async read() {
      const piece = rest
      rest = undefined
      return piece?.length ? piece : undefined
    },
  }
}

/** Shows one file; false when the person has seen enough. */
const show = async (process: Process, terminal: Terminal, data: Buffer | undefined): Promise<boolean> => {
  const { string } = stringsOf(process)
  const pages = pagesOf(data ? once(data) : process.stdin)
  const height = Math.max(1, (terminal.rows || 24) - 1)
  const columns = terminal.columns || 80
  let line = 0
  let bytes = 0
  let prompted = 0
  /** So many rows of output from here; false at the end. */
  const print = async (rows: number): Promise<boolean> => {
    let text = ''
    let left = rows
    let over = prompted
    prompted = 0
    while (left > 0) {
      process.step()
      await pages.ensure(line + 1)
      const next = pages.lines[line]
      if (next === undefined) break
      const shown = rowsOf(visible(next, true), columns)
      left -= shown.length
      bytes += next.length + 1
      line++
      // What the prompt is longer than the line over it is cleared away.
      text += `${shown.join('\n')}${shown[0]!.length < over ? string('el') : ''}\n`
      over = 0
    }
    await process.stdout.write(text)
    await pages.ensure(line + 1)
    return line < pages.lines.length
  }
  return withKeyboard(
    process,
    terminal,
    async keys => {
      if (!(await print(height))) return true
      for (;;) {
        const share = data ? `(${Math.floor((bytes * 100) / Math.max(1, data.length))}%)` : ''
        prompted = 8 + share.length
        await process.stdout.write(`${string('smso')}--More--${share}${string('rmso')}`)
        const key = await keys.next()
        if (key === undefined || key === 'q' || key === 'Q') {
          await process.stdout.write(`\r${string('el')}`)
          return false
        }
        await process.stdout.write('\r')
        const going = await act(process, keys, key, { print, height, find: text => find(process, text) })
        if (!going) return true
      }
    },
    true,
  )
  async function find(from: Process, text: string): Promise<boolean> {
    const regex = compileRegex(text, 'basic')
    if ('problem' in regex) return true
    for (let at = line; ; at++) {
      await pages.ensure(at + 1)
      const next = pages.lines[at]
      if (next === undefined) {
        await process.stdout.write(`\n${string('smso')}Pattern not found${string('rmso')}\n`)
        return true
      }
      if (!regex.test(next, cost => from.step(cost))) continue
      await process.stdout.write('\n...skipping\n')
      line = Math.max(line, at - 2)
      return print(height - 1)
    }
  }
}

type Actions = {
  print(rows: number): Promise<boolean>
  height: number
  find(text: string): Promise<boolean>
}

const act = async (
  process: Process,
  keys: Keyboard,
  key: string,
  { print, height, find }: Actions,
): Promise<boolean> => {
  const { string } = stringsOf(process)
  if (key === '\r' || key === '\n') return print(1)
  if (key === ' ' || key === 'z' || key === 'f') return print(height)
  if (key === 'd' || key === '\x04') return print(11)
  if (key === '/') {
    let text = ''
    await process.stdout.write(`${string('el')}/`)
    for (let next = await keys.next(); next !== undefined && next !== '\r' && next !== '\n'; next = await keys.next()) {
      if (text.length < 200) text += next
      await process.stdout.write(next)
    }
    return find(text)
  }
  await process.stdout.write(`\r${string('el')}[Press 'h' for instructions.]`)
  await keys.next()
  await process.stdout.write(`\r${string('el')}`)
  return true
}
