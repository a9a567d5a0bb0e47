import { errorText } from '../../../errors.ts'
import { type Process, SystemError } from '../../../system.ts'
import { attached } from '../../network/relay.ts'
import { named } from './builtins.ts'
import { connectedOf } from './network.ts'
import {
  type Arguments,
  asText,
  Bytes,
  type Callable,
  Exit,
  itemsOf,
  List,
  mostBytes,
  Raised,
  repr,
  Thing,
  Tuple,
  truth,
  type Value,
} from './values.ts'

type Made = { status: number; output: Buffer }

/** Runs a program or a shell line; with `capture` its output comes back. */
const run = async (process: Process, argv: string[], capture: boolean): Promise<Made> => {
  const parts: Buffer[] = []
  let size = 0
  const stdout = {
    async write(data: Buffer | string) {
      const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data
      size += bytes.length
      if (size <= mostBytes) parts.push(bytes)
    },
  }
  try {
    const line = connectedOf(process)
    if (line && !capture)
      return { status: await attached(process, line.address, argv, { write: line.take }), output: Buffer.alloc(0) }
    const status = await process.run(argv, capture ? { stdout, cwd: process.cwd } : { cwd: process.cwd })
    return { status, output: Buffer.concat(parts) }
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Raised(
      error.errno === 'ENOENT' ? 'FileNotFoundError' : 'PermissionError',
      `[Errno ${error.errno === 'ENOENT' ? 2 : 13}] ${errorText(error)}: ${repr(argv[0] ?? '')}`,
    )
  }
}

const argvOf = ({ args: [what = ''], named: given }: Arguments): string[] => {
  if (what instanceof List || what instanceof Tuple) return what.items.map(asText)
  return truth(given.get('shell') ?? false) ? ['/bin/sh', '-c', asText(what)] : [asText(what)]
}

/** Modules that start programs: os.system and the like stand in `os` itself by name. */
export const processModules = (process: Process): Record<string, () => readonly (readonly [string, Value])[]> => ({
  subprocess: () => [
    ['PIPE', -1],
    ['STDOUT', -2],
    ['DEVNULL', -3],
    ...named({
      call: async given => (await run(process, argvOf(given), false)).status,
      check_call: async given => (await run(process, argvOf(given), false)).status,
      getoutput: async ({ args: [line = ''] }) =>
        (await run(process, ['/bin/sh', '-c', asText(line)], true)).output.toString('utf8').replace(/\n$/, ''),
      check_output: async given => textOr(given, (await run(process, argvOf(given), true)).output),
      run: async given => {
        const captures = truth(given.named.get('capture_output') ?? false) || given.named.get('stdout') === -1
        const made = await run(process, argvOf(given), captures)
        return new Thing('subprocess.CompletedProcess', [
          ['returncode', made.status],
          ['stdout', captures ? textOr(given, made.output) : null],
          ['stderr', captures ? textOr(given, Buffer.alloc(0)) : null],
        ])
      },
      Popen: async given => {
        const captures = given.named.get('stdout') === -1
        const made = await run(process, argvOf(given), captures)
        const output = textOr(given, made.output)
        return new Thing('subprocess.Popen', [
          ['returncode', made.status],
          ['pid', process.pid + 1],
          ['stdout', new Thing('_io.BufferedReader', named({ read: () => output }))],
          ...named({
            communicate: () => new Tuple([captures ? output : null, null]),
            wait: () => made.status,
            poll: () => made.status,
            kill: () => null,
          }),
        ])
      },
    }),
  ],
  pty: () =>
    named({
      spawn: async ({ args: [what = ''] }) => {
        const argv = what instanceof List || what instanceof Tuple ? itemsOf(what).map(asText) : [asText(what)]
        return ((await run(process, argv, false)).status & 0xff) << 8
      },
    }),
})

const textOr = (given: Arguments, output: Buffer): Value =>
  truth(given.named.get('text') ?? given.named.get('universal_newlines') ?? given.named.get('encoding') ?? false)
    ? output.toString('utf8')
    : new Bytes(output)

/** What of `os` starts programs. */
export const startersOf = (process: Process): [string, Callable][] =>
  named({
    system: async ({ args: [line = ''] }) =>
      ((await run(process, ['/bin/sh', '-c', asText(line)], false)).status & 0xff) << 8,
    popen: async ({ args: [line = ''] }) => {
      const { output } = await run(process, ['/bin/sh', '-c', asText(line)], true)
      const text = output.toString('utf8')
      const lines = new List(text.match(/[^\n]*\n|[^\n]+$/g) ?? [])
      return new Thing('os._wrap_close', [
        ['__items__', lines],
        ...named({ read: () => text, readlines: () => lines, readline: () => lines.items[0] ?? '', close: () => null }),
      ])
    },
    ...Object.fromEntries(
      ['execv', 'execvp', 'execve', 'execvpe'].map(name => [
        name,
        async ({ args: [path = '', words = null] }: Arguments) => {
          throw new Exit((await run(process, [asText(path), ...itemsOf(words).map(asText).slice(1)], false)).status)
        },
      ]),
    ),
    ...Object.fromEntries(
      ['execl', 'execlp'].map(name => [
        name,
        async ({ args: [path = '', , ...words] }: Arguments) => {
          throw new Exit((await run(process, [asText(path), ...words.map(asText)], false)).status)
        },
      ]),
    ),
  }) as [string, Callable][]
