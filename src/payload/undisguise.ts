/** Log4j 2's own look-ups, which hide `jndi` from whoever searches for it: `${lower:j}`, `${::-j}`, `${env:NONE:-j}`. */
const lookups = /\$\{(?:lower|upper):([^${}]{0,20})\}|\$\{[^${}]{0,40}:-([^${}]{0,20})\}/gi
const escapes = /%([0-9A-Fa-f]{2})/g
const unicode = /\\u00([0-9A-Fa-f]{2})/g

/** What attackers hide from matching is undone before it: nested escapes, and look-ups that are text. */
export function undisguise(text: string): string {
  let plain = text
  for (let i = 0; i < 3 && plain.includes('%'); i++) {
    const next = plain.replace(escapes, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    if (next === plain) break
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
