import type { TypeName } from './ast.ts'
import type { Parser } from './parser.ts'

const twoWords = new Map([
  ['double', ['precision']],
  ['character', ['varying']],
  ['char', ['varying']],
  ['bit', ['varying']],
  ['long', ['varchar', 'varbinary']],
  ['national', ['char', 'character', 'varchar']],
])
const modifiers = new Set('unsigned signed zerofill binary ascii unicode byte'.split(' '))

/** `varchar(20) character set utf8mb4`, `timestamp(3) with time zone[]`. */
export function type(p: Parser): TypeName {
  const at = p.token.start
  const path = [p.label()]
  while (p.takeOperator('.')) path.push(p.label())
  let name = path.at(-1)!.toLowerCase()
  const second = twoWords.get(name)?.find(word => p.isWord(word))
  if (second) {
    p.next()
    name += ` ${second}`
  }
  let sizes: number[] = []
  let values: string[] | undefined
  if (p.isOperator('(')) {
    p.next()
    if (p.token.kind === 'string') values = p.list(() => p.string())
    else
      sizes = p.list(() => Number(p.token.kind === 'number' || p.token.kind === 'word' ? p.next().text : p.fail()) || 0)
    p.needOperator(')')
  }
  const words: string[] = []
  if (/^time(?:stamp)?$/.test(name) && (p.takeWord('with', 'time', 'zone') || p.takeWord('without', 'time', 'zone')))
    if (p.sql.slice(at, p.end).toLowerCase().includes('with ')) name += 'tz'
  if (p.dialect === 'postgresql' && name === 'interval')
    while (/^(?:year|month|day|hour|minute|second|to)$/.test(p.word)) p.next()
  if (p.dialect === 'mysql') mysqlWords(p, words)
  let array = false
  while (p.dialect === 'postgresql' && p.takeOperator('[')) {
    if (p.token.kind === 'number') p.next()
    p.needOperator(']')
    array = true
  }
  return { name, sizes, array, words, ...(values ? { values } : {}), at }
}

function mysqlWords(p: Parser, words: string[]) {
  for (;;) {
    if (modifiers.has(p.word)) words.push(p.next().text.toLowerCase())
    else if (p.takeWord('character', 'set') || p.takeWord('charset') || p.takeWord('char', 'set')) {
      p.takeOperator('=')
      words.push(`charset ${p.token.kind === 'string' ? p.string() : p.label()}`)
    } else if (p.isWord('collate')) {
      p.next()
      words.push(`collate ${p.token.kind === 'string' ? p.string() : p.label()}`)
    } else return
  }
}
