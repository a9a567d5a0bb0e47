import { SqlError } from '#sql/error.ts'

/** Number, SQLSTATE and wording as share/errmsg-utf8.txt of MariaDB 10.11 has them (MySQL 8.0 says the same but where noted). */
export type Failure = { code: number; state: string; text: string }

export const failed = (code: number, state: string, text: string): Failure => ({ code, state, text })

/** An ERR packet's payload. */
export function failure({ code, state, text }: Failure): Buffer {
  const head = Buffer.alloc(3)
  head[0] = 0xff
  head.writeUInt16LE(code, 1)
  return Buffer.concat([head, Buffer.from(`#${state}${text.slice(0, 511)}`, 'latin1')])
}

/** The product's own errors, thrown through the engine. */
export class MysqlError extends SqlError {
  readonly failure: Failure
  constructor(code: number, state: string, text: string) {
    super('product', [text])
    this.failure = { code, state, text }
  }
}

/** Places in a statement by the names that MariaDB has for them since its release of August 2025. */
const clauses = new Map([
  ['field list', 'SELECT'],
  ['where clause', 'WHERE'],
  ['order clause', 'ORDER BY'],
  ['group statement', 'GROUP BY'],
  ['having clause', 'HAVING'],
  ['on clause', 'ON'],
  ['insert list', 'INSERT INTO'],
  ['set list', 'SET'],
])
const oldClauses = new Map([
  ['insert list', 'field list'],
  ['set list', 'field list'],
])
export type Wording = { product: 'MariaDB' | 'MySQL'; renamed: boolean }
const placeIn = (clause: string, { renamed }: Wording): string => (renamed ? clauses : oldClauses).get(clause) ?? clause

/** Most characters of the statement that a syntax error shows. */
const NEAR = 80

/** How MariaDB or MySQL words what is wrong with `sql`. */
export function failureOf(error: SqlError, sql: string, wording: Wording): Failure {
  const { product } = wording
  if (error instanceof MysqlError) return error.failure
  const [a = '', b = '', c = '', d = ''] = error.about
  const mysql8 = product === 'MySQL'
  switch (error.problem) {
    case 'syntax':
      return syntaxError(sql, error.at ?? 0, product)
    case 'no database selected':
      return failed(1046, '3D000', 'No database selected')
    case 'no database':
      return failed(1049, '42000', `Unknown database '${a}'`)
    case 'database exists':
      return failed(1007, 'HY000', `Can't create database '${a}'; database exists`)
    case 'no table':
      return failed(1146, '42S02', `Table '${a}.${b}' doesn't exist`)
    case 'no information table':
      return failed(1109, '42S02', `Unknown table '${a}' in information_schema`)
    case 'table exists':
      return failed(1050, '42S01', `Table '${a}' already exists`)
    case 'no column':
      return noColumn(a, b, c, wording)
    case 'ambiguous column':
      return failed(1052, '23000', `Column '${a}' in ${placeIn(b, wording)} is ambiguous`)
    case 'no table alias':
      return failed(1051, '42S02', `Unknown table '${a}'`)
    case 'no function':
      return failed(1305, '42000', b === '' ? `FUNCTION ${a} does not exist` : `FUNCTION ${b}.${a} does not exist`)
    case 'argument count':
      return failed(1582, '42000', `Incorrect parameter count in the call to native function '${a}'`)
    case 'alias twice':
      return failed(1066, '42000', `Not unique table/alias: '${a}'`)
    case 'column twice':
      return b === ''
        ? failed(1110, '42000', `Column '${a}' specified twice`)
        : failed(1060, '42S21', `Duplicate column name '${a}'`)
    case 'column count':
      return failed(1136, '21S01', `Column count doesn't match value count at row ${a}`)
    case 'union columns':
      return failed(1222, '21000', 'The used SELECT statements have a different number of columns')
    case 'operand types':
      return product === 'MariaDB'
        ? failed(4078, 'HY000', `Illegal parameter data types ${a} and ${b} for operation '${c}'`)
        : failed(1241, '21000', 'Operand should contain 1 column(s)')
    case 'operand columns':
      return failed(1241, '21000', `Operand should contain ${a || '1'} column(s)`)
    case 'more than one row':
      return failed(1242, '21000', 'Subquery returns more than 1 row')
    case 'duplicate key':
      return failed(1062, '23000', `Duplicate entry '${a}' for key '${mysql8 ? `${d}.` : ''}${b}'`)
    case 'not null':
      return failed(1048, '23000', `Column '${a}' cannot be null`)
    case 'no default':
      return failed(1364, 'HY000', `Field '${a}' doesn't have a default value`)
    case 'group function':
      return failed(1111, 'HY000', 'Invalid use of group function')
    case 'no star':
      return failed(1096, 'HY000', 'No tables used')
    case 'bad value':
      return a === 'column'
        ? failed(1366, '22007', `Incorrect ${b} value: '${c}' for column ${d} at row 1`)
        : failed(1292, '22007', `Truncated incorrect ${a} value: '${b}'`)
    case 'out of range':
      return a === 'column'
        ? failed(1264, '22003', `Out of range value for column '${b}' at row ${c}`)
        : failed(1690, '22003', `${a} value is out of range in '${b}'`)
    case 'too much':
      return a === 'steps'
        ? failed(1317, '70100', 'Query execution was interrupted')
        : failed(1114, 'HY000', 'The table is full')
    case 'too deep':
      return failed(
        1436,
        'HY000',
        'Thread stack overrun:  285456 bytes used of a 299008 byte stack, and 16000 bytes needed. Consider increasing the thread_stack system variable.',
      )
    default:
      return failed(1235, '42000', `This version of ${product} doesn't yet support '${a}'`)
  }
}

function noColumn(name: string, clause: string, table: string, wording: Wording): Failure {
  if (clause === 'key') return failed(1072, '42000', `Key column '${name}' doesn't exist in table`)
  if (clause === 'drop')
    return failed(
      1091,
      '42000',
      wording.product === 'MariaDB'
        ? `Can't DROP COLUMN \`${name}\`; check that it exists`
        : `Can't DROP '${name}'; check that column/key exists`,
    )
  if (clause === 'alter') return failed(1054, '42S22', `Unknown column '${name}' in '${table}'`)
  return failed(1054, '42S22', `Unknown column '${name}' in '${placeIn(clause, wording)}'`)
}

export function syntaxError(sql: string, at: number, product: 'MariaDB' | 'MySQL'): Failure {
  const line = sql.slice(0, at).split('\n').length
  const near = sql.slice(at, at + NEAR).split('\0')[0]!
  return failed(
    1064,
    '42000',
    `You have an error in your SQL syntax; check the manual that corresponds to your ${product} server version for the right syntax to use near '${near}' at line ${line}`,
  )
}
export const emptyQuery = failed(1065, '42000', 'Query was empty')
export const unknownCommand = failed(1047, '08S01', 'Unknown command')
export const badHandshake = failed(1043, '08S01', 'Bad handshake')
