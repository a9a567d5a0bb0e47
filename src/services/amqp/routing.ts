import type { Table } from './wire.ts'

/** How exchanges choose (AMQP 0-9-1 §3.1.3): topics and headers. */

/** Words of a key that are compared; a longer one fits nothing. */
const WORDS = 128

/** `*` is one word, `#` any number of them. */
export function topicFits(pattern: string, key: string): boolean {
  const words = key === '' ? [] : key.split('.')
  const wanted = pattern === '' ? [] : pattern.split('.')
  if (words.length > WORDS || wanted.length > WORDS) return false
  // Which beginnings of the key the pattern so far fits.
  let fits = words.map(() => false)
  fits = [true, ...fits]
  for (const part of wanted) {
    const next = fits.map(() => false)
    for (let i = 0; i <= words.length; i++) {
      if (part === '#') next[i] = fits[i]! || (i > 0 && next[i - 1]!)
      else next[i] = i > 0 && fits[i - 1]! && (part === '*' || part === words[i - 1])
    }
    fits = next
  }
  return fits[words.length]!
}

/** Arguments of a binding against a message's headers: all of them, or one (`x-match`). */
export function headersFit(args: Table, headers: Table): boolean {
  const how = args.get('x-match')
  const any = how?.type === 'S' && how.value.startsWith('any')
  const wanted = [...args].filter(([name]) => !name.startsWith('x-'))
  const one = ([name, value]: (typeof wanted)[number]): boolean => {
    const found = headers.get(name)
    return found !== undefined && (value.type === 'V' || String(found.value) === String(value.value))
  }
  return any ? wanted.some(one) : wanted.every(one)
}
