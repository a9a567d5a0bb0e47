/** One pair of a connect descriptor, `(NAME=value)` or `(NAME=(…)(…))`; names in capitals, as they are compared. */
export type Pair = { name: string; value: string; inside: Pair[] }

const DEEPEST = 16
const MOST = 256

/** Reads Oracle Net's name-value notation; `undefined` for what is none, or is deeper or longer than any client's. */
export function parseDescription(text: string): Pair[] | undefined {
  const roots: Pair[] = []
  const open: Pair[] = []
  let count = 0
  let at = 0
  const blank = () => {
    while (at < text.length && ' \t\r\n\0'.includes(text[at]!)) at++
  }
  for (blank(); at < text.length; blank()) {
    const top = open.at(-1)
    if (text[at] === ')') {
      if (!open.pop()) return undefined
      at++
    } else if (text[at] === '(') {
      const equals = text.indexOf('=', at)
      if (equals < 0 || equals - at > 65 || ++count > MOST || open.length >= DEEPEST) return undefined
      const name = text
        .slice(at + 1, equals)
        .trim()
        .toUpperCase()
      if (name === '' || name.includes('(') || name.includes(')')) return undefined
      const pair: Pair = { name, value: '', inside: [] }
      ;(top?.inside ?? roots).push(pair)
      open.push(pair)
      at = equals + 1
    } else {
      if (!top || top.inside.length > 0 || top.value !== '') return undefined
      let end = at
      while (end < text.length && text[end] !== '(' && text[end] !== ')') end++
      if (text[end] !== ')') return undefined
      top.value = text.slice(at, end).trim()
      at = end
    }
  }
  return open.length === 0 && roots.length > 0 ? roots : undefined
}

/** The first pair of that name, at whatever depth. */
export function find(pairs: readonly Pair[], name: string): Pair | undefined {
  for (const pair of pairs) {
    const found = pair.name === name ? pair : find(pair.inside, name)
    if (found) return found
  }
  return undefined
}
