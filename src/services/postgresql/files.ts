import { computerOf } from '#access/machine.ts'
import { withoutTail } from '#codec/tail.ts'
import { SqlError } from '#sql/error.ts'
import type { Value } from '#sql/value.ts'
import { pgError } from './errors.ts'
import { oidOf, type Session } from './state.ts'
import { textOf } from './types.ts'

/** Files and large objects that one attacker may leave, and their bytes. */
const MOST = 100
const BYTES = 8 << 20

const DATA = (session: Session): string => `/var/lib/postgresql/${session.server.version.split('.')[0]}/main/`
const placed = (session: Session, path: string): string => (path.startsWith('/') ? path : DATA(session) + path)
/** What only root may read, or the owner of a home. */
const closed =
  /^\/(?:root|home)(?:\/|$)|^\/etc\/(?:g?shadow-?|sudoers|ssl\/private|ssh\/ssh_host_\w+_key$)|^\/(?:proc|sys|dev)\/|\/\.\.?\//

export function readServerFile(
  session: Session,
  path: string,
  from?: Exclude<Value, null>,
  length?: Exclude<Value, null>,
): Value {
  const name = placed(session, path)
  const content =
    session.server.files.get(name) ??
    (closed.test(name) || name.includes('\0')
      ? undefined
      : computerOf(session.cx).homeFile('root', `../${name}`)?.toString('latin1'))
  if (content === undefined) {
    const why = closed.test(name) ? 'Permission denied' : 'No such file or directory'
    throw pgError(
      why === 'Permission denied' ? '42501' : '58P01',
      `could not open file "${path}" for reading: ${why}`,
      { where: ['genfile.c', '121', 'read_binary_file'] },
    )
  }
  session.cx.record.fileRead({ path: name, size: content.length })
  const start = from === undefined || typeof from === 'boolean' ? 0 : Math.max(0, Number(textOf(from)))
  return content.slice(
    start,
    length === undefined || typeof length === 'boolean' ? undefined : start + Math.max(0, Number(textOf(length))),
  )
}

const folders = new Map([
  ['/', 'bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var'],
  [
    '.',
    'PG_VERSION base global pg_commit_ts pg_dynshmem pg_logical pg_multixact pg_notify pg_replslot pg_serial pg_snapshots pg_stat pg_stat_tmp pg_subtrans pg_tblspc pg_twophase pg_wal pg_xact postgresql.auto.conf postmaster.opts postmaster.pid',
  ],
])
export function listDirectory(session: Session, path: string): Value {
  const folder = withoutTail(path, '/') || '/'
  const own = [...session.server.files.keys()]
    .filter(name => name.startsWith(`${folder}/`) && !name.slice(folder.length + 1).includes('/'))
    .map(name => name.slice(folder.length + 1))
  const known = folders.get(folder === DATA(session).slice(0, -1) ? '.' : folder)
  if (known === undefined && own.length === 0 && folder !== '/tmp')
    throw pgError('58P01', `could not open directory "${path}": No such file or directory`, {
      where: ['fd.c', '2807', 'ReadDirExtended'],
    })
  return [...(known?.split(' ') ?? []), ...own]
}

/** A large object of this number, or of the next; the number. */
export function newObject(session: Session, wanted: number, content: string, again = false): Value {
  const { objects, use } = session.server
  const oid =
    wanted > 0 ? wanted : oidOf(session, `object ${objects.size} ${use.bytes} ${session.cx.random(4).readUInt32BE()}`)
  if (!again && objects.has(oid))
    throw pgError('23505', 'duplicate key value violates unique constraint "pg_largeobject_metadata_oid_index"', {
      detail: `Key (oid)=(${oid}) already exists.`,
      constraint: ['pg_catalog', 'pg_largeobject_metadata', 'pg_largeobject_metadata_oid_index'],
      where: ['nbtinsert.c', '664', '_bt_check_unique'],
    })
  const bytes = [...objects.values()].reduce((sum, one) => sum + one.length, content.length)
  if (objects.size >= MOST || bytes > BYTES) throw new SqlError('too much', ['bytes'])
  objects.set(oid, content)
  return BigInt(oid)
}
export function importObject(session: Session, path: string, oid: number): Value {
  const content = readServerFile(session, path)
  return newObject(session, oid, String(content))
}
export function exportObject(session: Session, oid: number, path: string): Value {
  const content = session.server.objects.get(oid)
  if (content === undefined)
    throw pgError('42704', `large object ${oid} does not exist`, { where: ['be-fsstubs.c', '135', 'be_lo_open'] })
  session.pending.push(() => writeServerFile(session, path, content))
  const why = unwritable(session, path)
  if (why)
    throw pgError(why.code, `could not create server file "${path}": ${why.words}`, {
      where: ['be-fsstubs.c', '504', 'be_lo_export'],
    })
  return 1n
}

const writable = ['/tmp/', '/var/tmp/', '/dev/shm/', '/var/lib/postgresql/']
/** Why the postgres user may not write a file there; `undefined` when it may. */
export function unwritable(session: Session, path: string): { code: string; words: string } | undefined {
  const name = placed(session, path)
  if (writable.some(folder => name.startsWith(folder))) return undefined
  return folders.get('/')!.split(' ').includes(name.split('/')[1]!)
    ? { code: '42501', words: 'Permission denied' }
    : { code: '58P01', words: 'No such file or directory' }
}
/** Kept as a sample, and there for who asks again. */
export async function writeServerFile(session: Session, path: string, content: string): Promise<void> {
  const { cx, server } = session
  const name = placed(session, path)
  const writer = cx.sample()
  await writer.write(Buffer.from(content, 'latin1'))
  cx.record.fileUpload({ path: name, sample: await writer.close() })
  const bytes = [...server.files.values()].reduce((sum, file) => sum + file.length, content.length)
  if (server.files.size < MOST && bytes <= BYTES) server.files.set(name, content)
}
