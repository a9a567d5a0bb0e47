import type { Channel } from './channel.ts'
import { Refusal } from './errors.ts'
import { checkDefault } from './exchanges.ts'
import { type Args, answer, bits, checkSame, flag, inequivalent, note, typeName } from './methods.ts'
import { bind, checkRoom, deleteQueue, exchangeOf, locked, named, purge, type Queue, queueOf, unbind } from './vhost.ts'
import { short, shown, type Table, u32 } from './wire.ts'

/** The queue class (AMQP 0-9-1 §1.7), with the arguments that RabbitMQ knows. */

/** Arguments that count something, in the order in which they are compared. */
const counting = ['x-expires', 'x-message-ttl', 'x-max-length', 'x-max-length-bytes', 'x-max-priority']
const compared = [
  ...counting.slice(0, 2),
  'x-dead-letter-exchange',
  'x-dead-letter-routing-key',
  ...counting.slice(2),
  'x-overflow',
  'x-queue-mode',
  'x-single-active-consumer',
  'x-queue-type',
]
const kinds = new Set(['classic', 'quorum', 'stream'])

export function declare(channel: Channel, args: Args): void {
  args.short()
  const [given, byte, fields] = [args.text(), args.octet(), args.table()]
  args.end()
  const { vhost, cx } = channel.connection
  const [passive, durable, exclusive, autoDelete, noWait] = bits(byte)
  note(channel, 'queue.declare', given, [
    flag('passive', passive),
    flag('durable', durable),
    flag('exclusive', exclusive),
    listed(fields),
  ])
  let name = given
  let queue: Queue
  if (passive) queue = queueOf(vhost, nameOf(channel, given), channel.connection)
  else {
    if (given.startsWith('amq.')) throw new Refusal(403, `queue name '${given}' contains reserved prefix 'amq.*'`)
    if (given === '') name = `amq.gen-${cx.random(16).toString('base64url')}`
    const wanted: Queue = {
      name,
      durable: durable && !exclusive,
      autoDelete: autoDelete,
      owner: exclusive ? channel.connection : undefined,
      args: fields,
      messages: [],
      consumers: [],
    }
    const old = vhost.queues.get(name)
    if (old) checkEquivalent(old, wanted)
    else {
      checkArguments(name, fields)
      checkRoom(vhost, 'queue')
      vhost.queues.set(name, wanted)
    }
    queue = old ?? wanted
  }
  channel.last = queue.name
  if (!noWait) answer(channel, 50, 11, short(queue.name), u32(queue.messages.length), u32(queue.consumers.length))
}

const listed = (fields: Table): string => [...fields].map(([name, value]) => `${name}=${shown(value)}`).join(' ')

/** An empty name is the last queue declared on this channel. */
function nameOf(channel: Channel, given: string): string {
  if (given !== '') return given
  if (channel.last === '') throw new Refusal(404, 'no previously declared queue')
  return channel.last
}
export const lastOr = (channel: Channel, given: string): Queue =>
  queueOf(channel.connection.vhost, nameOf(channel, given), channel.connection)

function checkEquivalent(old: Queue, wanted: Queue): void {
  const what = named('queue', old.name)
  if (old.owner !== wanted.owner) throw locked(old.name)
  checkSame('durable', what, wanted.durable, old.durable)
  checkSame('auto_delete', what, wanted.autoDelete, old.autoDelete)
  for (const name of compared) {
    const [mine, theirs] = [wanted.args.get(name), old.args.get(name)]
    if ((mine && shown(mine)) !== (theirs && shown(theirs))) throw inequivalent(name, what, mine, theirs)
  }
}

function checkArguments(name: string, fields: Table): void {
  const bad = (field: string, why: string) =>
    new Refusal(406, `invalid arg '${field}' for ${named('queue', name)}: ${why}`)
  for (const field of counting) {
    const found = fields.get(field)
    if (!found) continue
    if (typeof found.value !== 'bigint') throw bad(field, `"expected integer, got ${typeName(found)}"`)
    if (found.value < 0n) throw bad(field, `{value_negative,${found.value}}`)
    if (field === 'x-expires' && found.value === 0n) throw bad(field, '{value_zero,0}')
    if (field === 'x-max-priority' && found.value > 255n) throw bad(field, `{max_value_exceeded,${found.value}}`)
  }
  const kind = fields.get('x-queue-type')
  if (kind && (kind.type !== 'S' || !kinds.has(kind.value)))
    throw bad('x-queue-type', `"unsupported queue type '${shown(kind)}'"`)
}

export function bindTo(channel: Channel, args: Args): void {
  args.short()
  const [given, from, key, byte, fields] = [args.text(), args.text(), args.text(), args.octet(), args.table()]
  args.end()
  const { vhost } = channel.connection
  note(channel, 'queue.bind', given, [from, key])
  const name = nameOf(channel, given)
  checkDefault(from)
  queueOf(vhost, name, channel.connection)
  // Without queue and key, the key is the queue's name too.
  const by = given === '' && key === '' ? name : key
  bind(vhost, exchangeOf(vhost, from), { to: 'queue', name, key: by, args: fields })
  if (!bits(byte)[0]) answer(channel, 50, 21)
}

export function unbindFrom(channel: Channel, args: Args): void {
  args.short()
  const [given, from, key, fields] = [args.text(), args.text(), args.text(), args.table()]
  args.end()
  const { vhost } = channel.connection
  note(channel, 'queue.unbind', given, [from, key])
  const name = nameOf(channel, given)
  checkDefault(from)
  const exchange = vhost.exchanges.get(from)
  if (exchange) unbind(vhost, exchange, { to: 'queue', name, key, args: fields })
  answer(channel, 50, 51)
}

export function empty(channel: Channel, args: Args): void {
  args.short()
  const [given, byte] = [args.text(), args.octet()]
  args.end()
  note(channel, 'queue.purge', given)
  const count = purge(channel.connection.vhost, lastOr(channel, given))
  if (!bits(byte)[0]) answer(channel, 50, 31, u32(count))
}

export function remove(channel: Channel, args: Args): void {
  args.short()
  const [given, byte] = [args.text(), args.octet()]
  args.end()
  const { vhost } = channel.connection
  const [unused, ifEmpty, noWait] = bits(byte)
  note(channel, 'queue.delete', given, [flag('if-unused', unused), flag('if-empty', ifEmpty)])
  const name = nameOf(channel, given)
  let count = 0
  if (vhost.queues.has(name)) {
    const queue = queueOf(vhost, name, channel.connection)
    if (unused && queue.consumers.length > 0) throw new Refusal(406, `${named('queue', name)} in use`)
    if (ifEmpty && queue.messages.length > 0) throw new Refusal(406, `${named('queue', name)} not empty`)
    count = deleteQueue(vhost, queue)
  }
  if (!noWait) answer(channel, 50, 41, u32(count))
}
