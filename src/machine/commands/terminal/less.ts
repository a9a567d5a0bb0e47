import { errorText } from '../../errors.ts'
import { bytesInput } from '../../input.ts'
import { compileRegex, type Regex } from '../../regex/regex.ts'
import type { Process, Program, Terminal } from '../../system.ts'
import { SystemError } from '../../system.ts'
import { absolute } from '../paths.ts'
import { type Keyboard, stringsOf, withKeyboard } from './keyboard.ts'
import { type Settings, settingsOf } from './less-options.ts'
import { type Pages, pagesOf, rowsOf, visible } from './pages.ts'

type Source = { name: string; pages: Pages; isFile: boolean }

/** less(1), version 590. */
export const less: Program = async process => {
  const { settings, files, version } = settingsOf(process)
  if (version) {
    await process.stdout.write('less 590 (GNU regular expressions)\n')
    return 0
  }
  const { terminal } = process
  if (files.length === 0 && process.isatty[0]) {
    await process.stdout.write('Missing filename ("less --help" for help)\n')
    return 1
  }
  if (!terminal || !process.isatty[1]) return copy(process, files)
  const sources: Source[] = []
  let status = 0
  for (const name of files.length === 0 ? ['-'] : files.slice(0, 200)) {
    const found = await open(process, name, terminal)
    if (found) sources.push(found)
    else status = 1
  }
  if (sources.length === 0) return status
  await page(process, terminal, sources, settings)
  return 0
}

/** Where nobody looks, less is cat; what it cannot show is told among the rest. */
const copy = async (process: Process, files: string[]): Promise<number> => {
  for (const name of files.length === 0 ? ['-'] : files) {
    try {
      if (name === '-') {
        for (let data = await process.stdin.read(); data; data = await process.stdin.read())
          await process.stdout.write(data)
        continue
      }
      const path = absolute(process, name)
      if (process.fs.stat(path, process.who).type === 'directory')
        await process.stdout.write(`${name} is a directory\n`)
      else await process.stdout.write(process.fs.readFile(path, process.who))
    } catch (error) {
      await process.stdout.write(`${name}: ${errorText(error)}\n`)
    }
  }
  return 0
}

const open = async (process: Process, name: string, terminal: Terminal): Promise<Source | undefined> => {
  if (name === '-') return { name: '', pages: pagesOf(process.stdin), isFile: false }
  const say = async (text: string): Promise<undefined> => void (await process.stdout.write(`${text}\n`))
  try {
    const path = absolute(process, name)
    if (process.fs.stat(path, process.who).type === 'directory') return await say(`${name} is a directory`)
    const data = process.fs.readFile(path, process.who, { max: 8 << 20 })
    const odd = data.subarray(0, 256).filter(byte => byte < 8 || (byte > 13 && byte < 27)).length
    if (odd > 3) {
      await process.stdout.write(`"${name}" may be a binary file.  See it anyway? `)
      const answer = await withKeyboard(process, terminal, keys => keys.next())
      await process.stdout.write('\n')
      if (answer !== 'y' && answer !== 'Y') return undefined
    }
    return { name, pages: pagesOf(bytesInput(data)), isFile: true }
  } catch (error) {
    return say(`${name}: ${errorText(error)}`)
  }
}

