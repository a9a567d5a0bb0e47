import { errorText } from '../../../errors.ts'
import type { Process } from '../../../system.ts'
import { SystemError } from '../../../system.ts'
import { absolute } from '../../paths.ts'
import { compare } from './methods.ts'
import {
  type Arguments,
  asNumber,
  asText,
  Bytes,
  bytesOf,
  Callable,
  Dict,
  display,
  Exit,
  Float,
  itemsOf,
  List,
  mostItems,
  Raised,
  repr,
  Thing,
  Tuple,
  truth,
  typeName,
  Unknown,
  type Value,
} from './values.ts'

type Run = (given: Arguments) => Promise<Value> | Value
export const named = (entries: Readonly<Record<string, Run>>): [string, Value][] =>
  Object.entries(entries).map(([name, run]) => [name, new Callable(name, run)])

const exceptions =
  'Exception BaseException ValueError TypeError KeyError IndexError OSError IOError RuntimeError ImportError ModuleNotFoundError AttributeError NameError ZeroDivisionError FileNotFoundError PermissionError ConnectionError ConnectionRefusedError TimeoutError KeyboardInterrupt SystemExit StopIteration NotImplementedError UnicodeDecodeError AssertionError'.split(
    ' ',
  )

const numbers: Readonly<Record<string, number>> = {
  ENOENT: 2,
  EACCES: 13,
  EISDIR: 21,
  ENOTDIR: 20,
  EEXIST: 17,
  EROFS: 30,
}
const types: Readonly<Record<string, string>> = {
  ENOENT: 'FileNotFoundError',
  EACCES: 'PermissionError',
  EISDIR: 'IsADirectoryError',
  ENOTDIR: 'NotADirectoryError',
  EEXIST: 'FileExistsError',
}

/** A refusal of the file system as Python raises it. */
export const raised = (error: unknown, path: string): Raised => {
  if (!(error instanceof SystemError)) throw error
  return new Raised(
    types[error.errno] ?? 'OSError',
    `[Errno ${numbers[error.errno] ?? 5}] ${errorText(error)}: ${repr(path)}`,
  )
}

/** open() of the pretended disk. */
export const openFile = (process: Process, path: string, mode: string): Thing => {
  const place = absolute(process, path)
  const binary = mode.includes('b')
  const wrap = (data: Buffer): Value => (binary ? new Bytes(data) : data.toString('utf8'))
  let data = Buffer.alloc(0)
  let at = 0
  try {
    if (/[wx]/.test(mode))
      process.fs.writeFile(place, Buffer.alloc(0), process.who, {
        mode: 0o666 & ~process.umask,
        ...(mode.includes('x') ? { exclusive: true } : {}),
      })
    else if (mode.includes('a'))
      process.fs.writeFile(place, Buffer.alloc(0), process.who, { append: true, mode: 0o666 & ~process.umask })
    else data = Buffer.from(process.fs.readFile(place, process.who, { max: 4 << 20 }))
  } catch (error) {
    throw raised(error, path)
  }
  process.step(1 + (data.length >> 10))
  const lines = (): Value[] =>
    (data.toString('utf8', at).match(/[^\n]*\n|[^\n]+$/g) ?? [])
      .slice(0, mostItems)
      .map(line => (binary ? new Bytes(Buffer.from(line)) : line))
  const file = new Thing('_io.TextIOWrapper', [['name', path]])
  for (const [name, value] of named({
    read({ args }) {
      const end =
        args[0] === undefined || args[0] === null
          ? data.length
          : Math.min(data.length, at + Math.max(0, asNumber(args[0])))
      const piece = data.subarray(at, end)
      at = end
      return wrap(piece)
    },
    readline() {
      const end = data.indexOf(10, at)
      const piece = data.subarray(at, end < 0 ? data.length : end + 1)
      at += piece.length
      return wrap(piece)
    },
    readlines: () => new List(lines()),
    write({ args: [value = ''] }) {
      const bytes = value instanceof Bytes ? value.data : bytesOf(asText(value))
      try {
        process.fs.writeFile(place, bytes, process.who, { append: true })
      } catch (error) {
        throw raised(error, path)
      }
      return bytes.length
    },
    close: () => null,
    flush: () => null,
    fileno: () => 3,
  }))
    file.attributes.set(name, value)
  file.attributes.set('__items__', new List(lines()))
  return file
}

