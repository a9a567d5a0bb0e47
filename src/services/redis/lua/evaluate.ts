import { createHash } from 'node:crypto'
import { downloadsIn } from '#codec/downloads.ts'
import { text as readable } from '#events/text.ts'
import { RedisError } from '../keyspace.ts'
import type { Redis, Server } from '../state.ts'
import { shapes } from '../wire.ts'
import { base, type Generator, maths, tables } from './base.ts'
import { cjson } from './cjson.ts'
import { CompileError } from './lexer.ts'
import { type Budget, Machine } from './machine.ts'
import { parse, type Statement } from './parser.ts'
import { answerOf, field, luaOf } from './reply.ts'
import { strings } from './strings.ts'
import { Exhausted, general, isTable, LuaError, library, native, Table, type Value } from './value.ts'

/** Answers `redis.call`, in RESP2. */
export type Call = (args: string[], redis: Redis) => string
export type Script = { keys: string[]; args: string[]; sha: string; redis: Redis; call: Call }

/** A script's tree; throws the answer to one that is none. */
export function compiled(body: string): Statement[] {
  try {
    return parse(body, 'user_script')
  } catch (problem) {
    if (problem instanceof CompileError)
      throw new RedisError(`ERR Error compiling script (new function): ${problem.message}`)
    throw problem
  }
}

/** Runs a script in a Lua of our own, which knows nothing but Redis and has only so many steps; its answer. */
export function evaluate(body: string, script: Script, budget: Budget): string {
  noteEscape(body, script)
  const tree = compiled(body)
  const { redis, sha } = script
  const { client } = redis
  const [{ shape, resp }, db] = [client, client.db]
  const machine = new Machine(new Table(), budget)
  furnish(machine, script)
  Object.assign(client, { shape: shapes[2], resp: 2 })
  try {
    const [value] = machine.run(tree)
    return answerOf(value, shape)
  } catch (problem) {
    throw new RedisError(complaint(problem, sha))
  } finally {
    Object.assign(client, { shape, resp, db })
  }
}

function complaint(problem: unknown, sha: string): string {
  if (problem instanceof Exhausted)
    return `ERR user_script:1: Script killed by user with SCRIPT KILL. script: ${sha}, on @user_script:1.`
  if (problem instanceof RangeError) return `ERR user_script:1: stack overflow script: ${sha}, on @user_script:1.`
  if (!(problem instanceof LuaError)) throw problem
  const { value, line } = problem
  const told = isTable(value) ? value.get('err') : value
  const words =
    typeof told === 'string' || typeof told === 'number' || (told === undefined && !isTable(value))
      ? String(told ?? 'nil')
      : 'unknown error'
  return `${isTable(value) && typeof told === 'string' ? words : `ERR ${words}`} script: ${sha}, on @user_script:${line}.`
}

const generators = new WeakMap<Server, Generator>()

function furnish(machine: Machine, script: Script): void {
  const { globals } = machine
  const list = (words: readonly string[]): Table => {
    const made = new Table()
    words.forEach((word, i) => void made.set(i + 1, word))
    return made
  }
  for (const [name, value] of Object.entries(base(machine))) globals.set(name, value)
  globals.set('string', strings(machine))
  globals.set('table', tables(machine))
  const generator = generators.get(script.redis.server) ?? { state: 0x1234_abcd_330en }
  generators.set(script.redis.server, generator)
  globals.set('math', maths(machine, generator))
  globals.set('cjson', cjson(machine))
  globals.set('bit', bits(machine))
  globals.set('redis', redisLibrary(machine, script))
  globals.set('KEYS', list(script.keys))
  globals.set('ARGV', list(script.args))
  globals.set('_G', globals)
  const guard = new Table()
  guard.set(
    '__index',
    native('__index', ([, name], line) => {
      throw machine.error(`Script attempted to access nonexistent global variable '${machine.text(name)}'`, line)
    }),
  )
  globals.meta = guard
  globals.readonly = true
}