const page = async (process: Process, terminal: Terminal, sources: Source[], settings: Settings): Promise<void> => {
  const { string } = stringsOf(process)
  const out = (text: string): Promise<void> => process.stdout.write(text)
  let index = 0
  let rows: string[] = []
  let laidOut = 0
  let top = 0
  let pattern: { regex: Regex; backwards: boolean } | undefined
  let lit = false
  let unseen = true
  const height = (): number => Math.max(1, (terminal.rows || 24) - 1)
  const columns = (): number => terminal.columns || 80
  const source = (): Source => sources[index]!

  /** Makes sure of so many rows, as far as there are any. */
  const lay = async (count: number): Promise<void> => {
    const { pages } = source()
    while (rows.length < count) {
      process.step()
      if (laidOut >= pages.lines.length) {
        await pages.ensure(laidOut + 200)
        if (laidOut >= pages.lines.length) return
      }
      const number = settings.numbers ? `${String(laidOut + 1).padStart(7)} ` : ''
      const shown = number + visible(pages.lines[laidOut++]!, settings.raw)
      if (settings.chop) rows.push(rowsOf(shown, columns())[0]!)
      else rows.push(...rowsOf(shown, columns()))
    }
  }
  const atEnd = (): boolean =>
    top + height() >= rows.length && laidOut >= source().pages.lines.length && source().pages.ended()
  const marked = (row: string): string => {
    if (!lit || !pattern) return row
    let text = ''
    let at = 0
    for (let count = 0; count < 100; count++) {
      const found = pattern.regex.find(row, at, cost => process.step(cost))
      if (!found || found[1]! <= found[0]!) break
      text += `${row.slice(at, found[0])}${string('smso')}${row.slice(found[0], found[1])}${string('rmso')}`
      at = found[1]!
    }
    return text + row.slice(at)
  }
  const prompt = async (): Promise<void> => {
    await lay(top + height() + 1)
    const end = atEnd() ? '(END)' : ''
    const { name } = source()
    const several = sources.length > 1 ? ` (file ${index + 1} of ${sources.length})` : ''
    const text = unseen && name !== '' ? `${name}${several}${end === '' ? '' : ` ${end}`}` : end
    unseen = false
    await out(`${text === '' ? ':' : string('smso') + text + string('rmso')}${string('el')}`)
  }
  const line = (row: string): string =>
    row.length >= columns() && rowsOf(row, columns()).length === 1 && visible(row).length === columns()
      ? `${marked(row)} \b`
      : `${marked(row)}\n`
  const wipe = (): string => `\r${string('el')}`
  const forward = async (count: number): Promise<void> => {
    await lay(top + height() + count)
    const last = Math.max(0, rows.length - height())
    const to = Math.min(last, top + count)
    if (to <= top) {
      await out(`${wipe()}\x07${wipe()}`)
      return
    }
    const skipped = to - top > height()
    const from = skipped ? to : top + height()
    await out(
      `${wipe()}${skipped ? '...skipping...\n' : ''}${rows
        .slice(from, to + height())
        .map(line)
        .join('')}`,
    )
    top = to
  }
  const back = async (count: number): Promise<void> => {
    const to = Math.max(0, top - count)
    if (to === top) {
      await out(`${wipe()}\x07${wipe()}`)
      return
    }
    const far = top - to > height()
    let text = wipe() + (far ? string('clear') : '')
    const shown = rows.slice(to, far ? to + height() : top).reverse()
    for (const row of shown) text += `${string('home')}${string('ri')}${line(row)}`
    top = to
    await out(`${text}${string('cup', height(), 0)}${wipe()}`)
  }
  const redraw = async (): Promise<void> => {
    await lay(top + height())
    await out(
      `${string('clear')}${rows
        .slice(top, top + height())
        .map(line)
        .join('')}`,
    )
  }
  const goTo = async (row: number): Promise<void> => {
    if (row >= top) await forward(row - top)
    else await back(top - row)
  }
  const ask = async (keys: Keyboard, lead: string): Promise<string | undefined> => {
    await out(`${wipe()}${lead}${string('el')}`)
    let text = ''
    for (;;) {
      const key = await keys.next()
      if (key === undefined || key === '\x03' || key === '\x1b') return undefined
      if (key === '\r' || key === '\n') return text
      if (key === '\x7f' || key === '\b') {
        if (text === '') return undefined
        text = text.slice(0, -1)
        await out(`\b${string('el')}`)
      } else if (key >= ' ' && key.length < 5 && text.length < 200) {
        await out(`${text === '' ? '' : string('el')}${key}\b${key}`)
        text += key
      }
    }
  }
  const tell = async (keys: Keyboard, text: string): Promise<void> => {
    await out(`${wipe()}${string('smso')}${text}  (press RETURN)${string('rmso')}`)
    await keys.next()
  }
  /** The next row with the pattern; a new one is looked for from the first row (backwards, the last) that is shown. */
  const find = async (keys: Keyboard, backwards: boolean, fresh = false): Promise<void> => {
    if (!pattern) return tell(keys, 'No previous regular expression')
    lit = true
    const step = backwards ? -1 : 1
    let at = fresh ? (backwards ? Math.min(top + height(), rows.length) : top - 1) : top
    for (;;) {
      at += step
      if (at < 0) break
      await lay(at + 1)
      if (at >= rows.length) break
      process.step()
      if (!pattern.regex.test(rows[at]!, cost => process.step(cost))) continue
      await lay(at + height())
      top = Math.max(0, Math.min(at, rows.length - 1))
      return redraw()
    }
    await tell(keys, 'Pattern not found')
  }
  const search = async (keys: Keyboard, text: string, backwards: boolean): Promise<void> => {
    if (text !== '') {
      const regex = compileRegex(text, 'extended', { fold: settings.fold && !/[A-Z]/.test(text) })
      if ('problem' in regex) return tell(keys, regex.problem)
      pattern = { regex, backwards }
    }
    await find(keys, backwards, text !== '')
  }
  const another = async (keys: Keyboard, to: number): Promise<void> => {
    if (to < 0 || to >= sources.length) return tell(keys, to < 0 ? 'No previous file' : 'No next file')
    index = to
    rows = []
    laidOut = 0
    top = 0
    unseen = true
    await redraw()
  }
  const shell = async (keys: Keyboard, command: string): Promise<void> => {
    await out(`${string('rmkx')}${string('rmcup')}!${command}\n`)
    try {
      await process.run([process.env.get('SHELL') ?? '/bin/sh', '-c', command])
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
    }
    await out('!done  (press RETURN)')
    await keys.next()
    await out(`${string('smcup')}${string('smkx')}`)
    await redraw()
  }

  await lay(height() + 1)
  if (settings.quitIfOne && sources.length === 1 && rows.length <= height()) {
    await out(`\r${rows.map(line).join('')}${wipe()}`)
    return
  }
  const known = stringsOf(process).known
  await withKeyboard(process, terminal, async keys => {
    if (!known) {
      await out('WARNING: terminal is not fully functional\nPress RETURN to continue ')
      await keys.next()
      await out('\n')
    }
    if (!settings.keepScreen) await out(string('smcup'))
    await out(`${string('smkx')}\r`)
    await out(rows.slice(0, height()).map(line).join(''))
    for (const command of settings.first) {
      if (command.startsWith('/')) await search(keys, command.slice(1), false)
      else if (command === 'G') {
        await lay(Number.MAX_SAFE_INTEGER)
        await goTo(Math.max(0, rows.length - height()))
      } else if (/^\d+g?$/.test(command)) await goTo(Number.parseInt(command, 10) - 1)
    }
    let count = ''
    for (;;) {
      if (count === '') await prompt()
      const key = await keys.next()
      if (key === undefined) return
      // A sequence of keys is shown as it is collected.
      if (key.length > 2 && key.startsWith('\x1b')) {
        const typed = [...key.slice(1)].map(one => `${string('el')}${one}\b${one}`).join('')
        await out(`${wipe()} ${string('el')}ESC\b\b\bESC${typed}`)
      }
      if (/^\d$/.test(key)) {
        await out(`${count === '' ? `${wipe()}:${string('el')}` : string('el')}${key}\b${key}`)
        count = (count + key).slice(0, 7)
        continue
      }
      const number = count === '' ? undefined : Number(count)
      count = ''
      if (key === 'q' || key === 'Q') break
      if (key === 'Z') {
        if ((await keys.next()) === 'Z') break
      } else if (' f\x06\x16'.includes(key) || key === '\x1b[6~') await forward(number ?? height())
      else if ('b\x02'.includes(key) || key === '\x1b[5~' || key === '\x1bv') await back(number ?? height())
      else if ('d\x04'.includes(key)) await forward(number ?? Math.floor((height() + 1) / 2))
      else if ('u\x15'.includes(key)) await back(number ?? Math.floor((height() + 1) / 2))
      else if ('je\x0e\x05\r\n'.includes(key) || /^\x1b[[O]B$/.test(key)) await forward(number ?? 1)
      else if ('ky\x10\x19\x0b'.includes(key) || /^\x1b[[O]A$/.test(key)) await back(number ?? 1)
      else if ('g<'.includes(key) || /^\x1b[[O]H$|^\x1b\[1~$|^\x1b<$/.test(key)) await goTo((number ?? 1) - 1)
      else if ('G>'.includes(key) || /^\x1b[[O]F$|^\x1b\[4~$|^\x1b>$/.test(key)) {
        await lay(number === undefined ? Number.MAX_SAFE_INTEGER : number + height())
        await goTo(number === undefined ? Math.max(0, rows.length - height()) : number - 1)
      } else if (key === '/' || key === '?') {
        const text = await ask(keys, key)
        if (text !== undefined) await search(keys, text, key === '?')
      } else if (key === 'n' || key === 'N') await find(keys, (pattern?.backwards ?? false) !== (key === 'N'))
      else if (key === 'r' || key === 'R' || key === '\x0c') await redraw()
      else if (key === '=' || key === '\x07') {
        const { name, pages } = source()
        await tell(
          keys,
          `${name === '' ? 'standard input' : name} lines ${top + 1}-${Math.min(rows.length, top + height())}${pages.ended() ? `/${pages.lines.length} byte ${pages.bytes()}/${pages.bytes()} (END)` : ''}`,
        )
      } else if (key === ':') {
        await out(`${wipe()} :`)
        const next = await keys.next()
        if (next === 'q' || next === 'Q') break
        if (next === 'n' || next === 'p') await another(keys, index + (next === 'n' ? 1 : -1))
      } else if (key === '!') {
        const command = await ask(keys, '!')
        if (command) await shell(keys, command)
      } else if (key === 'v' && source().isFile) await shell(keys, `\${VISUAL:-\${EDITOR:-editor}} ${source().name}`)
      else if (key === '-' || key === '_') {
        const next = await keys.next()
        if (next === 'S') settings.chop = !settings.chop
        else if (next === 'N') settings.numbers = !settings.numbers
        rows = []
        laidOut = 0
        await redraw()
      } else await out('\x07\r')
    }
    await out(`${wipe()}${string('rmkx')}${settings.keepScreen ? '' : string('rmcup')}`)
  })
}
