const escapes = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['a', '\x07'],
])
const blank = /[ \t\n\v\f\r]/

/**
 * The words of an inline request (sds.c, sdssplitargs): bare, in "double" quotes with escapes, in 'single' quotes with
 * `\'` alone. A quote may open anywhere in a word, and what closes must end it; `undefined` where that does not hold.
 */
export function splitInline(line: string): string[] | undefined {
  const words: string[] = []
  for (let at = 0; ; ) {
    while (at < line.length && blank.test(line[at]!)) at++
    if (at >= line.length) return words
    let word = ''
    while (at < line.length && !blank.test(line[at]!)) {
      const mark = line[at]!
      if (mark !== '"' && mark !== "'") {
        word += mark
        at++
        continue
      }
      const quoted = mark === '"' ? doubleQuoted(line, at + 1) : singleQuoted(line, at + 1)
      if (!quoted || (quoted.end < line.length && !blank.test(line[quoted.end]!))) return undefined
      word += quoted.text
      at = quoted.end
    }
    words.push(word)
  }
}

function doubleQuoted(line: string, from: number): { text: string; end: number } | undefined {
  let text = ''
  for (let at = from; at < line.length; at++) {
    if (line[at] === '"') return { text, end: at + 1 }
    if (line[at] !== '\\' || at + 1 >= line.length) {
      text += line[at]
      continue
    }
    const hex = /^x([0-9a-fA-F]{2})/.exec(line.slice(at + 1, at + 4))
    if (hex) {
      text += String.fromCharCode(Number.parseInt(hex[1]!, 16))
      at += 3
    } else {
      at++
      text += escapes.get(line[at]!) ?? line[at]
    }
  }
  return undefined
}

function singleQuoted(line: string, from: number): { text: string; end: number } | undefined {
  let text = ''
  for (let at = from; at < line.length; at++) {
    if (line[at] === "'") return { text, end: at + 1 }
    if (line[at] === '\\' && line[at + 1] === "'") at++
    text += line[at]
  }
  return undefined
}

/** As redis-cli and MONITOR show an argument (sds.c, sdscatrepr), of at most `max` characters. */
export function quote(arg: string, max = Number.POSITIVE_INFINITY): string {
  const shown = arg.length > max ? arg.slice(0, max) : arg
  const escaped = (c: string) => named.get(c) ?? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`
  return `"${shown.replace(/[^ -~]|["\\]/g, escaped)}"`
}
const named = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ...[...escapes].map(([letter, c]): [string, string] => [c, `\\${letter}`]),
])
