const strict = new TextDecoder('utf-8', { fatal: true })

/**
 * What an attacker sent, as text that JSON can carry without loss of meaning: valid UTF-8 stays as it is, a byte that
 * is not becomes `\xNN`. `max` caps the bytes looked at; what is cut off is marked with `…`.
 */
export function text(bytes: Uint8Array, max = 4096): string {
  const cut = bytes.length > max
  const view = cut ? bytes.subarray(0, max) : bytes
  return decode(view) + (cut ? '…' : '')
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
