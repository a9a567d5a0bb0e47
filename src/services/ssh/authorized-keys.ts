import type { Computer } from '#machine/computer.ts'

/** Debian's AuthorizedKeysFile. */
const files = ['.ssh/authorized_keys', '.ssh/authorized_keys2']
/** Lines of a file that are looked at. */
const mostLines = 1000
/** sshd(8), "AUTHORIZED_KEYS FILE FORMAT": options may stand before the type and have blanks in quotes. */
const line = /^\s*(?:[^\s#"]*(?:"(?:[^"\\]|\\.)*"[^\s"]*)*\s+)?(?:ssh-\S+|ecdsa-sha2-\S+|sk-\S+)\s+([A-Za-z0-9+/]+=*)/

/** Where this key stands in the account's home, `.ssh/authorized_keys:3`; `undefined` where it does not. */
export function installedAt(computer: Computer, user: string, blob: Buffer): string | undefined {
  const wanted = blob.toString('base64')
  for (const file of files) {
    const lines = computer.homeFile(user, file)?.toString('latin1').split('\n', mostLines) ?? []
    // No expression runs over more than a key's line.
    const at = lines.findIndex(text => text.length <= 8192 && text.includes(wanted) && line.exec(text)?.[1] === wanted)
    if (at >= 0) return `${file}:${at + 1}`
  }
  return undefined
}
