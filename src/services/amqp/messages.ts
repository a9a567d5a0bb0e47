import { Cursor } from '#codec/cursor.ts'
import { downloadsIn } from '#codec/downloads.ts'
import { text } from '#events/text.ts'
import { Malformed } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import { Refusal } from './errors.ts'
import type { Options } from './options.ts'
import { readTable, type Table } from './wire.ts'

/** A message's properties (AMQP 0-9-1 §1.8), and what its body tells. */

/** Bytes of a body that its event shows; a longer one is a sample as well. */
const SHOWN = 2048

export type Properties = {
  contentType: string
  headers: Table
  persistent: boolean
  expiration: string | undefined
  userId: string | undefined
}

/** Flags and values behind a header's size, highest bit first. */
export function readProperties(bytes: Buffer): Properties {
  const cursor = new Cursor(bytes)
  const flags = cursor.u16be()
  const has = (bit: number) => (flags >> bit) & 1
  const string = (bit: number) => (has(bit) ? cursor.lp8().toString('latin1') : undefined)
  const contentType = string(15) ?? ''
  string(14)
  const headers: Table = has(13) ? readTable(cursor.lp32()) : new Map()
  const persistent = has(12) ? cursor.u8() === 2 : false
  if (has(11)) cursor.u8()
  string(10)
  string(9)
  const expiration = string(8)
  string(7)
  if (has(6)) cursor.u64be()
  string(5)
  const userId = string(4)
  string(3)
  string(2)
  if (cursor.left > 0) throw new Malformed('More than the properties announced')
  return { contentType, headers, persistent, expiration, userId }
}

/** What RabbitMQ refuses before it routes. */
export function checkProperties({ userId, expiration }: Properties, user: string): void {
  if (userId !== undefined && userId !== user)
    throw new Refusal(
      406,
      `user_id property set to '${text(Buffer.from(userId, 'latin1'), 128)}' but authenticated user was '${user}'`,
    )
  if (expiration !== undefined && !/^\d{1,15}$/.test(expiration))
    throw new Refusal(
      406,
      `invalid expiration '${text(Buffer.from(expiration, 'latin1'), 128)}': ${reasonOf(expiration)}`,
    )
}
const reasonOf = (expiration: string): string =>
  /^\d{1,15}/.test(expiration)
    ? `{leftover_string,"${expiration.replace(/^\d{1,15}/, '').slice(0, 64)}"}`
    : 'no_integer'

/** A published message, with what it tells to fetch and the attacks that it may carry. */
export async function note(
  cx: TcpContext<Options>,
  exchange: string,
  key: string,
  { contentType }: Properties,
  body: Buffer,
): Promise<void> {
  const where = text(Buffer.from(`${exchange === '' ? "''" : exchange} ${key}`, 'latin1'), 600)
  cx.record.command({ line: `basic.publish ${where} ${text(body, SHOWN)}`, verb: 'basic.publish' })
  for (const download of downloadsIn(body.toString('latin1'))) cx.record.fileDownload(download)
  const attack = attackIn(contentType, body)
  if (attack) cx.record.exploit({ ...attack, evidence: `${where} ${text(body, 512)}` })
  if (body.length <= SHOWN && !attack) return
  const writer = cx.sample()
  await writer.write(body)
  cx.record.fileUpload({ path: where, sample: await writer.close() })
}

/** Bodies that run code where a consumer takes them at their word. */
function attackIn(contentType: string, body: Buffer): { id: string; name: string } | undefined {
  // Protocol 2 and up begins so; older pickles name what they call in plain text.
  const pickled = /python-serialize|pickle/i.test(contentType) || (body[0] === 0x80 && body[1]! >= 2 && body[1]! <= 5)
  const calls = /(?:posix|nt|os|subprocess|builtins|__builtin__)\n?(?:system|popen|Popen|eval|exec|check_output)/
  const plain = body.toString('latin1', 0, 64 << 10)
  if (pickled || calls.test(plain)) return { id: 'celery-pickle', name: 'Task serialised as a Python pickle' }
  if (body.length > 4 && body.readUInt32BE() === 0xaced0005)
    return { id: 'amqp-java-deserialisation', name: 'Serialised Java object as a message' }
  return undefined
}
