/** Log4j 2's own look-ups, which hide `jndi` from whoever searches for it: `${lower:j}`, `${::-j}`, `${env:NONE:-j}`. */
const lookups = /\$\{(?:lower|upper):([^${}]{0,20})\}|\$\{[^${}]{0,40}:-([^${}]{0,20})\}/gi
const unicode = /\\u00([0-9A-Fa-f]{2})/g

const digit = (code: number): number =>
  code >= 48 && code <= 57
    ? code - 48
    : code >= 97 && code <= 102
      ? code - 87
      : code >= 65 && code <= 70
        ? code - 55
        : -1

/** Percent escapes (RFC 3986 §2.1) of Latin-1 text undone once, and how many there were; what is none stays. */
export function unescaped(text: string): { plain: string; count: number } {
  const out = Buffer.from(text, 'latin1')
  let [length, count] = [0, 0]
  for (let i = 0; i < out.length; i++) {
    const [high, low] = out[i] === 0x25 && i + 2 < out.length ? [digit(out[i + 1]!), digit(out[i + 2]!)] : [-1, -1]
    if (high >= 0 && low >= 0) {
      out[length++] = high * 16 + low
      i += 2
      count++
    } else out[length++] = out[i]!
  }
  return { plain: out.toString('latin1', 0, length), count }
}

/** What attackers hide from matching is undone before it: nested escapes, and look-ups that are text. */
export function undisguise(text: string): string {
  let plain = text
  for (let i = 0; i < 3 && plain.includes('%'); i++) {
    const { plain: next, count } = unescaped(plain)
    if (count === 0) break
    plain = next
  }
  for (let i = 0; i < 8 && plain.includes('${'); i++) {
    const next = plain
      .replace(unicode, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(lookups, (_, a, b) => a ?? b)
    if (next === plain) break
    plain = next
  }
  return plain
}
