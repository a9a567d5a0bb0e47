import { text } from '#events/text.ts'
import { SqlError } from '#sql/error.ts'
import type { Token } from '#sql/tokens.ts'
import { carryAssembly } from './assemblies.ts'
import { placeOf, tableNamed } from './catalog.ts'
import { reconfigure } from './configuring.ts'
import { definingOf } from './defining.ts'
import { objectKey } from './described.ts'
import { failed, named } from './errors.ts'
import { dropLogin, setLogin } from './people-procedures.ts'
import { bulkRead } from './rowsets.ts'
import type { Run } from './run.ts'
import { remote } from './shell.ts'
import { command as number } from './sink.ts'
import { now } from './state.ts'
import { carryStatement } from './statements.ts'

/** Statements that are read word by word: what is made, changed and dropped beside tables, and what keeps the server. */
export async function command(tokens: readonly Token[], run: Run): Promise<void> {
  const { session, sink } = run
  const words = tokens.map(({ kind, text: one }) => (kind === 'word' ? one.toLowerCase() : ''))
  const [verb = '', what = ''] = words
  switch (verb) {
    case 'reconfigure':
      reconfigure(session)
      break
    case 'create':
    case 'alter':
    case 'drop':
      await define(verb, what, tokens, words, run)
      break
    case 'bulk':
      await bulkInsert(tokens, run)
      break
    case 'backup':
    case 'restore':
      backup(verb, tokens, words, run)
      return
    case 'kill':
    case 'shutdown':
    case 'checkpoint':
      break
    case 'dbcc':
      sink.notice({
        number: 2528,
        state: 1,
        class: 0,
        text: 'DBCC execution completed. If DBCC printed error messages, contact your system administrator.',
      })
      break
    case 'go':
    case 'goto':
    case 'end':
    case 'else':
    case 'add':
      throw new SqlError('syntax', [], tokens[0]!.start)
    default:
      break
  }
  sink.done(number.other)
}

const nameAt = (tokens: readonly Token[], at: number): string => tokens[at]?.text ?? ''
/** What stands behind a word and an `=`. */
const behind = (tokens: readonly Token[], words: readonly string[], word: string): string | undefined => {
  const at = words.indexOf(word)
  return at < 0 ? undefined : tokens[at + 1]?.text === '=' ? tokens[at + 2]?.text : tokens[at + 1]?.text
}
/** `a.b.c` from there on. */
function pathAt(tokens: readonly Token[], at: number): string[] {
  const path = [nameAt(tokens, at)]
  for (let i = at + 1; tokens[i]?.text === '.' && i + 1 < tokens.length; i += 2) path.push(tokens[i + 1]!.text)
  return path
}

async function define(
  verb: string,
  what: string,
  tokens: readonly Token[],
  words: readonly string[],
  run: Run,
): Promise<void> {
  const { session } = run
  const { server } = session
  const quietly = words[2] === 'if'
  const at = quietly ? 4 : 2
  const name = nameAt(tokens, at)
  switch (what) {
    case 'database':
      return database(verb, name, words, quietly, run)
    case 'login':
      if (verb === 'drop') return dropLogin(session, name)
      return setLogin(session, name, password(tokens, words), verb === 'create')
    case 'server':
      // ALTER SERVER ROLE sysadmin ADD MEMBER x.
      if (words[2] === 'role' && words.includes('member'))
        setLogin(
          session,
          nameAt(tokens, words.indexOf('member') + 1),
          { sysadmin: words.includes('add') && /^sysadmin$/i.test(nameAt(tokens, 3)) },
          false,
        )
      return
    case 'assembly':
      return carryAssembly(verb, name, tokens, words, run)
    case 'proc':
    case 'procedure':
    case 'function':
    case 'trigger': {
      const path = pathAt(tokens, at)
      const place = placeOf(session, path)
      for (const [key, one] of server.modules)
        if (
          key === objectKey(place.database, place.schema, place.name) ||
          (one.database === place.database && one.name.toLowerCase() === place.name.toLowerCase())
        ) {
          server.modules.delete(key)
          return
        }
      if (!quietly && verb === 'drop')
        throw failed(
          3701,
          `Cannot drop the ${what === 'proc' ? 'procedure' : what} '${path.join('.')}', because it does not exist or you do not have permission.`,
          { class: 11, state: 5 },
        )
      return
    }
    case 'schema': {
      const key = `${session.database.toLowerCase()}.${named(name).toLowerCase()}`
      if (verb === 'create' && !server.catalog.schemas.has(key)) server.catalog.createSchema(key)
      return
    }
    default:
      return
  }
}
const password = (tokens: readonly Token[], words: readonly string[]) => {
  const found = behind(tokens, words, 'password')
  return found === undefined ? {} : { password: found }
}

