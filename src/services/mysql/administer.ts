import type { Expression } from '#sql/ast.ts'
import { rename } from '#sql/define.ts'
import { SqlError } from '#sql/error.ts'
import type { Parser } from '#sql/parser.ts'
import { type Carry, needs, ok, rest, takes, type Verb, value } from './carry.ts'
import { ownTable } from './describe.ts'
import { assign } from './dialect.ts'
import { MysqlError } from './errors.ts'
import type { Answer } from './execute.ts'
import { createFunction } from './load.ts'
import { loadData } from './load-data.ts'
import { textOf } from './numbers.ts'
import { systemSchemas } from './relations.ts'
import { schemas } from './schema.ts'
import type { Session } from './state.ts'
import { begin, commit, release, rollback, savepoint } from './transactions.ts'
import { grant, setPassword, userStatement } from './users.ts'
import { setVariable } from './variables.ts'

/** Statements that are about the server and not about rows; `undefined` when it is none of them. */
export function administer(p: Parser, session: Session): Carry | undefined {
  const { word } = p
  const verb = verbs.get(word)
  if (!verb) return undefined
  const from = p.position
  p.next()
  const found = verb(p, session)
  if (!found) p.position = from
  if (!found || !commits.has(word)) return found
  return who => {
    who.work.commit()
    return found(who)
  }
}
/** What commits the transaction that is open (MariaDB's knowledge base, "SQL statements that cause an implicit commit"). */
const commits: ReadonlySet<string> = new Set(
  'create drop alter grant revoke rename lock flush analyze check optimize repair install uninstall'.split(' '),
)
const use: Verb = p => {
  const name = p.name()
  return session => {
    if (!schemas(session).includes(name)) throw new SqlError('no database', [name])
    session.database = name
    return ok()
  }
}

const set: Verb = p => {
  if (p.isWord('password')) return setPassword(p)
  if (p.takeWord('names')) {
    const charset = p.token.kind === 'string' ? p.string() : p.label()
    const collation = p.takeWord('collate') ? p.next().text : undefined
    return session => {
      const answer = names(session, charset)
      if (collation) {
        session.variables.set('collation_connection', collation.toLowerCase())
        session.charset = collations.get(collation.toLowerCase()) ?? session.charset
      }
      return answer
    }
  }
  if (p.takeWord('character', 'set') || p.takeWord('charset')) {
    const charset = p.token.kind === 'string' ? p.string() : p.label()
    return session => names(session, charset)
  }
  if (
    p.isWord('transaction') ||
    p.isWord('session', 'transaction') ||
    p.isWord('global', 'transaction') ||
    p.isWord('role') ||
    p.isWord('default', 'role')
  )
    return takes(p, undefined as never)
  const steps = p.list(() => setting(p))
  return session => {
    for (const one of steps) one(session)
    return ok()
  }
}

function setting(p: Parser): (session: Session) => void {
  const { kind, text } = p.token
  const needValue = () => {
    if (!p.takeOperator('=') && !p.takeOperator(':=')) p.fail()
    if (p.isWord('on') || p.isWord('all') || p.isWord('binary') || p.isWord('default')) {
      const word = p.next().text
      return { is: 'literal', of: 'string', text: word, at: 0, end: 0 } as Expression
    }
    return p.expression()
  }
  if (kind === 'variable') {
    p.next()
    const given = needValue()
    return session => assign(session, text, value(session, given, p.sql))
  }
  let scope: 'global' | 'session' | undefined
  let name: string
  if (kind === 'system') {
    p.next()
    scope = /^global$/i.test(text) ? 'global' : /^(?:session|local)$/i.test(text) ? 'session' : undefined
    name = scope && p.takeOperator('.') ? p.label() : text
  } else {
    scope = p.takeWord('global') ? 'global' : p.takeWord('session') || p.takeWord('local') ? 'session' : undefined
    name = p.path().join('.')
  }
  const given = needValue()
  return session => {
    const found = value(session, given, p.sql)
    if (given.is === 'literal' && given.text.toLowerCase() === 'default') return
    setVariable(session, name, scope, found)
  }
}

