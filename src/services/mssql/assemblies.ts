import { text } from '#events/text.ts'
import type { Token } from '#sql/tokens.ts'
import { variableOf } from './dialect.ts'
import { failed, named } from './errors.ts'
import type { Run } from './run.ts'
import { remote } from './shell.ts'
import { MOST_THINGS, now } from './state.ts'

/** CREATE ASSEMBLY … FROM 0x4D5A…: the bytes are kept as a sample. "CREATE ASSEMBLY (Transact-SQL)". */
export async function carryAssembly(
  verb: string,
  name: string,
  tokens: readonly Token[],
  words: readonly string[],
  { session, frame }: Run,
): Promise<void> {
  const { server, cx } = session
  const key = named(name).toLowerCase()
  if (verb === 'drop') {
    if (!server.assemblies.delete(key) && words[2] !== 'if')
      throw failed(6528, `Assembly '${name}' was not found in the SQL catalog of database '${session.database}'.`)
    return
  }
  const from = words.indexOf('from')
  const source = tokens[from + 1]
  if (verb === 'create' && server.assemblies.has(key))
    throw failed(6246, `Assembly "${name}" already exists in database "${session.database}".`)
  if (!source || from < 0) return
  const given = source.kind === 'variable' ? variableOf(frame, source.text).value : source.text
  const bytes = source.kind === 'string' ? undefined : Buffer.from(typeof given === 'string' ? given : '', 'latin1')
  if (!bytes) {
    if (!remote(session, source.text, 'create assembly'))
      cx.record.fileRead({ path: text(Buffer.from(source.text, 'utf8'), 512), size: 0 })
    throw failed(
      6501,
      `CREATE ASSEMBLY failed because it could not open the physical file "${source.text}": 2(The system cannot find the file specified.).`,
      { state: 7 },
    )
  }
  const writer = cx.sample()
  await writer.write(bytes)
  const sample = await writer.close()
  cx.record.fileUpload({ path: `${name.slice(0, 128)}.dll`, sample })
  cx.record.exploit({
    id: 'mssql-assembly',
    name: 'An assembly loaded into the database',
    evidence: text(Buffer.from(`CREATE ASSEMBLY ${name} (${bytes.length} bytes)`, 'utf8'), 256),
  })
  if (bytes.length < 64 || bytes.toString('latin1', 0, 2) !== 'MZ')
    throw failed(
      6544,
      `CREATE ASSEMBLY for assembly '${name}' failed because assembly '${name}' is malformed or not a pure .NET assembly.`,
    )
  const permission =
    words[words.indexOf('permission_set') + (tokens[words.indexOf('permission_set') + 1]?.text === '=' ? 2 : 1)] ??
    'safe'
  if (server.assemblies.size < MOST_THINGS)
    server.assemblies.set(key, {
      name,
      sha256: sample.sha256,
      size: bytes.length,
      createdAt: now(session),
      permission: words.includes('permission_set') ? permission.toUpperCase() : 'SAFE',
    })
}
