import type { Channel } from './channel.ts'
import { Refusal } from './errors.ts'
import { type Args, answer, bits, checkSame, flag, inequivalent, note } from './methods.ts'
import { bind, checkRoom, deleteExchange, exchangeOf, named, unbind } from './vhost.ts'
import { shown } from './wire.ts'

/** The exchange class (AMQP 0-9-1 §1.5; exchange bindings are RabbitMQ's). */

const types = new Set(['direct', 'fanout', 'topic', 'headers'])

export function declare(channel: Channel, args: Args): void {
  args.short()
  const [name, type, byte, fields] = [args.text(), args.text(), args.octet(), args.table()]
  args.end()
  const { vhost } = channel.connection
  const [passive, durable, autoDelete, internal, noWait] = bits(byte)
  note(channel, 'exchange.declare', name, [type, flag('passive', passive), flag('durable', durable)])
  checkDefault(name)
  if (passive) exchangeOf(vhost, name)
  else {
    if (!types.has(type)) throw new Refusal(503, `unknown exchange type '${type}'`)
    const old = vhost.exchanges.get(name)
    if (old) {
      const what = named('exchange', name)
      const pairs = {
        type: [type, old.type],
        durable: [durable, old.durable],
        auto_delete: [autoDelete, old.autoDelete],
      }
      for (const [field, [received, current]] of Object.entries({ ...pairs, internal: [internal, old.internal] }))
        checkSame(field, what, received!, current!)
      const [mine, theirs] = [fields.get('alternate-exchange'), old.args.get('alternate-exchange')]
      if ((mine && shown(mine)) !== (theirs && shown(theirs)))
        throw inequivalent('alternate-exchange', what, mine, theirs)
    } else {
      if (name.startsWith('amq.')) throw new Refusal(403, `exchange name '${name}' contains reserved prefix 'amq.*'`)
      checkRoom(vhost, 'exchange')
      vhost.exchanges.set(name, { name, type, durable, autoDelete, internal, args: fields, bindings: [] })
    }
  }
  if (!noWait) answer(channel, 40, 11)
}

export function remove(channel: Channel, args: Args): void {
  args.short()
  const [name, byte] = [args.text(), args.octet()]
  args.end()
  const { vhost } = channel.connection
  const [unused, noWait] = bits(byte)
  note(channel, 'exchange.delete', name, [flag('if-unused', unused)])
  checkDefault(name)
  if (name.startsWith('amq.')) throw new Refusal(403, `deletion of system ${named('exchange', name)} not allowed`)
  const found = vhost.exchanges.get(name)
  if (found && unused && found.bindings.length > 0) throw new Refusal(406, `${named('exchange', name)} in use`)
  if (found) deleteExchange(vhost, found)
  if (!noWait) answer(channel, 40, 21)
}

/** exchange.bind and exchange.unbind: from the source to the destination. */
export function binding(channel: Channel, args: Args, how: 'bind' | 'unbind'): void {
  args.short()
  const [to, from, key, byte, fields] = [args.text(), args.text(), args.text(), args.octet(), args.table()]
  args.end()
  const { vhost } = channel.connection
  note(channel, `exchange.${how}`, to, [from, key])
  for (const name of [to, from]) checkDefault(name)
  const link = { to: 'exchange', name: to, key, args: fields } as const
  if (how === 'bind') {
    // The source is looked up first.
    const source = exchangeOf(vhost, from)
    exchangeOf(vhost, to)
    bind(vhost, source, link)
  } else if (vhost.exchanges.has(from)) unbind(vhost, vhost.exchanges.get(from)!, link)
  if (!bits(byte)[0]) answer(channel, 40, how === 'bind' ? 31 : 51)
}

export function checkDefault(name: string): void {
  if (name === '') throw new Refusal(403, 'operation not permitted on the default exchange')
}