/** The functions that are there without an import. `execute` runs source, for exec and eval. */
export const builtinsOf = (
  process: Process,
  execute: (source: string, expression: boolean) => Promise<Value>,
): Map<string, Value> => {
  const whole = (value: Value, base: Value | undefined): number => {
    if (typeof value === 'string' || value instanceof Bytes) {
      const text = asText(value).trim().replaceAll('_', '')
      const radix = base === undefined ? 10 : asNumber(base)
      const number =
        radix === 10
          ? /^[-+]?\d+$/.test(text)
            ? Number(text)
            : Number.NaN
          : Number.parseInt(text.replace(/^0[xob]/i, ''), radix || 16)
      if (Number.isNaN(number))
        throw new Raised('ValueError', `invalid literal for int() with base ${radix}: ${repr(value)}`)
      return number
    }
    return Math.trunc(asNumber(value))
  }
  const entries = named({
    async print({ args, named: given }) {
      const between = given.get('sep') ?? ' '
      const end = given.get('end') ?? '\n'
      const text = args.map(display).join(asText(between)) + asText(end)
      const to = given.get('file')
      const out = to instanceof Thing && to.attributes.get('name') === '<stderr>' ? process.stderr : process.stdout
      if (to instanceof Thing && to.attributes.get('name') !== '<stderr>' && to.attributes.get('name') !== '<stdout>') {
        const write = to.attributes.get('write')
        if (write instanceof Callable) await write.run({ args: [text], named: new Map() })
      } else await out.write(bytesOf(text))
      return null
    },
    len: ({ args: [value = null] }) => {
      if (typeof value === 'string') return value.length
      if (value instanceof Bytes) return value.data.length
      if (value instanceof Dict) return value.entries.size
      if (value instanceof List || value instanceof Tuple) return value.items.length
      throw new Raised('TypeError', `object of type '${typeName(value)}' has no len()`)
    },
    range: ({ args }) => {
      const [a = 0, b, step = 1] = args.map(asNumber)
      const [from, to] = b === undefined ? [0, a] : [a, b]
      const items: number[] = []
      if (step === 0) throw new Raised('ValueError', 'range() arg 3 must not be zero')
      for (let at = from; step > 0 ? at < to : at > to; at += step) {
        if (items.length >= mostItems) throw new Unknown()
        items.push(at)
      }
      return new List(items)
    },
    str: ({ args: [value = '', codec] }) =>
      value instanceof Bytes && codec !== undefined ? value.data.toString('utf8') : display(value),
    repr: ({ args: [value = null] }) => repr(value),
    int: ({ args: [value = 0, base] }) => whole(value, base),
    float: ({ args: [value = 0] }) => new Float(typeof value === 'string' ? Number(value) : asNumber(value)),
    bool: ({ args: [value = false] }) => truth(value),
    bytes: ({ args: [value = ''] }) => {
      if (value instanceof List) return new Bytes(Buffer.from(value.items.map(asNumber)))
      if (typeof value === 'number') return new Bytes(Buffer.alloc(Math.min(value, 1 << 20)))
      return new Bytes(Buffer.from(asText(value), 'utf8'))
    },
    list: ({ args: [value] }) => new List(value === undefined ? [] : [...itemsOf(value)]),
    tuple: ({ args: [value] }) => new Tuple(value === undefined ? [] : [...itemsOf(value)]),
    set: ({ args: [value] }) =>
      new List(value === undefined ? [] : [...new Map(itemsOf(value).map(one => [repr(one), one])).values()], 'set'),
    dict: ({ named: given }) => {
      const dict = new Dict()
      for (const [key, value] of given) dict.set(key, value)
      return dict
    },
    sorted: ({ args: [value = null], named: given }) => {
      const items = [...itemsOf(value)].sort(compare)
      return new List(truth(given.get('reverse') ?? false) ? items.reverse() : items)
    },
    reversed: ({ args: [value = null] }) => new List([...itemsOf(value)].reverse()),
    enumerate: ({ args: [value = null, start = 0] }) =>
      new List(itemsOf(value).map((one, at) => new Tuple([at + asNumber(start), one]))),
    zip: ({ args }) => {
      const lists = args.map(itemsOf)
      const size = Math.min(...lists.map(list => list.length), mostItems)
      return new List(
        Array.from({ length: lists.length === 0 ? 0 : size }, (_, at) => new Tuple(lists.map(list => list[at]!))),
      )
    },
    async map({ args: [run, ...rest] }) {
      if (!(run instanceof Callable)) throw new Unknown()
      const made: Value[] = []
      for (const one of itemsOf(rest[0] ?? null)) made.push(await run.run({ args: [one], named: new Map() }))
      return new List(made)
    },
    async filter({ args: [run = null, list = null] }) {
      const made: Value[] = []
      for (const one of itemsOf(list))
        if (truth(run instanceof Callable ? await run.run({ args: [one], named: new Map() }) : one)) made.push(one)
      return new List(made)
    },
    sum: ({ args: [value = null] }) => itemsOf(value).reduce<number>((sum, one) => sum + asNumber(one), 0),
    min: ({ args }) => [...(args.length === 1 ? itemsOf(args[0]!) : args)].sort(compare)[0] ?? null,
    max: ({ args }) => [...(args.length === 1 ? itemsOf(args[0]!) : args)].sort(compare).at(-1) ?? null,
    abs: ({ args: [value = 0] }) => Math.abs(asNumber(value)),
    round: ({ args: [value = 0, digits] }) =>
      digits === undefined
        ? Math.round(asNumber(value))
        : Number(asNumber(value).toFixed(Math.min(20, Math.max(0, asNumber(digits))))),
    pow: ({ args: [a = 0, b = 0] }) => asNumber(a) ** asNumber(b),
    any: ({ args: [value = null] }) => itemsOf(value).some(truth),
    all: ({ args: [value = null] }) => itemsOf(value).every(truth),
    chr: ({ args: [value = 0] }) => String.fromCodePoint(Math.max(0, Math.min(0x10ffff, asNumber(value)))),
    ord: ({ args: [value = ''] }) => asText(value).codePointAt(0) ?? 0,
    hex: ({ args: [value = 0] }) => `0x${asNumber(value).toString(16)}`,
    bin: ({ args: [value = 0] }) => `0b${asNumber(value).toString(2)}`,
    oct: ({ args: [value = 0] }) => `0o${asNumber(value).toString(8)}`,
    type: ({ args: [value = null] }) =>
      new Thing('type', [
        ['__text__', `<class '${typeName(value)}'>`],
        ['__name__', typeName(value)],
      ]),
    isinstance: ({ args: [value = null, type] }) => type instanceof Callable && type.name === typeName(value),
    async input({ args: [prompt = ''] }) {
      await process.stdout.write(bytesOf(display(prompt)))
      const data = await process.stdin.read()
      if (data === undefined) throw new Raised('EOFError', 'EOF when reading a line')
      return data.toString('utf8').replace(/\n[\s\S]*$/, '')
    },
    open: ({ args: [path = '', mode], named: given }) =>
      openFile(process, asText(path), asText(mode ?? given.get('mode') ?? 'r')),
    exec: async ({ args: [source = ''] }) => {
      await execute(asText(source), false)
      return null
    },
    eval: ({ args: [source = ''] }) => execute(asText(source), true),
    compile: ({ args: [source = ''] }) => source,
    exit: ({ args: [status] }) => {
      throw new Exit(status === undefined || status === null ? 0 : typeof status === 'number' ? status : 1)
    },
    quit: () => {
      throw new Exit(0)
    },
    globals: () => new Dict(),
    locals: () => new Dict(),
    hasattr: ({ args: [of, name] }) => of instanceof Thing && of.attributes.has(asText(name)),
    getattr: ({ args: [of, name, usual] }) => {
      const found = of instanceof Thing ? of.attributes.get(asText(name)) : undefined
      if (found === undefined && usual === undefined) throw new Unknown()
      return found ?? usual!
    },
  })
  const map = new Map<string, Value>(entries)
  for (const name of exceptions)
    map.set(name, new Callable(name, ({ args: [message = ''] }) => new Thing(name, [['message', message]])))
  map.set('__name__', '__main__')
  return map
}
