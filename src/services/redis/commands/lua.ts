import { createHash } from 'node:crypto'
import { RedisError } from '../keyspace.ts'
import type { Redis } from '../state.ts'
import { array, bulk, error, integer, simple } from '../wire.ts'

/** Answers `redis.call`; `undefined` for a command that does not exist. */
export type Call = (args: string[], redis: Redis) => Promise<string | undefined>
type Script = { keys: string[]; args: string[]; sha: string; redis: Redis; call: Call }

const DEPTH = 8

/**
 * Scripts are read, never run. What attackers send is `return` with a constant, a table, an argument or one call, or an
 * attempt to leave the sandbox; those are answered as Lua 5.1 within Redis does, anything else returns nil.
 */
export async function evaluate(body: string, script: Script): Promise<string> {
  const outside = /(?:^|[^\w.'"])(os|io|package|debug|require|dofile|loadfile)\s*[.(]/.exec(body)?.[1]
  if (outside)
    throw new RedisError(
      `ERR user_script:1: Script attempted to access nonexistent global variable '${outside}' script: ${script.sha}, on @user_script:1.`,
    )
  const expression = /^\s*return(?![\w])([\s\S]*?);?\s*$/.exec(body.slice(0, 4096))?.[1]
  const found = expression === undefined ? undefined : await new Reader(expression, script).whole()
  return found ?? script.redis.client.shape.nil
}

/** Reads one expression from left to right into its RESP form; `undefined` for what it does not know. */
class Reader {
  #text: string
  #at = 0
  #script: Script
  constructor(text: string, script: Script) {
    this.#text = text
    this.#script = script
  }

  async whole(): Promise<string | undefined> {
    const found = await this.#expression(0)
    return this.#take(/\s*$/y) ? found : undefined
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found) this.#at = pattern.lastIndex
    return found ?? undefined
  }

  async #expression(depth: number): Promise<string | undefined> {
    const { redis, keys, args } = this.#script
    const { shape } = redis.client
    if (depth > DEPTH) return undefined
    const number = this.#take(/\s*(-?\d{1,15})(?:\.\d*)?(?![\w.])/y)
    // A Lua number becomes an integer, its fraction cut off.
    if (number) return integer(Number(number[1]))
    const text = this.#string()
    if (text !== undefined) return bulk(text)
    const word = this.#take(/\s*(true|false|nil|_VERSION)\b/y)?.[1]
    if (word) return word === 'true' ? integer(1) : word === '_VERSION' ? bulk('Lua 5.1') : shape.nil
    const item = this.#take(/\s*(KEYS|ARGV)\s*\[\s*(\d{1,6})\s*\]/y)
    if (item) {
      const found = (item[1] === 'KEYS' ? keys : args)[Number(item[2]) - 1]
      return found === undefined ? shape.nil : bulk(found)
    }
    if (this.#take(/\s*\{/y)) return this.#table(depth)
    return this.#call()
  }

  #string(): string | undefined {
    const found = this.#take(/\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)")/y)
    return found && (found[1] ?? found[2] ?? '').replace(/\\(.)/g, '$1')
  }

  /** Up to its first nil, as tables are counted. */
  async #table(depth: number): Promise<string | undefined> {
    const items: string[] = []
    for (;;) {
      if (this.#take(/\s*\}/y)) return array(items)
      const item = await this.#expression(depth + 1)
      if (item === undefined || items.length > 256) return undefined
      items.push(item)
      if (!this.#take(/\s*[,;]/y) && this.#take(/\s*(?=\})/y) === undefined) return undefined
    }
  }

  async #call(): Promise<string | undefined> {
    const name = this.#take(/\s*redis\s*\.\s*(call|pcall|sha1hex|error_reply|status_reply)\s*\(/y)?.[1]
    if (!name) return undefined
    const words: string[] = []
    while (!this.#take(/\s*\)/y)) {
      const word = this.#word()
      if (word === undefined || words.length > 64) return undefined
      words.push(word)
      this.#take(/\s*,/y)
    }
    const [first = ''] = words
    if (name === 'sha1hex') return bulk(createHash('sha1').update(first, 'latin1').digest('hex'))
    if (name === 'error_reply') return error(first)
    if (name === 'status_reply') return simple(first.replace(/[\r\n]/g, ' '))
    return this.#answer(words, name === 'call')
  }

  async #answer(words: string[], raises: boolean): Promise<string> {
    const { redis, call, sha } = this.#script
    const where = raises ? ` script: ${sha}, on @user_script:1.` : ''
    const answer = (await call(words, redis)) ?? '-ERR Unknown Redis command called from script\r\n'
    return answer.startsWith('-') ? error(answer.slice(1, -2) + where) : answer
  }

  #word(): string | undefined {
    const { keys, args } = this.#script
    const item = this.#take(/\s*(KEYS|ARGV)\s*\[\s*(\d{1,6})\s*\]/y)
    if (item) return (item[1] === 'KEYS' ? keys : args)[Number(item[2]) - 1]
    return this.#string() ?? this.#take(/\s*(-?\d{1,15})(?![\w.])/y)?.[1]
  }
}
