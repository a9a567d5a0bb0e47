import { answer } from '../../../internet/answer.ts'
import { replyTo, unfinished } from '../../../internet/peer.ts'
import { lookup, reach } from '../../../internet/reach.ts'
import { partsOf } from '../../../internet/url.ts'
import type { Process } from '../../../system.ts'
import { listen } from '../../network/relay.ts'
import { absolute } from '../../paths.ts'
import { named } from './builtins.ts'
import { asNumber, asText, Bytes, Dict, itemsOf, Raised, Thing, Tuple, type Value } from './values.ts'

type Line = { address: string; take(data: Buffer | string): Promise<void> }
/** The connection that a script made last: what it starts then speaks through it. */
const connected = new WeakMap<Process, Line>()
export const connectedOf = (process: Process): Line | undefined => connected.get(process)

const mostSent = 64 << 10
const failures = {
  ECONNREFUSED: ['ConnectionRefusedError', '[Errno 111] Connection refused'],
  ETIMEDOUT: ['TimeoutError', '[Errno 110] Connection timed out'],
  EHOSTUNREACH: ['OSError', '[Errno 113] No route to host'],
  ENETUNREACH: ['OSError', '[Errno 101] Network is unreachable'],
} as const

/** Connects, or raises what Python raises. */
const dial = async (process: Process, host: string, port: number, patience: number): Promise<string> => {
  const addresses = lookup(process, host, 4)
  if (!addresses) {
    await process.sleep(0.05)
    throw new Raised('socket.gaierror', '[Errno -2] Name or service not known')
  }
  const made = reach(process, addresses[0]!, port)
  if (patience > 0 && made.seconds > patience) {
    await process.sleep(patience)
    throw new Raised('TimeoutError', 'timed out')
  }
  await process.sleep(made.seconds)
  if (made.refused) {
    const [type, message] = failures[made.refused]
    throw new Raised(type, message)
  }
  return addresses[0]!
}

const socketOf = (process: Process): Thing => {
  let place: { host: string; port: number; address: string } | undefined
  let port = 0
  let patience = 0
  let sent: Buffer = Buffer.alloc(0)
  let told = false
  let answered = false
  const tell = (): void => {
    if (place && !told)
      process.host.witness.connection({
        host: place.host,
        port: place.port,
        tool: 'python3',
        ...(sent.length > 0 ? { sent } : {}),
      })
    told = true
  }
  const take = async (data: Buffer | string): Promise<void> => {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data
    if (sent.length < mostSent) sent = Buffer.concat([sent, bytes]).subarray(0, mostSent)
  }
  const connect = async (to: Value | undefined): Promise<null> => {
    if (!(to instanceof Tuple)) throw new Raised('TypeError', 'getsockaddrarg: AF_INET address must be tuple, not str')
    const host = asText(to.items[0])
    const number = asNumber(to.items[1] ?? 0)
    place = { host, port: number, address: '' }
    process.host.witness.connection({ host, port: number, tool: 'python3' })
    place.address = await dial(process, host, number, patience)
    connected.set(process, { address: place.address, take })
    return null
  }
  const nothing = () => null
  return new Thing(
    'socket',
    named({
      connect: ({ args: [to] }) => connect(to),
      connect_ex: async ({ args: [to] }) => {
        try {
          await connect(to)
          return 0
        } catch (error) {
          if (error instanceof Raised) return Number(/Errno (\d+)/.exec(error.message)?.[1] ?? 11)
          throw error
        }
      },
      send: async ({ args: [data] }) => {
        const bytes = data instanceof Bytes ? data.data : Buffer.from(asText(data), 'latin1')
        await take(bytes)
        return bytes.length
      },
      sendall: async ({ args: [data] }) => {
        await take(data instanceof Bytes ? data.data : Buffer.from(asText(data), 'latin1'))
        return null
      },
      sendto: async ({ args }) => {
        const to = args.at(-1)
        const bytes = args[0] instanceof Bytes ? args[0].data : Buffer.from(asText(args[0]), 'latin1')
        if (to instanceof Tuple)
          process.host.witness.connection({
            host: asText(to.items[0]),
            port: asNumber(to.items[1] ?? 0),
            tool: 'python3',
            sent: bytes,
          })
        return bytes.length
      },
      recv: async () => {
        const text = sent.toString('latin1')
        const reply =
          place && !answered && !unfinished(text)
            ? replyTo(process, place.host, place.port, place.address, text)
            : undefined
        answered = true
        await process.sleep(reply ? 0.1 : 5)
        return new Bytes(reply ?? Buffer.alloc(0))
      },
      close: () => {
        if (sent.length > 0) tell()
        connected.delete(process)
        return null
      },
      shutdown: nothing,
      setsockopt: nothing,
      setblocking: nothing,
      settimeout: ({ args: [seconds = null] }) => {
        patience = seconds === null ? 0 : asNumber(seconds)
        return null
      },
      fileno: () => 3,
      bind: ({ args: [to] }) => {
        if (to instanceof Tuple) port = asNumber(to.items[1] ?? 0)
        return null
      },
      listen: nothing,
      accept: async () => {
        await listen(process, port)
        throw new Raised('TimeoutError', 'timed out')
      },
      getsockname: () => new Tuple(['0.0.0.0', port]),
    }),
  )
}

