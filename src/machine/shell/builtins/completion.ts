import { accounts, groups } from '../../accounts.ts'
import { keymap } from '../../terminal/readline/keys.ts'
import { commandNames, fileNames } from '../line-completion.ts'
import { quotedIfNeeded } from '../quote.ts'
import { complain, fsOf, type Shell, write } from '../state.ts'
import { namesOf } from '../variables.ts'
import { type Builtin, builtinNames } from './index.ts'
import { optionsOf } from './options.ts'
import { emit } from './print.ts'

const KEYWORDS = 'if then else elif fi case esac for select while until do done in function time { } ! [[ ]] coproc'

const ACTIONS: ReadonlyMap<string, (sh: Shell, start: string) => string[]> = new Map<
  string,
  (sh: Shell, start: string) => string[]
>([
  ['alias', sh => [...sh.aliases.keys()].sort()],
  ['builtin', () => builtinNames()],
  ['command', (sh, start) => commandNames(sh, start, true)],
  ['directory', (sh, start) => fileNames(sh, start, true)],
  ['export', sh => namesOf(sh.variables)],
  ['file', (sh, start) => fileNames(sh, start, false)],
  ['function', sh => [...sh.functions.keys()].sort()],
  ['group', sh => groups(fsOf(sh)).map(({ name }) => name)],
  ['job', sh => sh.jobs.map(({ command }) => command.split(' ')[0]!)],
  ['keyword', () => KEYWORDS.split(' ')],
  ['user', sh => accounts(fsOf(sh)).map(({ name }) => name)],
  ['variable', sh => namesOf(sh.variables)],
])
const LETTERS = new Map([
  ['a', 'alias'],
  ['b', 'builtin'],
  ['c', 'command'],
  ['d', 'directory'],
  ['e', 'export'],
  ['f', 'file'],
  ['g', 'group'],
  ['j', 'job'],
  ['k', 'keyword'],
  ['u', 'user'],
  ['v', 'variable'],
])

const COMPGEN =
  'compgen: usage: compgen [-abcdefgjksuv] [-o option] [-A action] [-G globpat] [-W wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [word]'

/** `compgen`: what a word could become. */
const compgen: Builtin = async (sh, args) => {
  const found = await optionsOf(sh, 'compgen', args, 'abcdefgjksuvo:A:G:W:F:C:X:P:S:', COMPGEN)
  if (!found) return 2
  const { flags, rest } = found
  const [word = ''] = rest
  const wanted = [...flags.keys()].flatMap(letter => LETTERS.get(letter) ?? [])
  if (flags.has('A')) wanted.push(flags.get('A')!)
  const names: string[] = []
  for (const action of wanted) {
    const list = ACTIONS.get(action)
    if (!list) {
      await complain(sh, `compgen: ${action}: invalid action name`)
      return 2
    }
    names.push(...list(sh, word))
  }
  names.push(...(flags.get('W') ?? '').split(/[ \t\n]+/).filter(Boolean))
  const fits = names.filter(name => name.startsWith(word))
  const [before, after] = [flags.get('P') ?? '', flags.get('S') ?? '']
  await emit(sh, 'compgen', fits.map(name => `${before}${name}${after}\n`).join(''))
  return fits.length > 0 ? 0 : 1
}

/** What keys can be bound to, as readline 8.2 and bash 5.2 name it. */
const FUNCTIONS = `abort accept-line alias-expand-line arrow-key-prefix backward-byte backward-char backward-delete-char
  backward-kill-line backward-kill-word backward-word beginning-of-history beginning-of-line bracketed-paste-
  begin call-last-kbd-macro capitalize-word character-search character-search-backward clear-display clear-
  screen complete complete-command complete-filename complete-hostname complete-into-braces complete-username
  complete-variable copy-backward-word copy-forward-word copy-region-as-kill dabbrev-expand delete-char delete-
  char-or-list delete-horizontal-space digit-argument display-shell-version do-lowercase-version downcase-word
  dump-functions dump-macros dump-variables dynamic-complete-history edit-and-execute-command emacs-editing-mode
  end-kbd-macro end-of-history end-of-line exchange-point-and-mark fetch-history forward-backward-delete-char
  forward-byte forward-char forward-search-history forward-word glob-complete-word glob-expand-word glob-list-
  expansions history-and-alias-expand-line history-expand-line history-search-backward history-search-forward
  history-substring-search-backward history-substring-search-forward insert-comment insert-completions insert-
  last-argument kill-line kill-region kill-whole-line kill-word magic-space menu-complete menu-complete-backward
  next-history next-screen-line non-incremental-forward-search-history non-incremental-forward-search-history-
  again non-incremental-reverse-search-history non-incremental-reverse-search-history-again old-menu-complete
  operate-and-get-next overwrite-mode possible-command-completions possible-completions possible-filename-
  completions possible-hostname-completions possible-username-completions possible-variable-completions
  previous-history previous-screen-line print-last-kbd-macro quoted-insert re-read-init-file redraw-current-line
  reverse-search-history revert-line self-insert set-mark shell-backward-kill-word shell-backward-word shell-
  expand-line shell-forward-word shell-kill-word shell-transpose-words skip-csi-sequence spell-correct-word
  start-kbd-macro tab-insert tilde-expand transpose-chars transpose-words tty-status undo universal-argument
  unix-filename-rubout unix-line-discard unix-word-rubout upcase-word vi-append-eol vi-append-mode vi-arg-digit
  vi-bWord vi-back-to-indent vi-backward-bigword vi-backward-word vi-bword vi-change-case vi-change-char vi-
  change-to vi-char-search vi-column vi-complete vi-delete vi-delete-to vi-eWord vi-edit-and-execute-command vi-
  editing-mode vi-end-bigword vi-end-word vi-eof-maybe vi-eword vi-fWord vi-fetch-history vi-first-print vi-
  forward-bigword vi-forward-word vi-fword vi-goto-mark vi-insert-beg vi-insertion-mode vi-match vi-movement-
  mode vi-next-word vi-overstrike vi-overstrike-delete vi-prev-word vi-put vi-redo vi-replace vi-rubout vi-
  search vi-search-again vi-set-mark vi-subst vi-tilde-expand vi-undo vi-unix-word-rubout vi-yank-arg vi-yank-
  pop vi-yank-to yank yank-last-arg yank-nth-arg yank-pop`.split(/\s+/)

