import { accessOf } from '#access/access.ts'
import { text } from '#events/text.ts'
import { type Line, lineTo } from '#machine/internet/outside.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'
import {
  boundTo,
  Command,
  Method,
  Reply,
  Reply4,
  readLogIn,
  readMethods,
  readTarget,
  readVersion4,
  reply4,
  reply5,
  type Target,
} from './wire.ts'

type Cx = TcpContext<Options>
/** An answer in the words of the version that was asked in. */
type Say = (code: 'succeeded' | Failure, address: Buffer, port: number) => Buffer
type Failure = NonNullable<Line['failure']> | 'unsupported'

/** timeout.connect of sockd.conf(5), in seconds. */
const CONNECT = 30
/** Seconds that somebody may wait for a peer that never comes. */
const WAITING = 600

/** One client: how it may come in, where it wants to go, and the tunnel there. */
export async function session(conn: Conn, cx: Cx): Promise<void> {
  const [version] = await conn.read(1)
  if (version === 5) await version5(conn, cx)
  else if (version === 4) await version4(conn, cx, (await conn.read(1))[0]!)
  else
    cx.record.malformed({
      why: `SOCKS version ${version}`,
      bytes: text(await conn.peek(Math.min(conn.held, 256)), 1024),
    })
}

const codes5: Readonly<Record<'succeeded' | Failure, number>> = {
  succeeded: Reply.Succeeded,
  own: Reply.NotAllowed,
  ENETUNREACH: Reply.NetworkUnreachable,
  ENOTFOUND: Reply.HostUnreachable,
  EHOSTUNREACH: Reply.HostUnreachable,
  ECONNREFUSED: Reply.Refused,
  ETIMEDOUT: Reply.TtlExpired,
  unsupported: Reply.AddressNotSupported,
}
const say5: Say = (code, address, port) => reply5(codes5[code], address, port)
const say4: Say = (code, address, port) =>
  reply4(code === 'succeeded' ? Reply4.Granted : Reply4.Rejected, address, port)

async function version5(conn: Conn, cx: Cx): Promise<void> {
  const offered = await readMethods(conn)
  const method = cx.options.methods.find(name => offered.includes(methodOf(name)))
  if (!method) {
    cx.record.command({ line: `methods ${[...offered].join(' ')}`, verb: 'methods' })
    return conn.write(Buffer.of(5, Method.Unacceptable))
  }
  await conn.write(Buffer.of(5, methodOf(method)))
  if (method === 'username' && !(await logIn(conn, cx))) return
  const [version, command] = await conn.read(2)
  // Dante takes a request of the other version after the methods of this one.
  if (version === 4) return version4(conn, cx, command!)
  if (version !== 5) return
  await conn.read(1)
  const target = await readTarget(conn)
  if (target) await serve(conn, cx, command!, target, say5)
}

const methodOf = (name: Options['methods'][number]): number => (name === 'none' ? Method.None : Method.Username)

/** RFC 1929: whoever is refused is hung up on. */
async function logIn(conn: Conn, cx: Cx): Promise<boolean> {
  const said = await readLogIn(conn)
  if (!said) return false
  const { user, password } = said
  const good = accessOf(cx, cx.options.access).password(user, password)
  cx.record.login({
    method: 'socks5',
    user: latin(user),
    password: latin(password),
    outcome: good ? 'success' : 'failure',
  })
  await conn.write(Buffer.of(1, good ? 0 : 1))
  return good
}

async function version4(conn: Conn, cx: Cx, command: number): Promise<void> {
  const open = cx.options.methods.includes('none')
  const { target, user, version4a } = await readVersion4(conn, open && cx.options.version4a)
  if (user !== '') cx.record.login({ method: 'socks4', user: latin(user), outcome: open ? 'success' : 'failure' })
  if (!open || (command !== Command.Connect && command !== Command.Bind)) {
    note(cx, 4, command, target)
    return conn.write(say4('own', target.address, target.port))
  }
  if (version4a && !cx.options.version4a) {
    note(cx, 4, command, target)
    return conn.write(say4('ENETUNREACH', boundTo(cx.destination.ip), someport(cx)))
  }
  await serve(conn, cx, command, target, say4)
}

/** One request, once it is known who asks. */
async function serve(conn: Conn, cx: Cx, command: number, target: Target, say: Say): Promise<void> {
  const version = say === say5 ? 5 : 4
  note(cx, version, command, target)
  if (command === Command.Bind || command === Command.UdpAssociate) return wait(conn, cx, say)
  if (command !== Command.Connect) return
  // An address of IPv6 has no way out here, and no host has a port 0.
  const failure = target.port === 0 || target.address[0] === 4 ? 'unsupported' : undefined
  const line: { failure?: Failure; seconds: number } = failure ? { failure, seconds: 0 } : route(cx, target)
  await cx.pause(Math.min(line.seconds, CONNECT))
  if (line.failure === undefined) {
    await conn.write(say('succeeded', boundTo(cx.destination.ip), someport(cx)))
    return cx.handOver({ host: target.host, port: target.port })
  }
  await conn.write(refusal(cx, line.failure, target, say))
}

/** The proxy itself may be asked for through itself, as some guessers do to see whether they are in. */
function route(cx: Cx, { host, port }: Target): Line {
  const line = lineTo(cx.persona, host, port, cx.destination.ip)
  const itself = line.failure === 'own' && line.address === cx.destination.ip && port === cx.destination.port
  return itself ? { seconds: 0 } : line
}

/** Before a socket was there Dante repeats what was asked for, afterwards it gives its own end of it. */
function refusal(cx: Cx, failure: Failure, target: Target, say: Say): Buffer {
  if (['own', 'ENOTFOUND', 'unsupported'].includes(failure)) return say(failure, target.address, target.port)
  return failure === 'ETIMEDOUT' ? say(failure, boundTo(''), 0) : say(failure, boundTo(cx.destination.ip), someport(cx))
}

/** BIND and UDP ASSOCIATE: a place is named at which nobody ever arrives. */
async function wait(conn: Conn, cx: Cx, say: Say): Promise<void> {
  await conn.write(say('succeeded', boundTo(cx.destination.ip), someport(cx)))
  conn.patience = WAITING
  for (;;) await conn.readSome()
}

const names = new Map<number, string>([
  [Command.Connect, 'connect'],
  [Command.Bind, 'bind'],
  [Command.UdpAssociate, 'udp'],
])

function note({ record }: Cx, version: number, command: number, { host, port }: Target): void {
  record.tunnelRequest({ kind: `socks${version}-${names.get(command) ?? command}`, host: latin(host), port })
}

/** One of the ports that Linux gives out: net.ipv4.ip_local_port_range. */
const someport = ({ random }: Cx): number => 32_768 + (random(2).readUInt16BE() % 28_232)

const latin = (said: string): string => text(Buffer.from(said, 'latin1'), 256)
