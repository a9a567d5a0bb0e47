import { createHash } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { accounts } from '../../../accounts.ts'
import { saysOf } from '../../../release.ts'
import type { Process } from '../../../system.ts'
import { pythonVersion, upstreamVersion } from '../../package-version.ts'
import { absolute, statOf } from '../../paths.ts'
import { named, raised } from './builtins.ts'
import { recode } from './methods.ts'
import { networkModules } from './network.ts'
import { osModule, pathModule } from './os.ts'
import { processModules } from './processes.ts'
import {
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
  mostBytes,
  Raised,
  repr,
  Thing,
  Tuple,
  truth,
  Unknown,
  type Value,
} from './values.ts'

const moduleOf = (entries: readonly (readonly [string, Value])[]): Thing => new Thing('module', entries)
const data = (value: Value | undefined): Buffer =>
  value instanceof Bytes ? value.data : Buffer.from(asText(value), 'latin1')

/** Modules of the standard library whose names import without a word, and of which nothing is known here. */
const known = new Set(
  'abc argparse array ast asyncio atexit binascii bz2 calendar cgi cmd code collections configparser contextlib copy csv ctypes dataclasses datetime decimal difflib dis email enum errno fcntl filecmp fileinput fnmatch ftplib functools gc getopt getpass gettext glob gzip heapq hmac html http imaplib importlib inspect io ipaddress itertools keyword locale logging lzma marshal math mimetypes mmap multiprocessing netrc numbers operator optparse pathlib pickle pkgutil plistlib poplib pprint pwd grp queue readline re resource sched secrets select selectors shelve shlex signal smtplib socketserver sqlite3 ssl stat statistics string stringprep struct sysconfig syslog tarfile telnetlib tempfile termios textwrap threading timeit token tokenize traceback tty types typing unicodedata unittest uuid venv warnings wave weakref webbrowser xml xmlrpc zipfile zipimport zlib'.split(
    ' ',
  ),
)

/** The modules of one run, each made when it is imported. */
export const finderOf = (process: Process, argv: readonly string[]): ((name: string) => Thing | undefined) => {
  const made = new Map<string, Thing>()
  const makers = new Map<string, () => readonly (readonly [string, Value])[]>([
    ...Object.entries(systemModules(process, argv)),
    ...Object.entries(dataModules(process)),
    ...Object.entries(processModules(process)),
    ...Object.entries(networkModules(process)),
  ])
  return name => {
    const found = made.get(name)
    if (found) return found
    const maker = makers.get(name)
    if (!maker && !known.has(name.split('.')[0]!) && name !== 'urllib' && name !== 'os.path') return undefined
    const module = moduleOf(maker?.() ?? [])
    made.set(name, module)
    return module
  }
}

type Makers = Record<string, () => readonly (readonly [string, Value])[]>

