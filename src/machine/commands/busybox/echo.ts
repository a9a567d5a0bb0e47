import { cEscapes } from '../../escapes.ts'
import type { Program } from '../../system.ts'

const letters = new Map([...cEscapes, ['e', '\x1b']])
const sequence = /\\(0?[0-7]{1,3}|x[0-9a-fA-F]{1,2}|[\s\S])/g

/** echo of BusyBox 1.35: `-e` takes octal digits with and without a leading 0, which GNU's and bash's do not. */
export const echo: Program = async process => {
  const words = process.argv.slice(1)
  let [newline, escapes] = [true, false]
  while (words[0] !== undefined && /^-[neE]+$/.test(words[0])) {
    const word = words.shift()!
    if (word.includes('n')) newline = false
    if (word.includes('e')) escapes = true
  }
  const text = words.join(' ')
  process.step(text.length >> 10)
  if (!escapes) {
    await process.stdout.write(newline ? `${text}\n` : text)
    return 0
  }
  const end = /^(?:[^\\]|\\[^c])*?\\c/.exec(text)
  const kept = end ? end[0].slice(0, -2) : text
  await process.stdout.write(kept.replace(sequence, octet) + (newline && !end ? '\n' : ''))
  return 0
}

function octet(whole: string, what: string): string {
  if (what.startsWith('x') && what.length > 1) return String.fromCharCode(Number.parseInt(what.slice(1), 16))
  if (/^[0-7]/.test(what)) {
    // Digits belong to it as long as it is a byte: `\400` is a blank and a 0.
    const fits = Number.parseInt(what, 8) <= 255
    return String.fromCharCode(Number.parseInt(fits ? what : what.slice(0, -1), 8)) + (fits ? '' : what.at(-1))
  }
  return letters.get(what) ?? whole
}