/** Completions that were asked for, by command; readline here does without them. */
const asked = new WeakMap<Shell['aliases'], Map<string, string>>()
const mostAsked = 300

/** `complete`: remembered and shown again. */
const complete: Builtin = async (sh, args) => {
  const specs = asked.get(sh.aliases) ?? new Map<string, string>()
  asked.set(sh.aliases, specs)
  const found = await optionsOf(
    sh,
    'complete',
    args,
    'abcdefgjksuvprDEIo:A:G:W:F:C:X:P:S:',
    'complete: usage: complete [-abcdefgjksuv] [-pr] [-DEI] [-o option] [-A action] [-G globpat] [-W wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [name ...]',
  )
  if (!found) return 2
  const { flags, rest } = found
  if (flags.has('p') || args.length === 0) {
    const names = rest.length > 0 ? rest : [...specs.keys()]
    for (const name of names) {
      const spec = specs.get(name)
      if (spec === undefined) {
        await complain(sh, `complete: ${name}: no completion specification`)
        return 1
      }
      await emit(sh, 'complete', `complete ${spec}${name}\n`)
    }
    return 0
  }
  if (flags.has('r')) {
    for (const name of rest.length > 0 ? rest : [...specs.keys()]) specs.delete(name)
    return 0
  }
  const spec = [...flags]
    .map(([letter, value]) => `-${letter} ${value === '' ? '' : `${quotedIfNeeded(value)} `}`)
    .join('')
  for (const name of rest) if (specs.size < mostAsked) specs.set(name, spec.slice(0, 500))
  return 0
}

/** `bind`: the keys are what they are. */
const bind: Builtin = async (sh, args) => {
  if (sh.mode !== 'interactive') await complain(sh, 'bind: warning: line editing not enabled')
  const found = await optionsOf(
    sh,
    'bind',
    args,
    'lvpVPsSXf:q:u:r:x:m:',
    'bind: usage: bind [-lpsvPSVX] [-m keymap] [-f filename] [-q name] [-u name] [-r keyseq] [-x keyseq:shell-command] [keyseq:readline-function or readline-command]',
  )
  if (!found) return 2
  const { flags } = found
  const shown = (keys: string): string =>
    [...keys]
      .map(key =>
        key === '\x1b'
          ? '\\e'
          : key < ' '
            ? `\\C-${String.fromCharCode(key.charCodeAt(0) + 96)}`
            : key === '\x7f'
              ? '\\C-?'
              : key,
      )
      .join('')
  if (flags.has('l')) return emit(sh, 'bind', FUNCTIONS.map(name => `${name}\n`).join(''))
  if (flags.has('p')) return emit(sh, 'bind', [...keymap].map(([keys, name]) => `"${shown(keys)}": ${name}\n`).join(''))
  if (flags.has('q')) {
    const name = flags.get('q')!
    const keys = [...keymap].filter(([, one]) => one === name).map(([one]) => `"${shown(one)}"`)
    if (keys.length > 0) return emit(sh, 'bind', `${name} can be invoked via ${keys.join(', ')}.\n`)
    await write(sh, 1, FUNCTIONS.includes(name) ? `${name} is not bound to any keys.\n` : '')
    return 1
  }
  return 0
}

export const completionBuiltins: [string, Builtin][] = [
  ['compgen', compgen],
  ['complete', complete],
  ['compopt', () => 0],
  ['bind', bind],
]
