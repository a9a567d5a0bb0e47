import type { Regex } from '../../regex/regex.ts'
import type { Input, Process } from '../../system.ts'
import { linesOf, type Writer } from '../text/io.ts'
import type { Settings } from './options.ts'

/** What grep was told to look for and how to show it. */
export type Search = { process: Process; settings: Settings; regex: Regex; writer: Writer; titles: boolean }

const sgr = (code: string, text: string): string => `\x1b[${code}m\x1b[K${text}\x1b[m\x1b[K`

/** Looks through one input; whether anything was selected. */
export const searchInput = async (search: Search, input: Input, name: string): Promise<boolean> => {
  const { process, settings, regex, writer } = search
  const { parsed, end, invert, color, before, after, most } = settings
  const step = process.step
  const listing = settings.quiet || settings.list !== undefined
  const silent = listing || settings.count
  const reader = linesOf(process, input, end)
  const kept: { text: string; number: number; offset: number }[] = []
  let selected = 0
  let number = 0
  let offset = 0
  let trailing = 0
  let shownUpTo = 0
  let binary = false
  const shows = (option: string): boolean => parsed.has(option)
  const mark = (code: string, text: string): string => (color ? sgr(code, text) : text)

  const prefix = (at: number, offsetAt: number, sign: string): string => {
    let out = ''
    const separator = mark('36', sign)
    if (search.titles) out += mark('35', name) + (shows('null') ? '\0' : separator)
    if (shows('line-number')) out += mark('32', String(at)) + separator
    if (shows('byte-offset')) out += mark('32', String(offsetAt)) + separator
    return shows('initial-tab') && out !== '' ? `${out}\t` : out
  }
  const colored = (text: string): string => {
    let out = ''
    let at = 0
    for (const [from, to] of matchesOf(regex, text, step)) {
      out += text.slice(at, from) + sgr('01;31', text.slice(from, to))
      at = to
    }
    return out + text.slice(at)
  }
  const show = async (line: { text: string; number: number; offset: number }, sign: string): Promise<void> => {
    if (shownUpTo > 0 && line.number > shownUpTo + 1 && (before > 0 || after > 0) && !shows('no-group-separator'))
      await writer.put(`${mark('36', parsed.value('group-separator') ?? '--')}\n`)
    shownUpTo = line.number
    if (settings.only) {
      if (sign !== ':' || invert) return
      for (const [from, to] of matchesOf(regex, line.text, step))
        await writer.put(prefix(line.number, line.offset + from, ':') + mark('01;31', line.text.slice(from, to)) + end)
      return
    }
    const body = color && (sign === ':') !== invert ? colored(line.text) : line.text
    await writer.put(prefix(line.number, line.offset, sign) + body + end)
  }

  if (most > 0)
    for (let line = await reader.line(); line; line = await reader.line()) {
      const { text } = line
      number++
      const here = { text, number, offset }
      offset += text.length + 1
      binary ||= end === '\n' && settings.binary !== 'text' && text.includes('\0')
      if (binary && settings.binary === 'without-match') return false
      const fits = selected < most && regex.test(text, step) !== invert
      if (fits) {
        selected++
        if (listing) break
        if (!silent) {
          if (binary) {
            await writer.flush()
            await process.stderr.write(`grep: ${name}: binary file matches\n`)
            return true
          }
          for (const earlier of kept.splice(0)) await show(earlier, '-')
          await show(here, ':')
        }
        trailing = after
        if (selected >= most && (trailing === 0 || silent)) break
      } else if (trailing > 0) {
        trailing--
        if (!silent) await show(here, '-')
        if (selected >= most && trailing === 0) break
      } else if (selected >= most) break
      else if (before > 0) {
        kept.push(here)
        if (kept.length > Math.min(before, 100_000)) kept.shift()
      }
    }
  if (settings.count) {
    const title = search.titles ? mark('35', name) + (shows('null') ? '\0' : mark('36', ':')) : ''
    await writer.put(`${title}${selected}\n`)
  }
  if (!settings.quiet && settings.list !== undefined && (settings.list === 'with') === selected > 0)
    await writer.put(mark('35', name) + (shows('null') ? '\0' : '\n'))
  return selected > 0
}

/** All matches of a line that are not empty. */
function* matchesOf(regex: Regex, text: string, step: Process['step']): Generator<[number, number]> {
  let at = 0
  while (at <= text.length) {
    const found = regex.find(text, at, step)
    if (!found) return
    const [from, to] = [found[0]!, found[1]!]
    if (to > from) yield [from, to]
    at = to > from ? to : to + 1
  }
}
