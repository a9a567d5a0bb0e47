/** What a key does, by the names of readline(3). */
export type CommandName =
  | 'set-mark'
  | 'beginning-of-line'
  | 'backward-char'
  | 'delete-char'
  | 'end-of-line'
  | 'forward-char'
  | 'abort'
  | 'complete'
  | 'accept-line'
  | 'kill-line'
  | 'clear-screen'
  | 'clear-display'
  | 'next-history'
  | 'previous-history'
  | 'operate-and-get-next'
  | 'quoted-insert'
  | 'reverse-search-history'
  | 'forward-search-history'
  | 'transpose-chars'
  | 'unix-line-discard'
  | 'unix-word-rubout'
  | 'yank'
  | 'character-search'
  | 'character-search-backward'
  | 'undo'
  | 'exchange-point-and-mark'
  | 'backward-delete-char'
  | 'beginning-of-history'
  | 'end-of-history'
  | 'possible-completions'
  | 'insert-completions'
  | 'delete-horizontal-space'
  | 'backward-word'
  | 'capitalize-word'
  | 'kill-word'
  | 'forward-word'
  | 'downcase-word'
  | 'revert-line'
  | 'transpose-words'
  | 'upcase-word'
  | 'yank-last-arg'
  | 'yank-nth-arg'
  | 'yank-pop'
  | 'backward-kill-word'
  | 'insert-comment'
  | 'tab-insert'
  | 'bracketed-paste-begin'
  | 'digit-argument'
  | 'display-shell-version'
  | 'shell-expand-line'
  | 'backward-kill-line'

/** Keys of the emacs mode (emacs_keymap.c of readline 8.2), those of cursor keys, and of Debian's /etc/inputrc. */
const bindings: readonly (readonly [keys: string, name: CommandName])[] = [
  ['\x00', 'set-mark'],
  ['\x01', 'beginning-of-line'],
  ['\x02', 'backward-char'],
  ['\x04', 'delete-char'],
  ['\x05', 'end-of-line'],
  ['\x06', 'forward-char'],
  ['\x07', 'abort'],
  ['\x08', 'backward-delete-char'],
  ['\t', 'complete'],
  ['\n', 'accept-line'],
  ['\x0b', 'kill-line'],
  ['\x0c', 'clear-screen'],
  ['\r', 'accept-line'],
  ['\x0e', 'next-history'],
  ['\x0f', 'operate-and-get-next'],
  ['\x10', 'previous-history'],
  ['\x11', 'quoted-insert'],
  ['\x12', 'reverse-search-history'],
  ['\x13', 'forward-search-history'],
  ['\x14', 'transpose-chars'],
  ['\x15', 'unix-line-discard'],
  ['\x16', 'quoted-insert'],
  ['\x17', 'unix-word-rubout'],
  ['\x18\x18', 'exchange-point-and-mark'],
  ['\x18\x15', 'undo'],
  ['\x18\x16', 'display-shell-version'],
  ['\x18\x7f', 'backward-kill-line'],
  ['\x19', 'yank'],
  ['\x1d', 'character-search'],
  ['\x1f', 'undo'],
  ['\x7f', 'backward-delete-char'],
  ['\x1b\x07', 'abort'],
  ['\x1b\x08', 'backward-kill-word'],
  ['\x1b\t', 'tab-insert'],
  ['\x1b\x0c', 'clear-display'],
  ['\x1b\x05', 'shell-expand-line'],
  ['\x1b\x12', 'revert-line'],
  ['\x1b\x19', 'yank-nth-arg'],
  ['\x1b\x1d', 'character-search-backward'],
  ['\x1b ', 'set-mark'],
  ['\x1b#', 'insert-comment'],
  ['\x1b*', 'insert-completions'],
  ['\x1b.', 'yank-last-arg'],
  ['\x1b<', 'beginning-of-history'],
  ['\x1b=', 'possible-completions'],
  ['\x1b>', 'end-of-history'],
  ['\x1b?', 'possible-completions'],
  ['\x1b\\', 'delete-horizontal-space'],
  ['\x1b_', 'yank-last-arg'],
  ['\x1bb', 'backward-word'],
  ['\x1bc', 'capitalize-word'],
  ['\x1bd', 'kill-word'],
  ['\x1bf', 'forward-word'],
  ['\x1bl', 'downcase-word'],
  ['\x1br', 'revert-line'],
  ['\x1bt', 'transpose-words'],
  ['\x1bu', 'upcase-word'],
  ['\x1by', 'yank-pop'],
  ['\x1b\x7f', 'backward-kill-word'],
  ...[...'0123456789-'].map(digit => [`\x1b${digit}`, 'digit-argument'] as const),
  ...['\x1b[', '\x1bO'].flatMap(
    lead =>
      [
        [`${lead}A`, 'previous-history'],
        [`${lead}B`, 'next-history'],
        [`${lead}C`, 'forward-char'],
        [`${lead}D`, 'backward-char'],
        [`${lead}H`, 'beginning-of-line'],
        [`${lead}F`, 'end-of-line'],
      ] as const,
  ),
  ['\x1b[1~', 'beginning-of-line'],
  ['\x1b[4~', 'end-of-line'],
  ['\x1b[3~', 'delete-char'],
  ['\x1b[2~', 'quoted-insert'],
  ['\x1b[1;5C', 'forward-word'],
  ['\x1b[1;5D', 'backward-word'],
  ['\x1b[1;3C', 'forward-word'],
  ['\x1b[1;3D', 'backward-word'],
  ['\x1b[3;5~', 'kill-word'],
  ['\x1b[5C', 'forward-word'],
  ['\x1b[5D', 'backward-word'],
  ['\x1b\x1b[C', 'forward-word'],
  ['\x1b\x1b[D', 'backward-word'],
  ['\x1b[200~', 'bracketed-paste-begin'],
]

export const keymap: ReadonlyMap<string, CommandName> = new Map(bindings)
/** What more keys may follow. */
export const prefixes: ReadonlySet<string> = new Set(
  bindings.flatMap(([keys]) => Array.from({ length: keys.length - 1 }, (_, i) => keys.slice(0, i + 1))),
)
