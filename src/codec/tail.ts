/**
 * A text without the characters `tail` at its end, in one pass. A pattern (`/ +$/`) tries the end from each of them anew: the square of their
 * number, which attackers choose.
 */
export function withoutTail(text: string, tail: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === tail) end--
  return text.slice(0, end)
}
