/** What BusyBox's line editing does at a key. */
export type KeyName =
  | 'start'
  | 'end'
  | 'left'
  | 'right'
  | 'word-left'
  | 'word-right'
  | 'up'
  | 'down'
  | 'delete'
  | 'delete-word'
  | 'rub-out'
  | 'rub-out-word'
  | 'rub-out-spaced-word'
  | 'kill-line'
  | 'kill-start'
  | 'clear-screen'
  | 'complete'
  | 'end-of-file'
  | 'interrupt'
  | 'enter'
  | 'nothing'

/** Control characters of lineedit.c; the others do nothing. */
export const controls: ReadonlyMap<string, KeyName> = new Map<string, KeyName>([
  ['\x01', 'start'],
  ['\x02', 'left'],
  ['\x03', 'interrupt'],
  ['\x04', 'end-of-file'],
  ['\x05', 'end'],
  ['\x06', 'right'],
  ['\b', 'rub-out'],
  ['\t', 'complete'],
  ['\n', 'enter'],
  ['\x0b', 'kill-line'],
  ['\f', 'clear-screen'],
  ['\r', 'enter'],
  ['\x0e', 'down'],
  ['\x10', 'up'],
  ['\x15', 'kill-start'],
  ['\x17', 'rub-out-spaced-word'],
  ['\x7f', 'rub-out'],
])

/** Sequences behind ESC that libbb/read_key.c knows. */
export const sequences: ReadonlyMap<string, KeyName> = new Map<string, KeyName>([
  ['b', 'word-left'],
  ['f', 'word-right'],
  ['d', 'delete-word'],
  ['\b', 'rub-out-word'],
  ['\x7f', 'rub-out-word'],
  ...(['OA', '[A'] as const).map(keys => [keys, 'up'] as const),
  ...(['OB', '[B'] as const).map(keys => [keys, 'down'] as const),
  ...(['OC', '[C'] as const).map(keys => [keys, 'right'] as const),
  ...(['OD', '[D'] as const).map(keys => [keys, 'left'] as const),
  ...(['OH', '[H', '[1~', '[7~'] as const).map(keys => [keys, 'start'] as const),
  ...(['OF', '[F', '[4~', '[8~'] as const).map(keys => [keys, 'end'] as const),
  ['[3~', 'delete'],
  ...(['[1;5D', '[1;3D', 'Od'] as const).map(keys => [keys, 'word-left'] as const),
  ...(['[1;5C', '[1;3C', 'Oc'] as const).map(keys => [keys, 'word-right'] as const),
])

/** Characters behind ESC that may yet become a sequence; one that is none is taken whole and does nothing. */
export const isUnfinished = (keys: string): boolean =>
  keys === '[' || keys === 'O' || (keys.length < 16 && /^\[[0-9;?<=>]*$/.test(keys))
