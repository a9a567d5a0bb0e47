/** A random UUID (RFC 9562 §5.4) made of 16 bytes; `variant` is its first digit that says so, 8 to b. */
export const uuidOf = (bytes: Buffer, variant: '8' | '9' | 'a' | 'b' = 'a'): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, `$1-$2-4$3-${variant}$4-$5`)
