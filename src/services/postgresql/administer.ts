import { SqlError } from '#sql/error.ts'
import type { Parser } from '#sql/parser.ts'
import { Catalog } from '#sql/store.ts'
import { type Failure, pgError } from './errors.ts'
import { type Answer, type Carry, skipping } from './execute.ts'
import { createExtension, createFunction } from './extensions.ts'
import { unknownSetting } from './functions.ts'
import { settingOf } from './settings.ts'
import { catalogOf, oidOf, type Session } from './state.ts'
import { begin, commit, outsideBlock, release, rollback, savepoint } from './transactions.ts'

const done = (tag: string, notices?: readonly Failure[]): Answer => ({
  is: 'done',
  tag,
  ...(notices ? { notices } : {}),
})
const says =
  (tag: string): Carry =>
  () =>
    done(tag)

function rest(p: Parser): void {
  while (!p.atEnd && !p.isOperator(';')) p.next()
}
const text = { name: 'text' }

/** Statements that are about the server and not about rows; `undefined` when it is none of them. */
export function administer(p: Parser): Carry | undefined {
  const verb = verbs.get(p.word)
  if (!verb) return undefined
  const from = p.position
  p.next()
  const found = verb(p)
  if (!found) p.position = from
  return found
}
type Verb = (p: Parser) => Carry | undefined
const takes =
  (tag: string): Verb =>
  p => {
    rest(p)
    return says(tag)
  }

const show: Verb = p => {
  const words = [p.label()]
  while (p.takeOperator('.')) words.push(p.label())
  if (words[0] === 'time') p.needWord('zone')
  if (words[0] === 'transaction') {
    p.needWord('isolation')
    p.needWord('level')
  }
  const name = words[0] === 'time' ? 'TimeZone' : words[0] === 'transaction' ? 'transaction_isolation' : words.join('.')
  return session => {
    if (name === 'all')
      return {
        is: 'rows',
        fields: ['name', 'setting', 'description'].map(one => ({ table: '', name: one, type: text })),
        rows: [],
        tag: 'SHOW',
      }
    const value = settingOf(session, name)
    if (value === undefined) throw unknownSetting(name)
    return { is: 'rows', fields: [{ table: '', name, type: text }], rows: [[value]], tag: 'SHOW' }
  }
}

/** Settings whose changes a client is told of. */
const reported = new Map(
  ['application_name', 'client_encoding', 'DateStyle', 'IntervalStyle', 'TimeZone', 'standard_conforming_strings'].map(
    name => [name.toLowerCase(), name],
  ),
)

const set: Verb = p => {
  if (!p.takeWord('session')) p.takeWord('local')
  if (
    p.isWord('transaction') ||
    p.isWord('characteristics') ||
    p.isWord('constraints') ||
    p.isWord('authorization') ||
    p.isWord('role')
  )
    return takes('SET')(p)
  if (p.takeWord('time', 'zone')) return takes('SET')(p)
  if (p.takeWord('names')) return takes('SET')(p)
  const name = p.path().join('.')
  if (!p.takeOperator('=') && !p.takeWord('to')) p.fail()
  const parts: string[] = []
  do parts.push(p.next().text)
  while (p.takeOperator(','))
  if (!p.atEnd && !p.isOperator(';')) p.fail()
  return session => {
    if (settingOf(session, name) === undefined && !name.includes('.')) throw unknownSetting(name)
    const given = parts.join(', ').slice(0, 1024)
    // A style without its order keeps the order.
    const value =
      name.toLowerCase() === 'datestyle' && !given.includes(',')
        ? `${given.toUpperCase() === 'ISO' ? 'ISO' : given}, ${(settingOf(session, 'DateStyle') ?? 'ISO, MDY').split(', ')[1]}`
        : given
    const same = settingOf(session, name) === value
    if (session.settings.size < 200) session.settings.set(name.toLowerCase(), value)
    return reported.has(name.toLowerCase()) && !same
      ? { is: 'done', tag: 'SET', reported: [reported.get(name.toLowerCase())!, value] }
      : done('SET')
  }
}