const systemModules = (process: Process, argv: readonly string[]): Makers => {
  const { persona } = process.host
  const stream = (name: string, write: (bytes: Buffer) => Promise<void>): Thing =>
    new Thing('_io.TextIOWrapper', [
      ['name', `<${name}>`],
      ...named({
        write: async ({ args: [value = ''] }) => {
          await write(value instanceof Bytes ? value.data : bytesOf(asText(value)))
          return null
        },
        flush: () => null,
        isatty: () => false,
        fileno: () => ({ stdin: 0, stdout: 1, stderr: 2 })[name] ?? 3,
        read: async () => {
          const parts: Buffer[] = []
          for (let part = await process.stdin.read(); part !== undefined; part = await process.stdin.read()) {
            parts.push(part)
            if (parts.reduce((sum, one) => sum + one.length, 0) > mostBytes) break
          }
          return Buffer.concat(parts).toString('utf8')
        },
      }),
    ])
  const version = pythonVersion(process)
  const says = saysOf(persona)
  const python = `python${version.replace(/\.\d+$/, '')}`
  return {
    sys: () => [
      ['argv', new List([...argv])],
      ['version', `${version} (${says.python}) [GCC ${says.gcc}]`],
      ['version_info', new Tuple([...version.split('.').map(Number), 'final', 0])],
      ['platform', 'linux'],
      ['executable', '/usr/bin/python3'],
      ['prefix', '/usr'],
      ['byteorder', 'little'],
      ['maxsize', 2 ** 63],
      [
        'path',
        new List([
          '',
          `/usr/lib/${python.replace('.', '')}.zip`,
          `/usr/lib/${python}`,
          `/usr/lib/${python}/lib-dynload`,
          `/usr/local/lib/${python}/dist-packages`,
          '/usr/lib/python3/dist-packages',
        ]),
      ],
      ['modules', new Dict()],
      ['stdout', stream('stdout', bytes => process.stdout.write(bytes))],
      ['stderr', stream('stderr', bytes => process.stderr.write(bytes))],
      ['stdin', stream('stdin', async () => {})],
      ...named({
        exit: ({ args: [status] }) => {
          throw new Exit(status === undefined || status === null ? 0 : typeof status === 'number' ? status : 1)
        },
        getrecursionlimit: () => 1000,
        getdefaultencoding: () => 'utf-8',
      }),
    ],
    platform: () =>
      named({
        system: () => 'Linux',
        machine: () => persona.os.arch,
        node: () => persona.hostname,
        release: () => persona.os.kernel,
        version: () => persona.os.kernelVersion,
        processor: () => '',
        architecture: () => new Tuple(['64bit', 'ELF']),
        python_version: () => version,
        platform: () => `Linux-${persona.os.kernel}-${persona.os.arch}-with-glibc${upstreamVersion(process, 'libc6')}`,
      }),
    time: () =>
      named({
        sleep: async ({ args: [seconds = 0] }) => {
          await process.sleep(Math.max(0, asNumber(seconds)))
          return null
        },
        time: () => new Float(process.now() / 1000),
        ctime: () => new Date(process.now()).toUTCString(),
      }),
    getpass: () =>
      named({ getuser: () => accounts(process.fs).find(({ uid }) => uid === process.who.uid)?.name ?? 'root' }),
    random: () => {
      const unit = () => process.random(4).readUInt32LE(0) / 2 ** 32
      return named({
        random: () => unit(),
        randint: ({ args: [from = 0, to = 1] }) =>
          asNumber(from) + Math.floor(unit() * (asNumber(to) - asNumber(from) + 1)),
        choice: ({ args: [list = null] }) => itemsOf(list)[Math.floor(unit() * itemsOf(list).length)] ?? null,
        seed: () => null,
      })
    },
    os: () => osModule(process),
    'os.path': () => pathModule(process),
    shutil: () =>
      named({
        which: ({ args: [name = ''] }) => whichOf(process, asText(name)),
        copy: ({ args: [from, to] }) => copyFile(process, asText(from), asText(to)),
        copyfile: ({ args: [from, to] }) => copyFile(process, asText(from), asText(to)),
        copyfileobj: async ({ args: [from, to] }) => {
          const [read, write] = [from, to].map((one, at) =>
            one instanceof Thing ? one.attributes.get(at === 0 ? 'read' : 'write') : undefined,
          )
          if (!(read instanceof Callable && write instanceof Callable)) throw new Unknown()
          return write.run({ args: [await read.run({ args: [], named: new Map() })], named: new Map() })
        },
      }),
  }
}

const whichOf = (process: Process, name: string): Value => {
  const folders = (process.env.get('PATH') ?? '').split(':').slice(0, 32)
  const found = folders.find(folder => statOf(process, `${folder}/${name}`)?.type === 'file')
  return found === undefined ? null : `${found}/${name}`
}

const copyFile = (process: Process, from: string, to: string): Value => {
  try {
    process.fs.writeFile(
      absolute(process, to),
      process.fs.readFile(absolute(process, from), process.who),
      process.who,
      { mode: 0o666 & ~process.umask },
    )
  } catch (error) {
    throw raised(error, from)
  }
  return to
}

