import { subscriptions } from '../state.ts'
import { array, bulk, integer } from '../wire.ts'
import type { Commands, Run } from './command.ts'

/** Channels of one connection, and bytes of a channel's name; beyond them they are answered and not kept. */
const MOST = { channels: 256, bytes: 256 }

const kinds = {
  subscribe: { own: 'channels', leave: 'unsubscribe' },
  psubscribe: { own: 'patterns', leave: 'punsubscribe' },
  ssubscribe: { own: 'shardChannels', leave: 'sunsubscribe' },
} as const

/** SUBSCRIBE and its like answer once a channel. Shard channels are counted by themselves (pubsub.c). */
const change =
  (kind: keyof typeof kinds, add: boolean): Run =>
  (names, { client }) => {
    const { own: property, leave } = kinds[kind]
    const own = client[property]
    const count = () =>
      integer(kind === 'ssubscribe' ? client.shardChannels.size : client.channels.size + client.patterns.size)
    const word = bulk(add ? kind : leave)
    const chosen = add || names.length ? names : [...own]
    if (chosen.length === 0) return client.shape.push([word, client.shape.nil, count()])
    const answers = chosen.map(name => {
      if (!add) own.delete(name)
      else if (subscriptions(client) < MOST.channels && name.length <= MOST.bytes) own.add(name)
      return client.shape.push([word, bulk(name), count()])
    })
    return answers.join('')
  }

/** Nobody else is here to listen. */
const about: Run = ([what = '', ...names]) => {
  const verb = what.toUpperCase()
  if (verb === 'NUMPAT') return integer(0)
  return array(/NUMSUB$/.test(verb) ? names.flatMap(name => [bulk(name), integer(0)]) : [])
}

export const pubsub: Commands = [
  ['subscribe', change('subscribe', true)],
  ['unsubscribe', change('subscribe', false)],
  ['psubscribe', change('psubscribe', true)],
  ['punsubscribe', change('psubscribe', false)],
  ['ssubscribe', change('ssubscribe', true)],
  ['sunsubscribe', change('ssubscribe', false)],
  ['publish', () => integer(0)],
  ['spublish', () => integer(0)],
  ['pubsub', about],
]