const charsets = new Set(
  'utf8 utf8mb3 utf8mb4 latin1 latin2 ascii binary ucs2 utf16 utf32 cp1251 cp1250 cp1252 cp850 gbk gb2312 big5 sjis cp932 ujis eucjpms euckr koi8r greek hebrew tis620 default'.split(
    ' ',
  ),
)
/** Numbers of the collations that clients ask for by name (SHOW COLLATION). */
const collations = new Map([
  ['latin1_swedish_ci', 8],
  ['utf8_general_ci', 33],
  ['utf8mb3_general_ci', 33],
  ['utf8mb4_general_ci', 45],
  ['utf8mb4_bin', 46],
  ['utf8_unicode_ci', 192],
  ['utf8mb3_unicode_ci', 192],
  ['utf8mb4_unicode_ci', 224],
  ['utf8mb4_unicode_520_ci', 246],
  ['utf8mb4_0900_ai_ci', 255],
])
function names(session: Session, charset: string): Answer {
  const name = charset.toLowerCase()
  if (!charsets.has(name)) throw new MysqlError(1115, '42000', `Unknown character set: '${charset}'`)
  if (name !== 'default')
    for (const variable of ['character_set_client', 'character_set_connection', 'character_set_results'])
      session.variables.set(variable, name === 'utf8' ? 'utf8mb3' : name)
  session.charset =
    name === 'utf8' || name === 'utf8mb3'
      ? 33
      : name === 'latin1'
        ? 8
        : name === 'binary'
          ? 63
          : name === 'utf8mb4' || name === 'default'
            ? 45
            : session.charset
  return ok()
}

const create: Verb = p => {
  const replace = p.takeWord('or', 'replace')
  if (p.takeWord('database') || p.takeWord('schema')) return createDatabase(p)
  if (p.takeWord('user')) return userStatement('created')(p, undefined as never)
  if (p.isWord('function') || p.isWord('aggregate', 'function')) return createFunction(p, replace)
  if (/^(?:procedure|trigger|event|server|role|tablespace|logfile|definer|sequence)$/.test(p.word))
    return takes(p, undefined as never)
  return undefined
}
function createDatabase(p: Parser): Carry {
  const quietly = p.takeWord('if', 'not', 'exists')
  const name = p.name()
  if (
    p.token.kind !== 'end' &&
    !p.isOperator(';') &&
    !/^(?:default|character|charset|collate|comment|encryption)$/.test(p.word)
  )
    p.fail()
  rest(p)
  return session => {
    if (schemas(session).includes(name)) {
      if (!quietly) throw new SqlError('database exists', [name])
      session.warnings.push({ level: 'Note', code: 1007, text: `Can't create database '${name}'; database exists` })
      return ok()
    }
    session.server.catalog.createSchema(name)
    return ok(1n)
  }
}
const drop: Verb = p => {
  if (p.takeWord('database') || p.takeWord('schema')) {
    const quietly = p.takeWord('if', 'exists')
    const name = p.name()
    return session => dropDatabase(session, name, quietly)
  }
  if (p.takeWord('function')) {
    const quietly = p.takeWord('if', 'exists')
    const name = p.path().at(-1)!
    return session => {
      if (session.server.libraries.delete(name.toLowerCase())) return ok()
      const words = session.database
        ? `FUNCTION ${session.database}.${name} does not exist`
        : `FUNCTION (UDF) ${name} does not exist`
      if (!quietly) throw new MysqlError(1305, '42000', words)
      session.warnings.push({ level: 'Note', code: 1305, text: words })
      return ok()
    }
  }
  if (p.takeWord('user')) return userStatement('removed')(p, undefined as never)
  if (/^(?:procedure|trigger|event|server|role|index|prepare)$/.test(p.word)) return takes(p, undefined as never)
  return undefined
}
/** A status bit: the session's own database is gone. */
const DATABASE_DROPPED = 256
function dropDatabase(session: Session, name: string, quietly: boolean): Answer {
  if ((systemSchemas as readonly string[]).includes(name.toLowerCase()) && name !== 'mysql')
    throw new MysqlError(1044, '42000', `Access denied for user '${session.user}'@'%' to database '${name}'`)
  if (!session.server.catalog.schemas.has(name)) {
    if (!quietly) throw new MysqlError(1008, 'HY000', `Can't drop database '${name}'; database doesn't exist`)
    session.warnings.push({ level: 'Note', code: 1008, text: `Can't drop database '${name}'; database doesn't exist` })
    return ok()
  }
  const count = session.server.catalog.dropSchema(name)
  if (session.database !== name) return ok(BigInt(count))
  session.database = ''
  return { is: 'ok', affected: BigInt(count), status: DATABASE_DROPPED }
}

