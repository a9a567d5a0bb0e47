import { type Document, lengthAt, lengthBefore, lineOf } from './document.ts'

export type Place = { row: number; at: number }
/** Where a motion goes; `lines`: an operator takes whole lines; `to`: it takes the last character as well. */
export type Motion = Place & { lines?: true; to?: true }

const kind = (c: string | undefined): 0 | 1 | 2 =>
  c === undefined || c === ' ' || c === '\t' ? 0 : /[A-Za-z0-9_\x80-\xff]/.test(c) ? 1 : 2

const nextWord = ({ lines }: Document, { row, at }: Place): Place => {
  const line = lines[row] ?? ''
  const from = kind(line[at])
  let place = at
  while (place < line.length && from !== 0 && kind(line[place]) === from) place++
  while (place < line.length && kind(line[place]) === 0) place++
  if (place < line.length || row + 1 >= lines.length) return { row, at: place }
  const next = lines[row + 1]!
  const indent = next.search(/[^ \t]/)
  return { row: row + 1, at: indent === -1 ? 0 : indent }
}
const wordBack = ({ lines }: Document, { row, at }: Place): Place => {
  let line = lines[row] ?? ''
  let r = row
  let place = at
  while (place > 0 && kind(line[place - 1]) === 0) place--
  if (place === 0) {
    if (r === 0) return { row: r, at: 0 }
    line = lines[--r]!
    place = line.length
    while (place > 0 && kind(line[place - 1]) === 0) place--
  }
  const wanted = kind(line[place - 1])
  while (place > 0 && kind(line[place - 1]) === wanted) place--
  return { row: r, at: place }
}
const wordEnd = ({ lines }: Document, { row, at }: Place): Place => {
  let r = row
  let place = at + 1
  for (;;) {
    const line = lines[r] ?? ''
    while (place < line.length && kind(line[place]) === 0) place++
    if (place < line.length) {
      const wanted = kind(line[place])
      while (place + 1 < line.length && kind(line[place + 1]) === wanted) place++
      return { row: r, at: place }
    }
    if (r + 1 >= lines.length) return { row: r, at: Math.max(0, line.length - 1) }
    r++
    place = 0
  }
}

const repeated =
  (step: (document: Document, from: Place) => Place) =>
  (document: Document, count: number): Place => {
    let place: Place = { row: document.row, at: document.at }
    for (let i = Math.min(count, 5000); i > 0; i--) place = step(document, place)
    return place
  }
const firstText = (document: Document, row: number): number =>
  Math.max(0, (document.lines[row] ?? '').search(/[^ \t]|$/))
const clamp = (document: Document, row: number): number => Math.max(0, Math.min(document.lines.length - 1, row))
const vertical = (document: Document, by: number): Motion => {
  const row = clamp(document, document.row + by)
  return { row, at: Math.min(document.at, Math.max(0, (document.lines[row] ?? '').length - 1)), lines: true }
}

/** Motions by their key. `counted`: a number was given. */
const motions: ReadonlyMap<string, (document: Document, count: number, counted: boolean, height: number) => Motion> =
  new Map<string, (document: Document, count: number, counted: boolean, height: number) => Motion>([
    [
      'h',
      (d, n) => ({
        row: d.row,
        at: repeated((one, p) => ({ row: p.row, at: p.at - lengthBefore(one.lines[p.row] ?? '', p.at) }))(d, n).at,
      }),
    ],
    [
      'l',
      (d, n) => ({
        row: d.row,
        at: repeated((one, p) => ({ row: p.row, at: p.at + lengthAt(one.lines[p.row] ?? '', p.at) }))(d, n).at,
      }),
    ],
    ['j', (d, n) => vertical(d, n)],
    ['k', (d, n) => vertical(d, -n)],
    ['w', (d, n) => repeated(nextWord)(d, n)],
    ['b', (d, n) => repeated(wordBack)(d, n)],
    ['e', (d, n) => ({ ...repeated(wordEnd)(d, n), to: true })],
    ['0', d => ({ row: d.row, at: 0 })],
    ['^', d => ({ row: d.row, at: firstText(d, d.row) })],
    ['$', d => ({ row: d.row, at: lineOf(d).length })],
    [
      'G',
      (d, n, counted) => {
        const row = counted ? clamp(d, n - 1) : d.lines.length - 1
        return { row, at: firstText(d, row), lines: true }
      },
    ],
    [
      'gg',
      (d, n, counted) => {
        const row = counted ? clamp(d, n - 1) : 0
        return { row, at: firstText(d, row), lines: true }
      },
    ],
    ['\x06', (d, n, _, height) => vertical(d, n * Math.max(1, height - 2))],
    ['\x02', (d, n, _, height) => vertical(d, -n * Math.max(1, height - 2))],
    ['\x04', (d, _n, _, height) => vertical(d, Math.floor(height / 2))],
    ['\x15', (d, _n, _, height) => vertical(d, -Math.floor(height / 2))],
    [
      '}',
      (d, n) => {
        let row = d.row
        for (let i = Math.min(n, 1000); i > 0; i--) {
          row++
          while (row < d.lines.length && d.lines[row] !== '') row++
        }
        return { row: clamp(d, row), at: 0 }
      },
    ],
    [
      '{',
      (d, n) => {
        let row = d.row
        for (let i = Math.min(n, 1000); i > 0; i--) {
          row--
          while (row > 0 && d.lines[row] !== '') row--
        }
        return { row: clamp(d, row), at: 0 }
      },
    ],
  ])

const names = new Map([
  ['\x1b[A', 'k'],
  ['\x1bOA', 'k'],
  ['\x10', 'k'],
  ['\x1b[B', 'j'],
  ['\x1bOB', 'j'],
  ['\x0e', 'j'],
  ['\r', 'j'],
  ['+', 'j'],
  ['-', 'k'],
  ['\x1b[C', 'l'],
  ['\x1bOC', 'l'],
  [' ', 'l'],
  ['\x1b[D', 'h'],
  ['\x1bOD', 'h'],
  ['\x7f', 'h'],
  ['\b', 'h'],
  ['\x1b[H', '0'],
  ['\x1bOH', '0'],
  ['\x1b[1~', '0'],
  ['\x1b[F', '$'],
  ['\x1bOF', '$'],
  ['\x1b[4~', '$'],
  ['\x1b[5~', '\x02'],
  ['\x1b[6~', '\x06'],
  ['W', 'w'],
  ['B', 'b'],
  ['E', 'e'],
])

/** Where the key leads, if it is a motion. */
export const motionOf = (
  document: Document,
  key: string,
  count: number,
  counted: boolean,
  height: number,
): Motion | undefined => motions.get(names.get(key) ?? key)?.(document, count, counted, height)
