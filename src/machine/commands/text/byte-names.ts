const escapes = new Map([
  [0, '\\0'],
  [7, '\\a'],
  [8, '\\b'],
  [9, '\\t'],
  [10, '\\n'],
  [11, '\\v'],
  [12, '\\f'],
  [13, '\\r'],
])

/** A byte as `od -c` and hexdump's `%_c` show it: itself, an escape, or three octal digits. */
export const charName = (byte: number): string =>
  escapes.get(byte) ?? (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : byte.toString(8).padStart(3, '0'))

/** Names of the control characters of ASCII. */
export const controlNames =
  'nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp'.split(
    ' ',
  )

export const isPrint = (byte: number): boolean => byte >= 32 && byte < 127

/** Printable bytes, a dot for the others. */
export const dotted = (data: Buffer): string =>
  [...data].map(byte => (isPrint(byte) ? String.fromCharCode(byte) : '.')).join('')
