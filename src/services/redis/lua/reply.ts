import { array, bulk, error, integer, type Shapes, simple } from '../wire.ts'
import { isTable, Table, type Value } from './value.ts'

/** Redis's answers and Lua's values (redis.io, "Lua API": data type conversion). */
const DEPTH = 60

/** An answer in RESP2 as Lua sees it. */
export function luaOf(answer: string): Value {
  let at = 0
  const line = (): string => {
    const end = answer.indexOf('\r\n', at)
    const text = answer.slice(at + 1, end)
    at = end + 2
    return text
  }
  const read = (): Value => {
    const kind = answer[at]
    const head = line()
    if (kind === ':') return Number(head)
    if (kind === '+' || kind === '-') return field(kind === '+' ? 'ok' : 'err', head)
    const length = Number(head)
    if (kind === '$') {
      if (length < 0) return false
      at += length + 2
      return answer.slice(at - length - 2, at - 2)
    }
    if (kind !== '*' || length < 0) return false
    const made = new Table()
    for (let i = 1; i <= length; i++) made.set(i, read())
    return made
  }
  return read()
}
export function field(name: string, value: Value): Table {
  const made = new Table()
  made.set(name, value)
  return made
}

/** A script's value as an answer (script_lua.c, luaReplyToRedisReply). */
export function answerOf(value: Value, shape: Shapes, depth = 0): string {
  if (depth > DEPTH) return error('reached lua stack limit')
  if (typeof value === 'string') return bulk(value)
  if (typeof value === 'number') return integer(whole(value))
  if (value === true) return integer(1)
  if (!isTable(value)) return shape.nil
  const [err, ok, double] = ['err', 'ok', 'double'].map(name => value.get(name))
  if (typeof err === 'string') return error(err)
  if (typeof ok === 'string') return simple(ok.replace(/[\r\n]/g, ' '))
  if (typeof double === 'number') return shape.double(String(double))
  const items: string[] = []
  for (const item of value.list) {
    if (item === undefined) break
    items.push(answerOf(item, shape, depth + 1))
  }
  return array(items)
}
const whole = (n: number): bigint | number => {
  if (!Number.isFinite(n)) return -(2n ** 63n)
  return Math.abs(n) < 2 ** 53 ? Math.trunc(n) || 0 : BigInt.asIntN(64, BigInt(Math.trunc(n)))
}
