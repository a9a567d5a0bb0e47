/** Letters behind a backslash that stand for a byte, as C has them (ISO C 5.2.2); what a program knows beyond these it adds. */
export const cEscapes: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
])
