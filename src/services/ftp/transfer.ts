import { Hangup, Malformed } from '#sensor/endings.ts'
import type { DataConn } from '#sensor/service.ts'
import { latin } from './login.ts'
import { retain, retained } from './retained.ts'
import { clock, type Ftp, whole } from './session.ts'
import { type File, find, isDir, put } from './tree.ts'

/** How a transfer ended: well, or the data connection broke. */
export type Ending = 'complete' | 'broken'

/** Announces a data port of the pool; the one before is given back. */
export function listenPassive(ftp: Ftp): number | undefined {
  closeData(ftp)
  const { attacker } = ftp
  if (attacker.ports >= MOST_PORTS) return undefined
  const passive = ftp.cx.passive()
  if (!passive) return undefined
  attacker.ports++
  ftp.data = { passive }
  return passive.port
}
/** Data ports that one source may hold of the pool that all share. */
const MOST_PORTS = 8

function release(ftp: Ftp) {
  if (!ftp.data || ftp.data === 'active') return
  ftp.data.passive.release()
  ftp.data = undefined
  ftp.attacker.ports--
}

export function closeData(ftp: Ftp) {
  if (ftp.data && ftp.data !== 'active') ftp.data.arrived?.hangup('done')
  release(ftp)
  ftp.data = undefined
}

/** The peer's data connection, or `undefined` after the wait a real server has with a peer that it cannot reach. */
export async function openData(ftp: Ftp, seconds: number): Promise<DataConn | undefined> {
  const { data, cx, conn } = ftp
  if (!data) return undefined
  if (data === 'active') {
    await cx.pause(cx.options.connectTimeout)
    return undefined
  }
  try {
    data.arrived ??= await Promise.race([data.passive.accept(seconds), controlLost(ftp, seconds)])
    return data.arrived
  } catch (error) {
    if (conn.over || !(error instanceof Hangup)) throw error
    return undefined
  }
}

/** Rejects when the control connection breaks meanwhile, and nothing else. */
function controlLost({ cx }: Ftp, seconds: number): Promise<never> {
  const lost = cx.pause(seconds).then(() => new Promise<never>(() => {}))
  lost.catch(() => {})
  return lost
}

/** Runs `work` over the data connection, under TLS after PROT P, and closes it. */
export async function overData(
  ftp: Ftp,
  channel: DataConn,
  work: (channel: DataConn) => Promise<void>,
): Promise<Ending> {
  try {
    if (ftp.protect) await channel.startTls()
    await work(channel)
    await channel.end()
    return 'complete'
  } catch (error) {
    if (ftp.conn.over || !(error instanceof Hangup || error instanceof Malformed)) throw error
    channel.hangup('reset')
    return 'broken'
  } finally {
    release(ftp)
  }
}

const PIECE = 32 << 10

/** Sends bytes in pieces, so that a slow peer holds little of our memory. */
export async function sendBytes(ftp: Ftp, channel: DataConn, bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += PIECE) await channel.write(bytes.subarray(at, at + PIECE))
  ftp.transferred += bytes.length
}

/** The content of a file the visitor may read: ours, or what they left if it was small. */
export const contentOf = (file: File): Buffer | undefined => file.bytes ?? retained(file)

/** Takes what the peer sends into the sample store, block by block; the file appears when all is there. */
export async function receiveFile(
  ftp: Ftp,
  channel: DataConn,
  target: { path: string; offset: number; mode: number; uid: number; gid: number },
): Promise<void> {
  const sample = ftp.cx.sample()
  const start: Buffer[] = []
  let size = 0
  let finished = false
  try {
    for (;;) {
      const block = await channel.readSome()
      if (size + block.length <= retain.most) start.push(Buffer.from(block))
      size += block.length
      await sample.write(block)
    }
  } catch (error) {
    // The end of the data connection is the end of the file (RFC 959 §3.4.1); a broken one leaves what came.
    if (!(error instanceof Hangup)) throw error
    finished = error.reason === 'eof'
    if (!finished) throw error
  } finally {
    ftp.transferred += size
    if (finished || size > 0) ftp.cx.record.fileUpload({ path: latin(target.path), sample: await sample.close() })
    else await sample.abort()
    keep(ftp, target, size, size <= retain.most ? Buffer.concat(start) : undefined)
  }
}

function keep(
  ftp: Ftp,
  { path, offset, mode, uid, gid }: { path: string; offset: number; mode: number; uid: number; gid: number },
  size: number,
  bytes: Buffer | undefined,
) {
  const now = whole(clock(ftp))
  const before = find(ftp.tree, path).ok
  const old = before && !isDir(before) ? before : undefined
  const stat = old ? { mode: old.mode, uid: old.uid, gid: old.gid } : { mode, uid, gid }
  const length = offset > 0 ? Math.max(old?.size ?? 0, offset + size) : size
  const file: File = { ...stat, mtime: now, size: length }
  if (put(ftp.tree, path, file).error) return
  const base = offset > 0 && old ? contentOf(old) : Buffer.alloc(0)
  if (!bytes || !base || length > retain.most) return
  const content = Buffer.alloc(length)
  base.copy(content)
  bytes.copy(content, offset)
  retain(file, content)
}
