/** Lines of the corpus whose answer differs from bash's, with the reason. */
export const EXCUSED: Record<'bash' | 'sh' | 'ash', ReadonlyMap<string, string>> = {
  bash: new Map([
    ["echo $'a\\tb\\nc\\x41\\101\\u00e9'", 'recorded in the C locale; the pretended computer speaks UTF-8'],
  ]),
  sh: new Map([['case x in ;; esac', 'dash takes `;;` for a pattern and misses what ends it']]),
  ash: new Map([
    ['case x in ;; esac', 'dash takes `;;` for a pattern and misses what ends it'],
    ['echo $RANDOM $LINENO', 'a number of chance'],
    ['echo <(x)', 'process substitution, which few devices build in'],
  ]),
}
