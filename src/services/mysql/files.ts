import { createHash } from 'node:crypto'
import { computerOf } from '#access/machine.ts'
import type { FieldForm } from '#sql/ast.ts'
import { SqlError } from '#sql/error.ts'
import type { Row } from '#sql/store.ts'
import type { Value } from '#sql/value.ts'
import { MysqlError } from './errors.ts'
import { LONGEST } from './functions/define.ts'
import { textOf } from './numbers.ts'
import type { Session } from './state.ts'

/** Files that one attacker may leave here, and their bytes. */
const MOST_FILES = 64
const MOST_BYTES = 8 << 20

export const DATA = '/var/lib/mysql/'
/** A path as the server takes it: from its data directory. */
export const placed = (path: string): string => (path.startsWith('/') ? path : DATA + path).replace(/\/+/g, '/')

/** LOAD_FILE: what was written here, or what the machine's own disk has and the server's user may read. */
export function readFile(session: Session, path: string): Value {
  const { cx, server } = session
  const name = placed(path)
  const own = server.files.get(name)
  if (own !== undefined) return own
  if (!name.startsWith('/') || name.includes('\0') || name.length > 512) return null
  const found = onDisk(session, name)
  if (found === undefined) return null
  cx.record.fileRead({ path: name, size: found.length })
  return found
}

/** What only root may read, or the owner of a home. */
const closed =
  /^\/(?:root|home)(?:\/|$)|^\/etc\/(?:g?shadow-?|sudoers|ssl\/private|ssh\/ssh_host_\w+_key$|mysql\/debian\.cnf)|^\/(?:proc|sys|dev)\/|^\/var\/log\/|\/\.\.?\//

function onDisk(session: Session, path: string): string | undefined {
  if (closed.test(path)) return undefined
  return computerOf(session.cx).homeFile('root', `../${path}`)?.toString('latin1')
}

/** INTO DUMPFILE and OUTFILE: kept as a sample, and there for who asks again. */
export async function writeFile(session: Session, path: string, make: () => string): Promise<void> {
  const { server } = session
  const name = placed(path)
  if (server.files.has(name)) throw new MysqlError(1086, 'HY000', `File '${path}' already exists`)
  const refused = refusal(name)
  if (refused?.startsWith('2 '))
    throw new MysqlError(
      1290,
      'HY000',
      `The ${server.product === 'MariaDB' ? 'MariaDB' : 'MySQL'} server is running with the --secure-file-priv option so it cannot execute this statement`,
    )
  if (refused) throw new MysqlError(1, 'HY000', `Can't create/write to file '${path}' (Errcode: ${refused})`)
  if (!(await keepFile(session, name, make(), true)))
    throw new MysqlError(3, 'HY000', `Error writing file '${path}' (Errcode: 28 "No space left on device")`)
}

/** Keeps a file, and as a sample if it is worth one; false when there is no room for it here. */
export async function keepFile(
  { cx, server }: Session,
  name: string,
  content: string,
  sample: boolean,
): Promise<boolean> {
  if (sample) {
    const writer = cx.sample()
    await writer.write(Buffer.from(content, 'latin1'))
    cx.record.fileUpload({ path: name, sample: await writer.close() })
  }
  const before = server.files.get(name)
  const bytes = [...server.files.values()].reduce((sum, file) => sum + file.length, content.length)
  if ((before === undefined && server.files.size >= MOST_FILES) || bytes - (before?.length ?? 0) > MOST_BYTES)
    return false
  server.files.set(name, content)
  return true
}

/** Where the server's user could write: nobody runs it as root on purpose, and careless ones open the plugin directory. */
export function refusal(path: string): string | undefined {
  const writable = [DATA, '/tmp/', '/var/tmp/', '/dev/shm/', '/usr/lib/mysql/plugin/', '/var/www/html/']
  if (writable.some(folder => path.startsWith(folder) && !path.slice(folder.length).includes('/'))) return undefined
  if (path.startsWith(DATA)) return '2 "No such file or directory"'
  return /^\/(?:etc|root|usr|bin|sbin|home|var|boot|lib|opt)\//.test(path)
    ? '13 "Permission denied"'
    : '2 "No such file or directory"'
}

export const dumped = (rows: readonly Row[]): string => {
  if (rows.length > 1) throw new MysqlError(1172, '42000', 'Result consisted of more than one row')
  return (rows[0] ?? []).map(value => (value === null ? '' : textOf(value))).join('')
}

export function outfile(rows: readonly Row[], { terminated, enclosed, escaped, starting, lines }: FieldForm): string {
  const cell = (value: Value): string => {
    if (value === null) return escaped === '' ? 'NULL' : `${escaped}N`
    let shown = textOf(value)
    if (escaped !== '') {
      const special = new Set([escaped, terminated[0], enclosed, lines[0], '\0'])
      shown = [...shown].map(c => (special.has(c) && c !== '' ? escaped + (c === '\0' ? '0' : c) : c)).join('')
    }
    return enclosed + shown + enclosed
  }
  let out = ''
  for (const row of rows) {
    out += starting + row.map(cell).join(terminated) + lines
    if (out.length > LONGEST * 8) throw new SqlError('too much', ['bytes'])
  }
  return out
}

/** What a file is, by its first bytes. */
export function formatOf(content: string): 'ELF' | 'PE' | 'script' | 'text' | 'other' {
  if (content.startsWith('\x7fELF')) return 'ELF'
  if (content.startsWith('MZ')) return 'PE'
  if (content.startsWith('#!')) return 'script'
  return /^[\t\n\r -~]*$/.test(content.slice(0, 512)) ? 'text' : 'other'
}
export const sha256 = (content: string): string => createHash('sha256').update(content, 'latin1').digest('hex')