function database(
  verb: string,
  given: string,
  words: readonly string[],
  quietly: boolean,
  { session, sink }: Run,
): void {
  const { server } = session
  const name = named(given)
  const key = name.toLowerCase()
  const found = server.databases.get(key)
  if (verb === 'create') {
    if (found) throw failed(1801, `Database '${name}' already exists. Choose a different database name.`, { state: 3 })
    if (server.databases.size >= 64) throw new SqlError('too much', ['databases'])
    server.catalog.createSchema(`${key}.dbo`)
    server.databases.set(key, {
      id: Math.max(...[...server.databases.values()].map(({ id }) => id)) + 1,
      name,
      createdAt: now(session),
      trustworthy: false,
      recovery: 'FULL',
    })
    return
  }
  if (!found) {
    if (verb === 'drop' && quietly) return
    throw verb === 'drop'
      ? failed(3701, `Cannot drop the database '${name}', because it does not exist or you do not have permission.`, {
          class: 11,
        })
      : failed(911, `Database '${name}' does not exist. Make sure that the name is entered correctly.`)
  }
  if (verb === 'alter') {
    if (words.includes('trustworthy')) found.trustworthy = words.at(-1) !== 'off'
    if (words.includes('recovery')) found.recovery = (words[words.indexOf('recovery') + 1] ?? 'full').toUpperCase()
    return
  }
  if (found.id <= 4) throw failed(3708, `Cannot drop the database '${name}' because it is a system database.`)
  if (session.database.toLowerCase() === key)
    throw failed(3702, `Cannot drop database "${name}" because it is currently in use.`, { state: 4 })
  for (const schema of [...server.catalog.schemas.keys()])
    if (schema.startsWith(`${key}.`)) server.catalog.dropSchema(schema)
  for (const [module, one] of server.modules) if (one.database === key) server.modules.delete(module)
  server.databases.delete(key)
  session.cx.record.exploit({
    id: 'mssql-drop-database',
    name: 'A database dropped',
    evidence: text(Buffer.from(name, 'utf8'), 128),
  })
  sink.done(number.other)
}

/** BULK INSERT t FROM 'file': read, cut into rows, put in. */
async function bulkInsert(tokens: readonly Token[], run: Run): Promise<void> {
  const { session } = run
  const words = tokens.map(({ kind, text: one }) => (kind === 'word' ? one.toLowerCase() : ''))
  const table = pathAt(tokens, 2)
  const from = words.indexOf('from')
  const path = nameAt(tokens, from + 1)
  if (from < 0) throw new SqlError('syntax', [], tokens.at(-1)?.start ?? 0)
  const content = bulkRead(session, path, 'SINGLE_CLOB')
  const special = (given: string | undefined, standard: string) =>
    (given ?? standard).replaceAll('\\n', '\n').replaceAll('\\t', '\t').replaceAll('\\r', '\r') || standard
  const [field, row] = [
    special(behind(tokens, words, 'fieldterminator'), '\t'),
    special(behind(tokens, words, 'rowterminator'), '\n'),
  ]
  if (!tableNamed(session.server, placeOf(session, table))) throw new SqlError('no table', [table.join('.')])
  const { table: kept } = definingOf(session, run.frame, run.sql).table(table, 0)
  const rows = content.split(row).filter(Boolean).slice(0, 10_000)
  const source = rows.map(line => {
    const cells = line.replace(/\r$/, '').split(field)
    return kept.columns.map(
      (_, i) =>
        ({
          is: 'literal',
          of: cells[i] === undefined ? 'null' : 'string',
          text: cells[i] ?? 'null',
          at: 0,
          end: 0,
        }) as const,
    )
  })
  if (source.length)
    await carryStatement(
      {
        is: 'insert',
        table,
        columns: kept.columns.map(({ name }) => name),
        places: [],
        source,
        replace: false,
        ignore: false,
        update: undefined,
        returning: undefined,
      },
      run,
    )
}

function backup(verb: string, tokens: readonly Token[], words: readonly string[], { session, sink }: Run): void {
  const name = nameAt(tokens, 2)
  const place = tokens.find(({ kind, text: one }, i) => kind === 'string' && i > 2 && one !== '')?.text ?? ''
  const away = remote(session, place, verb)
  const data = Buffer.from(place, 'utf8')
  session.cx.record.exploit({
    id: 'mssql-backup',
    name: 'A database copied to a file, or put in place of another',
    evidence: text(data, 256),
  })
  if (away || verb === 'restore') {
    sink.notice({
      number: 3201,
      state: 2,
      class: 16,
      text: `Cannot open backup device '${place}'. Operating system error 2(The system cannot find the file specified.).`,
    })
    sink.notice({
      number: 3013,
      state: 1,
      class: 16,
      text: `${verb.toUpperCase()} ${(words[1] ?? 'database').toUpperCase()} is terminating abnormally.`,
    })
    sink.done(number.other, undefined, true)
    return
  }
  if (!session.server.databases.has(name.toLowerCase())) throw new SqlError('no database', [name])
  sink.notice({
    number: 4035,
    state: 1,
    class: 0,
    text: `Processed 328 pages for database '${name}', file '${name}' on file 1.`,
  })
  sink.notice({
    number: 3014,
    state: 1,
    class: 0,
    text: `BACKUP DATABASE successfully processed 330 pages in 0.041 seconds (62.785 MB/sec).`,
  })
  sink.done(number.other)
}
