const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * What an attacker sent, as text that JSON can carry without loss of meaning: valid UTF-8 stays as it is, a byte that
 * is not becomes `\xNN`. `max` caps the bytes looked at; what is cut off is marked with `…`.
 */
export function text(bytes: Uint8Array, max = 4096): string {
  if (bytes.length <= max) return decode(bytes)
  // The cut may go through a character: step back to where one begins (10xxxxxx continues one).
  let end = max
  while (end > max - 4 && end > 0 && (bytes[end]! & 0xc0) === 0x80) end--
  return `${decode(bytes.subarray(0, end))}…`
}

function decode(view: Uint8Array): string {
  try {
    return strict.decode(view)
  } catch {
    return Array.from(view, byte =>
      byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
    ).join('')
  }
}
