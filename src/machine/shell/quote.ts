/** A string as bash writes it so that it can be read again: `'it'\''s'` or `$'a\nb'`. */
export const quoted = (text: string): string =>
  /[\0-\x1f\x7f-\xff]/.test(text) ? dollarQuoted(text) : `'${text.replaceAll("'", "'\\''")}'`

const NAMED = new Map([
  ['\x07', 'a'],
  ['\b', 'b'],
  ['\x1b', 'E'],
  ['\f', 'f'],
  ['\n', 'n'],
  ['\r', 'r'],
  ['\t', 't'],
  ['\v', 'v'],
  ['\\', '\\'],
  ["'", "'"],
])

const dollarQuoted = (text: string): string => {
  const body = text.replace(/[\0-\x1f\x7f-\xff\\']/g, c => {
    const name = NAMED.get(c)
    return name === undefined ? `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}` : `\\${name}`
  })
  return `$'${body}'`
}

/** Quoted only when it must be, with single quotes (`set`, `set -x`, `alias`). */
export const quotedIfNeeded = (text: string): string => {
  if (text === '') return "''"
  if (/[\0-\x1f\x7f-\xff]/.test(text)) return dollarQuoted(text)
  return /[\s|&;<>()$`\\"'*?[\]#~=%!{}^,]/.test(text) && !/^[\w@%+:,./=^~-]*$/.test(text.replace(/^[~#]/, ' '))
    ? quoted(text)
    : text
}

/** With double quotes, as `declare -p` and `export -p` do. */
export const doubleQuoted = (text: string): string =>
  /[\0-\x1f\x7f-\xff]/.test(text) ? dollarQuoted(text) : `"${text.replace(/[\\"$`]/g, '\\$&')}"`

/** With backslashes, as `printf %q` does. */
export const backslashed = (text: string): string => {
  if (text === '') return "''"
  if (/[\0-\x1f\x7f-\xff]/.test(text)) return dollarQuoted(text)
  return text.replace(/[\s|&;<>()$`\\"'*?[\]!{}^,]|^[~#]/g, '\\$&')
}
