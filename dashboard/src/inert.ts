/** How an attacker's text is made harmless to look at. Markup never is markup here: Preact writes text nodes only. */

/**
 * Characters that act on a reader without being seen (Unicode general categories and properties): controls, format
 * characters such as the bidirectional ones of UAX #9, lone surrogates, line and paragraph separators, and whatever else
 * draws nothing (zero-width and variation selectors, fillers, tags).
 */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u
const around = new RegExp(`(${invisible.source})`, 'u')

/** Text and, at odd places, single invisible characters. */
export const pieces = (text: string): string[] => text.split(around)

/** A control picture (U+2400 block) for the old controls, the code point for anything else. */
export function picture(character: string): string {
  const code = character.codePointAt(0)!
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return '␡'
  return codePoint(character)
}

/** `U+202E`. */
export const codePoint = (character: string) =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`

/** All of it as one run of visible characters, for attributes, titles and labels. */
export function visible(text: string, max = 200): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text
  return pieces(cut)
    .map((piece, index) => (index % 2 ? picture(piece) : piece))
    .join('')
}
