import { CompileError } from './lexer.ts'
import type { Machine } from './machine.ts'
import { parse } from './parser.ts'
import { arguments_ } from './strings.ts'
import {
  isFunction,
  isTable,
  LuaError,
  library,
  native,
  numberOf,
  type Table,
  truthy,
  typeOf,
  type Value,
} from './value.ts'

/** What Redis leaves of Lua's basic, table and math libraries (eval.c, scripting's allow list). */

/** Bytes of a text that a script may compile. */
const TEXT = 64 << 10
/** Values that a call may be given or give. */
const VALUES = 8000

export function base(machine: Machine): Record<string, Value> {
  const { budget } = machine
  const on = (name: string, run: (given: Value[], line: number, a: ReturnType<typeof arguments_>) => Value[]): Value =>
    native(name, (given, line) => run(given, line, arguments_(machine, name, given, line)))
  const protectedCall = (callee: Value, args: Value[], line: number, handler?: Value): Value[] => {
    const depth = budget.depth
    try {
      // error() called by a function of C has no line to name.
      if (isFunction(callee) && callee.is === 'native' && callee.name === 'error') throw new LuaError(args[0], line)
      return [true, ...machine.call(callee, args, line)]
    } catch (error) {
      if (!(error instanceof LuaError)) throw error
      budget.depth = depth
      if (handler !== undefined) return [false, ...machine.call(handler, [error.value], line)]
      // Redis's pcall gives the text of its own errors (script_lua.c, luaRedisPcall).
      const told = isTable(error.value) ? error.value.get('err') : undefined
      return [false, typeof told === 'string' ? told : error.value]
    }
  }
  const next = on('next', ([, key], _, a) => {
    const found = a.table(0).next(key)
    budget.step()
    return found ?? [undefined]
  })
  const step = native('ipairs_aux', ([list, at]) => {
    const i = (typeof at === 'number' ? at : 0) + 1
    const value = isTable(list) ? list.get(i) : undefined
    return value === undefined ? [undefined] : [i, value]
  })
  const load = on('loadstring', ([text, name]) => {
    if (typeof text !== 'string' || text.length > TEXT) return [undefined, 'not enough memory']
    const chunk =
      typeof name === 'string' ? name.replace(/^[@=]/, '') : `[string "${text.split('\n', 1)[0]!.slice(0, 60)}"]`
    try {
      const body = parse(text, chunk)
      budget.take(text.length)
      return [native('chunk', args => machine.run(body, args))]
    } catch (error) {
      if (error instanceof CompileError) return [undefined, error.message]
      throw error
    }
  })
  return {
    _VERSION: 'Lua 5.1',
    assert: on('assert', (given, line) => {
      if (truthy(given[0])) return given
      throw machine.error(given.length > 1 ? machine.text(given[1]) : 'assertion failed!', line)
    }),
    collectgarbage: on('collectgarbage', ([what]) => [what === 'count' ? 41.2 : 0]),
    gcinfo: on('gcinfo', () => [40]),
    error: on('error', ([value, level], line) => {
      const place = typeof value === 'string' && level !== 0
      throw new LuaError(place ? `${machine.chunk}:${line}: ${value}` : value, line)
    }),
    getmetatable: on('getmetatable', ([of]) => [isTable(of) ? of.meta : undefined]),
    setmetatable: on('setmetatable', ([, meta], line, a) => {
      const of = a.table(0)
      if (of.readonly) throw machine.error('Attempt to modify a readonly table', line)
      of.meta = isTable(meta) ? meta : undefined
      return [of]
    }),
    ipairs: on('ipairs', (_, __, a) => [step, a.table(0), 0]),
    pairs: on('pairs', (_, __, a) => [next, a.table(0), undefined]),
    next,
    loadstring: load,
    load,
    pcall: on('pcall', ([callee, ...args], line) => protectedCall(callee, args, line)),
    xpcall: on('xpcall', ([callee, handler], line) => protectedCall(callee, [], line, handler)),
    rawequal: on('rawequal', ([a, b]) => [a === b]),
    rawget: on('rawget', ([, key], _, a) => [a.table(0).get(key)]),
    rawset: on('rawset', ([of, key, value], line) => {
      if (isTable(of) && of.readonly) throw machine.error('Attempt to modify a readonly table', line)
      machine.store(of, key, value, line)
      return [of]
    }),
    select: on('select', ([which, ...rest], line) => {
      if (which === '#') return [rest.length]
      const n = numberOf(which) ?? 0
      if (n === 0) throw machine.error("bad argument #1 to 'select' (index out of range)", line)
      return n < 0 ? rest.slice(n) : rest.slice(n - 1)
    }),
    tonumber: on('tonumber', ([value, radix]) => {
      const by = numberOf(radix) ?? 10
      if (by === 10) return [numberOf(value)]
      const text = String(value).trim().toLowerCase()
      const digits = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, Math.max(2, Math.min(36, by)))
      return [
        text !== '' && text.length < 64 && [...text].every(c => digits.includes(c))
          ? Number.parseInt(text, by)
          : undefined,
      ]
    }),
    tostring: on('tostring', ([value]) => [machine.text(value)]),
    type: on('type', given => {
      if (given.length === 0) throw machine.error("bad argument #1 to 'type' (value expected)", 1)
      return [typeOf(given[0])]
    }),
    unpack: on('unpack', ([, from, to], line, a) => {
      const list = a.table(0)
      const [start, end] = [numberOf(from) ?? 1, numberOf(to) ?? list.list.length]
      if (end - start >= VALUES) throw machine.error('too many results to unpack', line)
      return Array.from({ length: Math.max(0, end - start + 1) }, (_, i) => list.get(start + i))
    }),
  }
}

