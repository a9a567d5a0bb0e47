/** Lines of the corpus whose answer differs from bash's, with the reason. */
export const EXCUSED: ReadonlyMap<string, string> = new Map([
  ["echo $'a\\tb\\nc\\x41\\101\\u00e9'", 'recorded in the C locale; the pretended computer speaks UTF-8'],
])
