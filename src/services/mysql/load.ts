import type { Parser } from '#sql/parser.ts'
import { type Carry, ok, takes } from './carry.ts'
import { MysqlError } from './errors.ts'
import type { Answer } from './execute.ts'
import type { Session } from './state.ts'

/** A library of the attacker's: `CREATE FUNCTION sys_exec RETURNS INTEGER SONAME 'udf.so'`. */
export function createFunction(p: Parser, replace: boolean): Carry {
  const aggregate = p.takeWord('aggregate')
  p.next()
  p.takeWord('if', 'not', 'exists')
  const name = p.path().at(-1)!
  if (!p.isWord('returns')) return takes(p, undefined as never)!
  p.next()
  const word = p.word
  const returns =
    word === 'string'
      ? 'STRING'
      : word === 'real'
        ? 'REAL'
        : word === 'decimal'
          ? 'DECIMAL'
          : /^int/.test(word)
            ? 'INTEGER'
            : undefined
  if (returns === undefined) return takes(p, undefined as never)!
  p.next()
  p.needWord('soname')
  const soname = p.string()
  return session => load(session, { name, returns, soname, aggregate, replace })
}
type Library = {
  name: string
  returns: 'STRING' | 'INTEGER' | 'REAL' | 'DECIMAL'
  soname: string
  aggregate: boolean
  replace: boolean
}
function load(session: Session, { name, returns, soname, aggregate, replace }: Library): Answer {
  const { libraries, files } = session.server
  if (/[/\\]/.test(soname)) throw new MysqlError(1124, 'HY000', 'No paths allowed for shared library')
  if (libraries.has(name.toLowerCase()) && !replace)
    throw new MysqlError(1125, 'HY000', `Function '${name}' already exists`)
  const path = `/usr/lib/mysql/plugin/${soname}`
  const content = files.get(path)
  if (content === undefined)
    throw new MysqlError(
      1126,
      'HY000',
      `Can't open shared library '${soname}' (errno: 2, cannot open shared object file: No such file or directory)`,
    )
  if (!content.startsWith('\x7fELF'))
    throw new MysqlError(
      1126,
      'HY000',
      `Can't open shared library '${soname}' (errno: 22, ${content.length < 64 ? 'file too short' : 'invalid ELF header'})`,
    )
  if (libraries.size < 100) libraries.set(name.toLowerCase(), { soname, returns, aggregate })
  return ok()
}