const dataModules = (process: Process): Makers => {
  const digest = (kind: string) =>
    named({
      [kind]: ({ args: [first] }) => {
        const parts: Buffer[] = first === undefined ? [] : [data(first)]
        const sum = () => createHash(kind).update(Buffer.concat(parts)).digest()
        return new Thing(
          '_hashlib.HASH',
          named({
            hexdigest: () => sum().toString('hex'),
            digest: () => new Bytes(sum()),
            update: ({ args: [more] }) => {
              parts.push(data(more))
              return null
            },
          }),
        )
      },
    })
  return {
    base64: () =>
      named({
        b64decode: ({ args: [value] }) => {
          const text = asText(value).replace(/[^A-Za-z0-9+/=]/g, '')
          if (text.length % 4 !== 0) throw new Raised('binascii.Error', 'Incorrect padding')
          return new Bytes(Buffer.from(text, 'base64'))
        },
        b64encode: ({ args: [value] }) => new Bytes(Buffer.from(data(value).toString('base64'))),
        decodebytes: ({ args: [value] }) => new Bytes(Buffer.from(asText(value), 'base64')),
        urlsafe_b64decode: ({ args: [value] }) => new Bytes(Buffer.from(asText(value), 'base64url')),
        b16decode: ({ args: [value] }) => new Bytes(Buffer.from(asText(value), 'hex')),
        standard_b64decode: ({ args: [value] }) => new Bytes(Buffer.from(asText(value), 'base64')),
      }),
    binascii: () =>
      named({
        unhexlify: ({ args: [value] }) => new Bytes(Buffer.from(asText(value), 'hex')),
        hexlify: ({ args: [value] }) => new Bytes(Buffer.from(data(value).toString('hex'))),
      }),
    codecs: () =>
      named({
        decode: ({ args: [value = '', name] }) => recode(value, asText(name ?? 'utf-8'), 'decode'),
        encode: ({ args: [value = '', name] }) => recode(value, asText(name ?? 'utf-8'), 'encode'),
      }),
    zlib: () =>
      named({
        decompress: ({ args: [value] }) => {
          try {
            return new Bytes(inflateSync(data(value), { maxOutputLength: mostBytes }))
          } catch {
            throw new Raised('zlib.error', 'Error -3 while decompressing data: incorrect header check')
          }
        },
      }),
    hashlib: () => ['md5', 'sha1', 'sha256', 'sha512'].flatMap(digest),
    json: () =>
      named({
        dumps: ({ args: [value = null] }) => jsonText(value),
        loads: ({ args: [value] }) => {
          try {
            return fromJson(JSON.parse(asText(value)))
          } catch {
            throw new Raised('json.decoder.JSONDecodeError', 'Expecting value: line 1 column 1 (char 0)')
          }
        },
      }),
    math: () => [
      ['pi', Math.PI],
      ...named({
        sqrt: ({ args: [value = 0] }) => new Float(Math.sqrt(asNumber(value))),
        floor: ({ args: [value = 0] }) => Math.floor(asNumber(value)),
        ceil: ({ args: [value = 0] }) => Math.ceil(asNumber(value)),
      }),
    ],
    string: () => [
      ['ascii_lowercase', 'abcdefghijklmnopqrstuvwxyz'],
      ['ascii_letters', 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'],
      ['digits', '0123456789'],
    ],
    crypt: () =>
      named({
        crypt: ({ args: [word, salt = '$6$'] }) =>
          `$6$${asText(salt).split('$')[2] ?? 'x'}$${createHash('sha512')
            .update(asText(word) + process.host.persona.machineId)
            .digest('base64')
            .replace(/[+=]/g, '.')
            .slice(0, 86)}`,
      }),
  }
}

const jsonText = (value: Value): string => {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof List || value instanceof Tuple) return `[${value.items.map(jsonText).join(', ')}]`
  if (value instanceof Dict)
    return `{${[...value.entries.values()].map(([key, one]) => `${JSON.stringify(display(key))}: ${jsonText(one)}`).join(', ')}}`
  return truth(value) || typeof value === 'number' ? display(value) : repr(value)
}

const fromJson = (value: unknown, depth = 0): Value => {
  if (depth > 50) throw new Raised('RecursionError', 'maximum recursion depth exceeded')
  if (Array.isArray(value)) return new List(value.map(one => fromJson(one, depth + 1)))
  if (value !== null && typeof value === 'object') {
    const dict = new Dict()
    for (const [key, one] of Object.entries(value)) dict.set(key, fromJson(one, depth + 1))
    return dict
  }
  return value as number | string | boolean | null
}