const create: Verb = p => {
  p.takeWord('or', 'replace')
  if (p.takeWord('database')) return createDatabase(p)
  if (p.takeWord('schema')) return createSchema(p)
  if (p.isWord('role') || p.isWord('user')) return role(p, 'CREATE ROLE', 'created')
  if (p.takeWord('function') || p.takeWord('procedure')) return createFunction(p)
  if (p.takeWord('extension')) return createExtension(p, 'CREATE EXTENSION')
  if (p.isWord('trusted') || p.isWord('procedural') || p.isWord('language')) {
    while (!p.takeWord('language')) p.next()
    return createExtension(p, 'CREATE LANGUAGE')
  }
  for (const [word, tag] of others)
    if (p.isWord(...word.split(' '))) {
      rest(p)
      return says(tag)
    }
  return undefined
}
const others: readonly (readonly [string, string])[] = [
  ['sequence', 'CREATE SEQUENCE'],
  ['trigger', 'CREATE TRIGGER'],
  ['type', 'CREATE TYPE'],
  ['domain', 'CREATE DOMAIN'],
  ['aggregate', 'CREATE AGGREGATE'],
  ['cast', 'CREATE CAST'],
  ['rule', 'CREATE RULE'],
  ['server', 'CREATE SERVER'],
  ['materialized view', 'CREATE MATERIALIZED VIEW'],
  ['event trigger', 'CREATE EVENT TRIGGER'],
]

function createDatabase(p: Parser): Carry {
  const name = p.name()
  rest(p)
  return session => {
    outsideBlock(session, 'CREATE DATABASE')
    const { databases, use } = session.server
    if (databases.has(name))
      throw pgError('42P04', `database "${name}" already exists`, { where: ['dbcommands.c', '1242', 'createdb'] })
    if (databases.size >= 100) throw new SqlError('too much', ['bytes'])
    const catalog = new Catalog(use)
    catalog.createSchema('public')
    databases.set(name, { oid: oidOf(session, `database ${name}`), catalog })
    return done('CREATE DATABASE')
  }
}
function createSchema(p: Parser): Carry {
  const quietly = p.takeWord('if', 'not', 'exists')
  const name = p.takeWord('authorization') ? p.name() : p.name()
  rest(p)
  return session => {
    const catalog = catalogOf(session)
    if (quietly && catalog.schemas.has(name))
      return done('CREATE SCHEMA', [
        skipping(`schema "${name}" already exists, skipping`, '42P06', ['schemacmds.c', '147', 'CreateSchemaCommand']),
      ])
    catalog.createSchema(name)
    return done('CREATE SCHEMA')
  }
}

/** CREATE ROLE, ALTER ROLE: with their passwords, in clear mostly. */
function role(p: Parser, tag: string, change: string): Carry {
  p.next()
  if (p.takeWord('all')) return takes(tag)(p)!
  const name = p.name()
  let password: string | undefined
  let superuser: boolean | undefined
  while (!p.atEnd && !p.isOperator(';')) {
    if (p.takeWord('password')) {
      if (p.token.kind === 'string') password = p.string()
    } else {
      const word = p.next().text.toLowerCase()
      if (word === 'superuser' || word === 'nosuperuser') superuser = word === 'superuser'
    }
  }
  return session => {
    const { roles } = session.server
    const known = roles.get(name)
    if (change === 'created' && known)
      throw pgError('42710', `role "${name}" already exists`, { where: ['user.c', '308', 'CreateRole'] })
    if (change !== 'created' && !known && name !== session.user)
      throw pgError('42704', `role "${name}" does not exist`, { where: ['acl.c', '5183', 'get_role_oid'] })
    if (roles.size < 100)
      roles.set(name, {
        oid: known?.oid ?? oidOf(session, `role ${name}`),
        superuser: superuser ?? known?.superuser ?? false,
        password: password ?? known?.password ?? '',
      })
    session.cx.record.accountChange({ user: name, change, ...(password === undefined ? {} : { password }) })
    return done(tag)
  }
}