export function tables(machine: Machine): Table {
  const { budget } = machine
  const on = (name: string, run: (given: Value[], line: number, a: ReturnType<typeof arguments_>) => Value[]): Value =>
    native(name, (given, line) => run(given, line, arguments_(machine, name, given, line)))
  return library({
    concat: on('concat', ([, mark, from, to], line, a) => {
      const list = a.table(0)
      const parts: string[] = []
      const end = numberOf(to) ?? list.list.length
      for (let i = numberOf(from) ?? 1; i <= end; i++) {
        const value = list.get(i)
        budget.step()
        if (typeof value !== 'string' && typeof value !== 'number')
          throw machine.error(`invalid value (${typeOf(value)}) at index ${i} in table for 'concat'`, line)
        parts.push(machine.text(value))
      }
      const made = parts.join(mark === undefined ? '' : machine.text(mark))
      budget.take(made.length)
      return [made]
    }),
    insert: on('insert', (given, line, a) => {
      const list = a.table(0)
      if (given.length < 2) throw machine.error("wrong number of arguments to 'insert'", line)
      if (given.length === 2) machine.store(list, list.list.length + 1, given[1], line)
      else {
        budget.step(list.list.length)
        budget.take(48)
        const at = Math.max(1, Math.min(list.list.length + 1, Math.trunc(a.number(1))))
        if (given[2] !== undefined) list.list.splice(at - 1, 0, given[2])
      }
      return []
    }),
    remove: on('remove', ([, at], _, a) => {
      const { list } = a.table(0)
      if (list.length === 0) return [undefined]
      budget.step(list.length)
      return list.splice((numberOf(at) ?? list.length) - 1, 1)
    }),
    sort: on('sort', ([, order], line, a) => {
      const { list } = a.table(0)
      const less = (x: Value, y: Value): boolean =>
        isFunction(order) ? truthy(machine.call(order, [x, y], line)[0]) : machine.less(x, y, line)
      list.sort((x, y) => {
        budget.step()
        return less(x, y) ? -1 : less(y, x) ? 1 : 0
      })
      return []
    }),
    getn: on('getn', (_, __, a) => [a.table(0).list.length]),
    maxn: on('maxn', (_, __, a) => {
      const of = a.table(0)
      return [
        Math.max(of.list.length, 0, ...[...of.fields.keys()].slice(0, VALUES).filter(key => typeof key === 'number')),
      ]
    }),
  })
}

/** The state of the server's generator (rand.c), which goes on from script to script. */
export type Generator = { state: bigint }

export function maths(machine: Machine, generator: Generator): Table {
  const on = (name: string, run: (n: number, a: ReturnType<typeof arguments_>, given: Value[]) => Value[]): Value =>
    native(name, (given, line) => {
      const a = arguments_(machine, name, given, line)
      return run(given.length === 0 ? Number.NaN : a.number(0), a, given)
    })
  const draw = (): number => {
    generator.state = (generator.state * 0x5deece66dn + 0xbn) & 0xffff_ffff_ffffn
    return Number(generator.state >> 17n) / 2 ** 31
  }
  const whole = (
    name:
      | 'abs'
      | 'acos'
      | 'asin'
      | 'atan'
      | 'ceil'
      | 'cos'
      | 'cosh'
      | 'exp'
      | 'floor'
      | 'log'
      | 'log10'
      | 'sin'
      | 'sinh'
      | 'sqrt'
      | 'tan'
      | 'tanh',
  ): [string, Value] => [name, on(name, n => [Math[name](n)])]
  return library({
    ...Object.fromEntries(
      (
        [
          'abs',
          'acos',
          'asin',
          'atan',
          'ceil',
          'cos',
          'cosh',
          'exp',
          'floor',
          'log',
          'log10',
          'sin',
          'sinh',
          'sqrt',
          'tan',
          'tanh',
        ] as const
      ).map(whole),
    ),
    pi: Math.PI,
    huge: Number.POSITIVE_INFINITY,
    atan2: on('atan2', (n, a) => [Math.atan2(n, a.number(1))]),
    pow: on('pow', (n, a) => [n ** a.number(1)]),
    fmod: on('fmod', (n, a) => [n % a.number(1)]),
    mod: on('mod', (n, a) => [n % a.number(1)]),
    modf: on('modf', n => [Math.trunc(n), n - Math.trunc(n)]),
    deg: on('deg', n => [(n * 180) / Math.PI]),
    rad: on('rad', n => [(n * Math.PI) / 180]),
    max: on('max', (_, a, given) => [given.map((__, i) => a.number(i)).reduce((x, y) => (x > y ? x : y))]),
    min: on('min', (_, a, given) => [given.map((__, i) => a.number(i)).reduce((x, y) => (x < y ? x : y))]),
    random: on('random', (n, a, given) => {
      const r = draw()
      if (given.length === 0) return [r]
      const [low, high] = given.length === 1 ? [1, n] : [n, a.number(1)]
      return [Math.floor(r * (high - low + 1)) + low]
    }),
    randomseed: on('randomseed', n => {
      generator.state = ((BigInt(Math.trunc(n) || 0) << 16n) + 0x330en) & 0xffff_ffff_ffffn
      return []
    }),
  })
}