const alter: Verb = (p, session) => {
  if (p.takeWord('user')) return userStatement('password')(p, session)
  if (/^(?:database|schema|function|procedure|event|server|view)$/.test(p.word)) return takes(p, session)
  return undefined
}

const kill: Verb = p => {
  if (!p.takeWord('connection')) p.takeWord('query')
  const given = p.expression()
  return session => {
    const id = value(session, given, p.sql)
    if (id === BigInt(session.thread)) throw new MysqlError(1317, '70100', 'Query execution was interrupted')
    throw new MysqlError(1094, 'HY000', `Unknown thread id: ${id === null ? 0 : textOf(id)}`)
  }
}

const evaluateAll: Verb = p => {
  const list = p.list(() => p.expression())
  return session => {
    for (const one of list) value(session, one, p.sql)
    return ok()
  }
}

const renameTable: Verb = p => {
  if (p.takeWord('user')) return takes(p, undefined as never)
  if (!p.takeWord('table')) p.needWord('tables')
  const pairs = p.list(() => {
    const from = p.path()
    p.needWord('to')
    return [from, p.path()] as const
  })
  return session => {
    for (const [from, to] of pairs) {
      const schema = from.at(-2) ?? session.database
      const table = ownTable(session, schema, from.at(-1)!)
      if (table) rename({ catalog: session.server.catalog }, schema, table, to.at(-2) ?? schema, to.at(-1)!)
    }
    return ok()
  }
}

const maintained =
  (op: string): Verb =>
  p => {
    p.takeWord('local') || p.takeWord('no_write_to_binlog')
    if (!p.takeWord('table')) p.needWord('tables')
    const paths = p.list(() => p.path())
    rest(p)
    return session => ({
      is: 'rows',
      fields: ['Table', 'Op', 'Msg_type', 'Msg_text'].map((name, i) => ({
        table: '',
        name,
        type: { name: 'varchar', length: [128, 10, 10, 131_072][i]! },
      })),
      rows: paths.map(path => [`${path.at(-2) ?? session.database}.${path.at(-1)}`, op, 'status', 'OK']),
    })
  }

const verbs: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ['use', use],
  ['set', set],
  ['create', create],
  ['drop', drop],
  ['alter', alter],
  ['grant', grant],
  ['revoke', takes],
  ['begin', begin],
  ['start', p => (p.isWord('transaction') ? begin(p) : needs('slave', 'replica', 'all')(p, undefined as never))],
  ['commit', commit],
  ['rollback', rollback],
  ['savepoint', savepoint],
  ['release', release],
  ['lock', needs('table', 'tables')],
  ['unlock', needs('table', 'tables')],
  [
    'flush',
    needs(
      'privileges',
      'tables',
      'table',
      'logs',
      'hosts',
      'status',
      'local',
      'binary',
      'engine',
      'error',
      'general',
      'slow',
      'user_resources',
      'query',
      'master',
      'des_key_file',
    ),
  ],
  ['reset', needs('query', 'master', 'slave', 'replica')],
  ['purge', takes],
  ['change', needs('master', 'replication')],
  ['stop', needs('slave', 'replica', 'all')],
  ['kill', kill],
  ['do', evaluateAll],
  [
    'call',
    p => {
      const path = p.path()
      rest(p)
      return session => {
        if (path.length === 1 && !session.database) throw new SqlError('no database selected')
        throw new MysqlError(
          1305,
          '42000',
          `PROCEDURE ${path.at(-2) ?? session.database}.${path.at(-1)} does not exist`,
        )
      }
    },
  ],
  ['load', loadData],
  ['rename', renameTable],
  ['analyze', maintained('analyze')],
  ['check', maintained('check')],
  ['optimize', maintained('optimize')],
  ['repair', maintained('repair')],
  ['install', needs('plugin', 'soname', 'component')],
  ['uninstall', needs('plugin', 'soname', 'component')],
  ['shutdown', takes],
  ['xa', takes],
])