/** A library's function, or one in a language; what libraries do when called is in libraries.ts. */
const drop: Verb = p => {
  if (p.takeWord('database')) {
    const quietly = p.takeWord('if', 'exists')
    const name = p.name()
    rest(p)
    return session => {
      outsideBlock(session, 'DROP DATABASE')
      return dropDatabase(session, name, quietly)
    }
  }
  if (p.takeWord('schema')) {
    const quietly = p.takeWord('if', 'exists')
    const names = p.list(() => p.name())
    rest(p)
    return session => {
      for (const name of names)
        if (!quietly || catalogOf(session).schemas.has(name)) catalogOf(session).dropSchema(name)
      return done('DROP SCHEMA')
    }
  }
  if (p.takeWord('function') || p.takeWord('procedure')) {
    const quietly = p.takeWord('if', 'exists')
    const name = p.path().at(-1)!
    rest(p)
    return session => {
      if (!session.server.functions.delete(name) && !quietly)
        throw pgError('42883', `could not find a function named "${name}"`, {
          where: ['parse_func.c', '2206', 'LookupFuncNameInternal'],
        })
      return done('DROP FUNCTION')
    }
  }
  const word = p.word
  if (
    /^(?:role|user|extension|language|sequence|trigger|type|domain|index|aggregate|cast|rule|server|owned)$/.test(word)
  )
    return takes(`DROP ${word === 'user' ? 'ROLE' : word.toUpperCase()}`)(p)
  return undefined
}
function dropDatabase(session: Session, name: string, quietly: boolean): Answer {
  const { databases } = session.server
  const found = databases.get(name)
  if (!found) {
    if (quietly)
      return done('DROP DATABASE', [
        skipping(`database "${name}" does not exist, skipping`, '00000', ['dbcommands.c', '1556', 'dropdb']),
      ])
    throw pgError('3D000', `database "${name}" does not exist`, { where: ['dbcommands.c', '1549', 'dropdb'] })
  }
  if (name === session.database)
    throw pgError('55006', 'cannot drop the currently open database', { where: ['dbcommands.c', '1579', 'dropdb'] })
  if (name.startsWith('template'))
    throw pgError('42809', 'cannot drop a template database', { where: ['dbcommands.c', '1569', 'dropdb'] })
  for (const schema of [...found.catalog.schemas.keys()]) found.catalog.dropSchema(schema)
  databases.delete(name)
  return done('DROP DATABASE')
}

const alter: Verb = p => {
  if (p.isWord('role') || p.isWord('user')) return role(p, 'ALTER ROLE', 'password')
  const word = p.word
  if (word === 'table') return undefined
  if (word === '') p.fail()
  return takes(`ALTER ${word.toUpperCase()}`)(p)
}

const verbs: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ['show', show],
  ['set', set],
  ['reset', takes('RESET')],
  ['begin', begin('BEGIN')],
  ['start', begin('START TRANSACTION')],
  ['commit', commit],
  ['end', commit],
  ['rollback', rollback],
  ['abort', rollback],
  ['savepoint', savepoint],
  ['release', release],
  ['create', create],
  ['drop', drop],
  ['alter', alter],
  ['grant', takes('GRANT')],
  ['revoke', takes('REVOKE')],
  ['do', takes('DO')],
  ['comment', takes('COMMENT')],
  ['lock', takes('LOCK TABLE')],
  ['vacuum', takes('VACUUM')],
  ['analyze', takes('ANALYZE')],
  ['reindex', takes('REINDEX')],
  ['checkpoint', takes('CHECKPOINT')],
  ['discard', takes('DISCARD ALL')],
  ['deallocate', takes('DEALLOCATE ALL')],
  ['listen', takes('LISTEN')],
  ['unlisten', takes('UNLISTEN')],
  ['notify', takes('NOTIFY')],
  ['load', takes('LOAD')],
  ['refresh', takes('REFRESH MATERIALIZED VIEW')],
  ['security', takes('SECURITY LABEL')],
  [
    'explain',
    p => {
      rest(p)
      return () => ({
        is: 'rows',
        fields: [{ table: '', name: 'QUERY PLAN', type: text }],
        rows: [['Result  (cost=0.00..0.01 rows=1 width=4)']],
        tag: 'EXPLAIN',
      })
    },
  ],
])