function redisLibrary(machine: Machine, { redis, call }: Script): Table {
  const caller = (name: string, raises: boolean): Value =>
    native(name, (given, line) => {
      const fail = (words: string): Value[] => {
        const made = field('err', words)
        if (raises) throw new LuaError(made, line)
        return [made]
      }
      if (given.length === 0) return fail('ERR Please specify at least one argument for this redis lib call')
      const words: string[] = []
      for (const value of given) {
        if (typeof value === 'number')
          words.push(Number.isInteger(value) ? String(BigInt(Math.trunc(value))) : general(value, 17))
        else if (typeof value === 'string') words.push(value)
        else return fail('ERR Lua redis lib command arguments must be strings or integers')
      }
      machine.budget.step(50 + words.length)
      const answer = call(words, redis)
      machine.budget.take(answer.length)
      machine.budget.step(answer.length >> 4)
      const value = luaOf(answer)
      if (isTable(value) && value.get('err') !== undefined) return fail(String(value.get('err')))
      return [value]
    })
  const one = (given: Value[], make: (words: string) => Value): Value[] => {
    const [value] = given
    if (given.length !== 1 || (typeof value !== 'string' && typeof value !== 'number'))
      return [field('err', 'ERR wrong number or type of arguments')]
    return [make(machine.text(value))]
  }
  return library({
    call: caller('call', true),
    pcall: caller('pcall', false),
    sha1hex: native('sha1hex', (given, line) => {
      if (given.length !== 1) throw new LuaError(field('err', 'ERR wrong number of arguments'), line)
      return [createHash('sha1').update(machine.text(given[0]), 'latin1').digest('hex')]
    }),
    error_reply: native('error_reply', given =>
      one(given, words => field('err', words.startsWith('-') ? words.slice(1) : words)),
    ),
    status_reply: native('status_reply', given => one(given, words => field('ok', words))),
    log: native('log', () => []),
    setresp: native('setresp', () => []),
    replicate_commands: native('replicate_commands', () => [true]),
    set_repl: native('set_repl', () => []),
    breakpoint: native('breakpoint', () => [false]),
    debug: native('debug', () => []),
    acl_check_cmd: native('acl_check_cmd', () => [true]),
    LOG_DEBUG: 0,
    LOG_VERBOSE: 1,
    LOG_NOTICE: 2,
    LOG_WARNING: 3,
    REPL_NONE: 0,
    REPL_AOF: 1,
    REPL_SLAVE: 2,
    REPL_REPLICA: 2,
    REPL_ALL: 3,
    REDIS_VERSION: redis.cx.persona.software.redis.version,
    REDIS_VERSION_NUM: redis.cx.persona.software.redis.version
      .split('.')
      .reduce((sum, part) => sum * 256 + Number(part), 0),
  })
}

function bits(machine: Machine): Table {
  const on = (name: string, run: (numbers: number[]) => number): Value =>
    native(name, (given, line) => {
      const numbers = given.map(value => (typeof value === 'number' ? value : Number.NaN))
      if (numbers.length === 0 || numbers.some(Number.isNaN))
        throw machine.error(`bad argument #1 to '${name}' (number expected, got no value)`, line)
      return [run(numbers)]
    })
  return library({
    band: on('band', all => all.reduce((a, b) => a & b)),
    bor: on('bor', all => all.reduce((a, b) => a | b)),
    bxor: on('bxor', all => all.reduce((a, b) => a ^ b)),
    bnot: on('bnot', ([a = 0]) => ~a),
    lshift: on('lshift', ([a = 0, b = 0]) => a << b),
    rshift: on('rshift', ([a = 0, b = 0]) => (a >>> b) | 0),
    arshift: on('arshift', ([a = 0, b = 0]) => a >> b),
    tobit: on('tobit', ([a = 0]) => a | 0),
  })
}

/** Ways out of the sandbox, and what they would have run. */
function noteEscape(body: string, { redis }: Script): void {
  const { record } = redis.cx
  const start = body.slice(0, 64 << 10)
  if (/\bpackage\s{0,9}\.\s{0,9}loadlib\b/.test(start))
    record.exploit({
      id: 'CVE-2022-0543',
      name: 'A Lua script leaves its sandbox by package.loadlib',
      evidence: readable(Buffer.from(start.slice(0, 512), 'latin1'), 512),
    })
  for (const [, , command = ''] of start
    .slice(0, 8192)
    .matchAll(/\b(?:popen|execute)\s{0,9}\(\s{0,9}(["'])([^\n]{1,2048}?)\1\s{0,9}[,)]/g)) {
    const line = readable(Buffer.from(command, 'latin1'), 2048)
    record.command({ line, verb: 'popen' })
    for (const download of downloadsIn(command)) record.fileDownload(download)
  }
}
