import type { Process, Program } from '../../../system.ts'
import { getopt, type Option } from '../../getopt.ts'
import { accountBy, userNames, widthOf } from '../facts.ts'
import { printable, type Row, rowsOf } from './rows.ts'

const options: Option[] = [
  { short: 'a', long: 'arguments' },
  { short: 'A', long: 'ascii' },
  { short: 'c', long: 'compact-not' },
  { short: 'C', long: 'color', argument: 'required' },
  { short: 'g', long: 'show-pgids' },
  { short: 'G', long: 'vt100' },
  { short: 'h', long: 'highlight-all' },
  { short: 'H', long: 'highlight-pid', argument: 'required' },
  { short: 'l', long: 'long' },
  { short: 'n', long: 'numeric-sort' },
  { short: 'N', long: 'ns-sort', argument: 'required' },
  { short: 'p', long: 'show-pids' },
  { short: 's', long: 'show-parents' },
  { short: 'S', long: 'ns-changes' },
  { short: 't', long: 'thread-names' },
  { short: 'T', long: 'hide-threads' },
  { short: 'u', long: 'uid-changes' },
  { short: 'U', long: 'unicode' },
  { short: 'V', long: 'version' },
  { short: 'Z', long: 'security-context' },
]

type Node = { text: string; count: number; children: Node[] }
type Marks = { single: string; first: string; middle: string; last: string; bar: string }

const ascii: Marks = { single: '---', first: '-+-', middle: '|-', last: '`-', bar: '| ' }
// UTF-8 as bytes: box drawings light.
const boxes: Marks = {
  single: '\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80',
  first: '\xe2\x94\x80\xe2\x94\xac\xe2\x94\x80',
  middle: '\xe2\x94\x9c\xe2\x94\x80',
  last: '\xe2\x94\x94\xe2\x94\x80',
  bar: '\xe2\x94\x82 ',
}

/** pstree(1) of psmisc 23.6. */
export const pstree: Program = async process => {
  const parsed = getopt(process.argv, options)
  const usage =
    'Usage: pstree [-acglpsStTuZ] [ -h | -H PID ] [ -n | -N type ]\n              [ -A | -G | -U ] [ PID | USER ]\n   or: pstree -V\n'
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n${usage}`)
    return 1
  }
  const { has, operands } = parsed
  if (has('version')) {
    await process.stderr.write('pstree (PSmisc) 23.6\n')
    return 0
  }
  const rows = rowsOf(process)
  const [what] = operands
  const user = what !== undefined && !/^\d+$/.test(what) ? accountBy(process, what) : undefined
  if (what !== undefined && !/^\d+$/.test(what) && !user) {
    await process.stderr.write(`No such user name: ${what}\n`)
    return 1
  }
  const roots = user
    ? rows.filter(
        row => row.uid === user.uid && rows.find(({ pid }) => pid === row.ppid)?.uid !== user.uid && row.exe !== '',
      )
    : rows.filter(({ pid }) => pid === Number(what ?? 1))
  if (roots.length === 0) {
    if (user || what === undefined) await process.stdout.write('No processes found.\n')
    return user || what === undefined ? 1 : 0
  }
  const locale = process.env.get('LC_ALL') || process.env.get('LC_CTYPE') || process.env.get('LANG') || ''
  const marks = !has('ascii') && (has('unicode') || (process.isatty[1] && /UTF-?8/i.test(locale))) ? boxes : ascii
  const width = has('long') ? 100_000 : widthOf(process, 132)
  for (const root of roots) {
    const tree = build(process, root, rows, has, 0)
    const lines = has('arguments') ? asList(tree, marks, '', '') : asTree(tree, marks)
    for (const line of lines) await process.stdout.write(`${cut(line, width)}\n`)
    if (user) await process.stdout.write(root === roots.at(-1) ? '' : '\n')
  }
  return 0
}

/** By columns: a character of UTF-8 takes one, however many bytes it has. */
const cut = (line: string, width: number): string => {
  const visible = line.replace(/[\x80-\xbf]/g, '').length
  return visible <= width ? line : `${line.slice(0, width - 1)}+`
}

const build = (
  process: Process,
  row: Row,
  rows: readonly Row[],
  has: (name: string) => boolean,
  depth: number,
): Node => {
  process.step()
  const parent = rows.find(({ pid }) => pid === row.ppid)
  const details = [
    ...(has('show-pids') ? [`${row.pid}`] : []),
    ...(has('show-pgids') ? [`${row.pgid}`] : []),
    ...(has('uid-changes') && parent && parent.uid !== row.uid ? [userNames(process)(row.uid)] : []),
  ]
  const separator = has('arguments') && !has('show-pgids') ? ',' : ''
  const suffix = details.length === 0 ? '' : separator ? `,${details.join(',')}` : `(${details.join(',')})`
  const args = has('arguments') && row.argv.length > 1 ? ` ${row.argv.slice(1).map(printable).join(' ')}` : ''
  const text = `${row.name}${suffix}${args}`
  const children =
    depth > 100
      ? []
      : rows
          .filter(({ ppid, pid }) => ppid === row.pid && pid !== row.pid)
          .map(child => build(process, child, rows, has, depth + 1))
  const threads = has('hide-threads') ? 0 : (row.threads ?? 1) - 1
  for (let index = 0; index < threads; index++)
    children.push({
      text: `{${row.name}}${has('show-pids') ? `(${row.pid + index + 1})` : ''}`,
      count: 1,
      children: [],
    })
  const sorted = has('numeric-sort')
    ? children
    : children.toSorted((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)))
  return { text, count: 1, children: has('compact-not') || has('arguments') ? sorted : compacted(sorted) }
}

/** Equal branches are drawn once, with their number. */
const compacted = (nodes: readonly Node[]): Node[] => {
  const result: Node[] = []
  for (const node of nodes) {
    const same = result.find(
      other => other.text === node.text && JSON.stringify(other.children) === JSON.stringify(node.children),
    )
    if (same) same.count++
    else result.push(node)
  }
  return result
}

const asTree = (node: Node, marks: Marks): string[] => {
  const own = node.count > 1 ? `${node.count}*[${node.text}` : node.text
  const end = node.count > 1 ? ']' : ''
  if (node.children.length === 0) return [own + end]
  const indent = ' '.repeat(own.length)
  const lines: string[] = []
  node.children.forEach((child, index) => {
    const last = index === node.children.length - 1
    const block = asTree(child, marks)
    block.forEach((line, at) => {
      if (at === 0) {
        const mark =
          node.children.length === 1 ? marks.single : index === 0 ? marks.first : ` ${last ? marks.last : marks.middle}`
        lines.push((index === 0 ? own : indent) + mark + line)
      } else lines.push(`${indent} ${last ? '  ' : marks.bar}${line}`)
    })
  })
  lines[lines.length - 1] += end
  return lines
}

const asList = (node: Node, marks: Marks, head: string, rest: string): string[] => [
  head + node.text,
  ...node.children.flatMap((child, index) => {
    const last = index === node.children.length - 1
    return asList(child, marks, `${rest}  ${last ? marks.last : marks.middle}`, `${rest}  ${last ? '  ' : marks.bar}`)
  }),
]