/** urlopen() and urlretrieve(): the URL is told, and answered by the network that is not there. */
const open = async (
  process: Process,
  given: Value | undefined,
  path?: string,
): Promise<{ body: Buffer; status: number; url: string }> => {
  const url = given instanceof Thing ? asText(given.attributes.get('full_url')) : asText(given)
  const parts = partsOf(url)
  if (!parts) throw new Raised('ValueError', `unknown url type: '${url}'`)
  process.host.witness.download({
    url,
    tool: 'python3',
    argv: process.argv,
    ...(path === undefined ? {} : { path: absolute(process, path) }),
  })
  let address: string
  try {
    address = await dial(process, parts.host, parts.port, 0)
  } catch (error) {
    if (error instanceof Raised) throw new Raised('urllib.error.URLError', `<urlopen error ${error.message}>`)
    throw error
  }
  const got = answer(process, parts, url, address)
  if ('banner' in got) throw new Raised('http.client.BadStatusLine', got.banner.trim())
  await process.sleep(Math.min(got.seconds, 5))
  if (got.status >= 400) throw new Raised('urllib.error.HTTPError', `HTTP Error ${got.status}: ${got.reason}`)
  return { body: got.body, status: got.status, url }
}

/** Modules that speak to the network. */
export const networkModules = (process: Process): Record<string, () => readonly (readonly [string, Value])[]> => ({
  socket: () => [
    ['AF_INET', 2],
    ['AF_INET6', 10],
    ['SOCK_STREAM', 1],
    ['SOCK_DGRAM', 2],
    ['SOL_SOCKET', 1],
    ['SO_REUSEADDR', 2],
    ['IPPROTO_TCP', 6],
    ...named({
      socket: () => socketOf(process),
      create_connection: async ({ args: [to] }) => {
        const made = socketOf(process)
        const connect = made.attributes.get('connect')
        if (connect && typeof connect === 'object' && 'run' in connect)
          await connect.run({ args: [to ?? null], named: new Map() })
        return made
      },
      gethostname: () => process.host.persona.hostname,
      getfqdn: () => process.host.persona.fqdn,
      setdefaulttimeout: () => null,
      gethostbyname: ({ args: [name] }) => {
        const found = lookup(process, asText(name), 4)?.[0]
        if (found === undefined) throw new Raised('socket.gaierror', '[Errno -2] Name or service not known')
        return found
      },
    }),
  ],
  ssl: () =>
    named({
      _create_unverified_context: () => new Thing('ssl.SSLContext'),
      create_default_context: () => new Thing('ssl.SSLContext'),
    }),
  'urllib.request': () =>
    named({
      urlopen: async ({ args: [url] }) => {
        const { body, status, url: text } = await open(process, url)
        let rest = body
        return new Thing('http.client.HTTPResponse', [
          ['status', status],
          ['code', status],
          ['url', text],
          ...named({
            read: ({ args: [size] }) => {
              const piece = size === undefined ? rest : rest.subarray(0, Math.max(0, asNumber(size)))
              rest = rest.subarray(piece.length)
              return new Bytes(piece)
            },
            getcode: () => status,
            geturl: () => text,
            close: () => null,
          }),
        ])
      },
      urlretrieve: async ({ args: [url, path] }) => {
        const name = path === undefined ? '/tmp/tmp' : asText(path)
        const { body } = await open(process, url, name)
        process.fs.writeFile(absolute(process, name), body, process.who, { mode: 0o666 & ~process.umask })
        return new Tuple([name, new Dict()])
      },
      Request: ({ args: [url] }) =>
        new Thing('urllib.request.Request', [['full_url', url ?? ''], ...named({ add_header: () => null })]),
      build_opener: () =>
        new Thing(
          'urllib.request.OpenerDirector',
          named({
            open: async ({ args: [url] }) =>
              new Thing(
                'http.client.HTTPResponse',
                named({ read: async () => new Bytes((await open(process, url)).body) }),
              ),
          }),
        ),
      install_opener: () => null,
    }),
  'urllib.parse': () =>
    named({
      quote: ({ args: [text] }) => encodeURIComponent(asText(text)),
      unquote: ({ args: [text] }) =>
        asText(text).replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
      urlencode: ({ args: [pairs = null] }) =>
        pairs instanceof Dict
          ? [...pairs.entries.values()]
              .map(([key, value]) => `${asText(key)}=${encodeURIComponent(String(value))}`)
              .join('&')
          : itemsOf(pairs).map(String).join('&'),
    }),
})
