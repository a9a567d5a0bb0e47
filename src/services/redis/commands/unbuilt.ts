import { RedisError } from '../keyspace.ts'
import { array, bulk, integer, ok } from '../wire.ts'
import { blocking, parseTimeout } from './blocking.ts'
import type { Commands, Run } from './command.ts'

/**
 * Commands whose data are not built here (streams, places, HyperLogLog, bit fields, results of several sorted sets): each
 * answers as the real one does for keys that are not there.
 */
const none: Run = () => array([])
const zero: Run = () => integer(0)
const one: Run = () => integer(1)
const nothing: Run = (_, { client }) => client.shape.nil
const noArray: Run = (_, { client }) => client.shape.nilArray
const fails =
  (message: string): Run =>
  () => {
    throw new RedisError(message)
  }

const noGroup: Run = ([key = '', group = '']) => {
  throw new RedisError(`NOGROUP No such key '${key.slice(0, 128)}' or consumer group '${group.slice(0, 128)}'`)
}
const NO_STREAM =
  'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.'

const addStream: Run = (args, { cx }) => {
  if (args.length < 4 || args.length % 2) throw new RedisError("ERR wrong number of arguments for 'xadd' command")
  return bulk(`${cx.now()}-0`)
}

const addPlace: Run = ([, longitude = '', latitude = '']) => {
  const [x, y] = [Number(longitude), Number(latitude)]
  if (Number.isNaN(x) || Number.isNaN(y)) throw new RedisError('ERR value is not a valid float')
  if (Math.abs(x) > 180 || Math.abs(y) > 85.05112878)
    throw new RedisError(`ERR invalid longitude,latitude pair ${x.toFixed(6)},${y.toFixed(6)}`)
  return integer(1)
}

const eachMember =
  (answer: Run): Run =>
  ([, ...members], redis) =>
    array(members.map(() => String(answer([], redis))))

const fields: Run = ([, ...words]) =>
  array(words.filter(word => /^(?:get|set|incrby)$/i.test(word)).map(() => integer(0)))

/** Waits as long as it was told to, in vain. */
const waiting =
  (where: 'first' | 'last'): Run =>
  async (args, redis) => {
    await blocking(redis, parseTimeout((where === 'first' ? args[0] : args.at(-1))!), () => undefined)
    return redis.client.shape.nilArray
  }

const table: [Run, string][] = [
  [none, 'xrange xrevrange xautoclaim xclaim geosearch georadius georadius_ro georadiusbymember georadiusbymember_ro'],
  [none, 'zunion zinter zdiff sort_ro'],
  [zero, 'xlen xdel xtrim xack pfcount geosearchstore zunionstore zinterstore zdiffstore zrangestore zintercard'],
  [one, 'pfadd'],
  [nothing, 'geodist dump xsetid'],
  [noArray, 'xread lmpop zmpop'],
  [waiting('last'), 'bzpopmin bzpopmax blmove brpoplpush'],
  [waiting('first'), 'blmpop bzmpop'],
  [() => ok, 'pfmerge'],
  [() => bulk(''), 'lcs'],
  [addStream, 'xadd'],
  [addPlace, 'geoadd'],
  [eachMember(noArray), 'geopos'],
  [eachMember(nothing), 'geohash'],
  [fields, 'bitfield bitfield_ro'],
  [noGroup, 'xpending xreadgroup'],
  [fails('ERR no such key'), 'xinfo'],
  [fails(NO_STREAM), 'xgroup'],
  [fails('ERR This instance has cluster support disabled'), 'cluster readonly readwrite asking'],
  [fails('ERR Function not found'), 'fcall fcall_ro'],
]

export const unbuilt: Commands = [
  ...table.flatMap(([run, names]) => names.split(' ').map((name): [string, Run] => [name, run])),
  ['function', ([what = '']) => (/^(?:flush|delete|load|restore|kill)$/i.test(what) ? ok : array([]))],
]
