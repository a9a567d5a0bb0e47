import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import { demandActive, finalization, licensed, licenseRequest } from './demand.ts'
import { type ClientData, connectInitial, connectResponse } from './gcc.ts'
import { clientInfo } from './info.ts'
import { fastInput, slowInput, type Typist, typist } from './keys.ts'
import type { Options } from './options.ts'
import { type Cipher, cipher, clientRandom, noSecurity, type ServerKey, securityData, serverKey } from './security.ts'
import {
  connectionConfirm,
  connectionRequest,
  data,
  dataOf,
  indication,
  protocols,
  readFrame,
  ultimatum,
} from './wire.ts'

const TLS = 1
/** Flags of the security header (MS-RDPBCGR §2.2.8.1.1.2.1). */
const EXCHANGE = 0x0001
const ENCRYPT = 0x0008
const INFO = 0x0040
const LICENSE = 0x0080

let made: ServerKey | undefined

/** A visit to xrdp: up to its desktop, which stays dark, with whatever is typed into it. */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  try {
    await visit(conn, cx)
  } catch (error) {
    // xrdp takes its leave in the protocol's words, of whoever broke it.
    if (error instanceof Malformed) await conn.write(ultimatum)
    throw error
  }
}

async function visit(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const { cookie, wanted } = connectionRequest(await readFrame(conn))
  const selected = wanted === undefined ? undefined : wanted & TLS
  cx.record.rdpHello({
    ...(cookie === undefined ? {} : { cookie: text(Buffer.from(cookie, 'latin1'), 512) }),
    protocols: [...protocols].filter(([bit]) => (wanted ?? 0) & bit).map(([, name]) => name),
  })
  await conn.write(connectionConfirm(selected))
  if (selected) await cx.startTls()

  const client = connectInitial(dataOf(await readFrame(conn)))
  tellClient(client, cx)
  const own = cx.random(32)
  if (!selected) made ??= serverKey(cx.persona)
  const security = selected ? noSecurity : securityData(own, made!)
  await conn.write(data(connectResponse(client, wanted, security)))

  const wire: Wire = { conn, cipher: undefined, user: FIRST_USER + client.channels.length }
  await join(wire, client.channels.length)
  if (!selected) {
    const sent = await exchange(wire)
    const random = clientRandom(sent, made!)
    if (!random) throw new Malformed('A random number for another key')
    wire.cipher = cipher(random, own)
  }
  await identify(wire, cx)
  await conn.write(indication(wire.user, licenseRequest))
  await expect(wire, LICENSE)
  await conn.write(indication(wire.user, licensed))
  await say(wire, demandActive(client))
  await desktop(wire, cx)
}

function tellClient(client: ClientData, { record }: TcpContext<Options>): void {
  const { name, build, keyboard, width, height, channels } = client
  const printed = (value: string) => text(Buffer.from(value, 'utf8'), 64)
  record.rdpHello({
    protocols: [],
    ...(name === undefined ? {} : { client: printed(name) }),
    ...(build === undefined ? {} : { build }),
    ...(keyboard === undefined ? {} : { keyboard: `0x${keyboard.toString(16).padStart(8, '0')}` }),
    screen: `${width}x${height}`,
    channels: channels.map(printed),
  })
}

/** `user`: T.125's number of the client, counted from 1001. */
type Wire = { conn: Conn; cipher: Cipher | undefined; user: number }
/** xrdp numbers its one user behind the channels. */
const FIRST_USER = 3

/** T.125: Erect Domain, Attach User, and a join for the user's own channel, the desktop's, and each of the client's. */
async function join({ conn, user }: Wire, channels: number): Promise<void> {
  const next = async (kind: number): Promise<Buffer> => {
    const pdu = dataOf(await readFrame(conn))
    if (pdu[0] !== kind) throw new Malformed(`MCS PDU ${pdu[0]} in place of ${kind}`)
    return pdu
  }
  await next(0x04)
  await next(0x28)
  await conn.write(data(Buffer.from([0x2e, 0, 0, user])))
  for (let left = channels + 2; left > 0; left--) {
    const pdu = await next(0x38)
    if (pdu.length < 5) throw new Malformed('A join without its channel')
    const channel = pdu.subarray(3, 5)
    await conn.write(data(Buffer.concat([Buffer.from([0x3e, 0, 0, user]), channel, channel])))
  }
}

/** What a Send Data Request carries, on whatever channel. */
function payloadOf(pdu: Buffer): Buffer {
  if (pdu[0] === 0x21) throw new Malformed('The client took its leave')
  if (pdu[0] !== 0x64 || pdu.length < 8) throw new Malformed(`MCS PDU ${pdu[0]} is not expected here`)
  return pdu.subarray(pdu[6]! & 0x80 ? 8 : 7)
}

/** A PDU behind a security header with that flag, opened. */
async function expect({ conn, cipher }: Wire, flag: number): Promise<Buffer> {
  const payload = payloadOf(dataOf(await readFrame(conn)))
  if (payload.length < 4) throw new Malformed('No security header')
  const flags = payload.readUInt16LE()
  if (!(flags & flag)) throw new Malformed(`Security flags ${flags}, not ${flag}`)
  const body = payload.subarray(4)
  return cipher && flags & ENCRYPT ? cipher.open(body.subarray(8)) : body
}

const exchange = async (wire: Wire): Promise<Buffer> => (await expect(wire, EXCHANGE)).subarray(4)

async function identify(wire: Wire, { record }: TcpContext<Options>): Promise<void> {
  const { domain, user, password, shell, directory, address } = clientInfo(await expect(wire, INFO))
  const printed = (value: string) => text(Buffer.from(value, 'utf8'), 512)
  record.login({
    method: 'password',
    user: printed(domain === '' ? user : `${domain}\\${user}`),
    password: printed(password),
    outcome: 'failure',
  })
  if (shell !== '') record.command({ line: printed(directory === '' ? shell : `cd ${directory} && ${shell}`) })
  if (address !== undefined) record.environment({ name: 'clientAddress', value: printed(address) })
}

async function say({ conn, cipher, user }: Wire, pdu: Buffer): Promise<void> {
  if (!cipher) return conn.write(indication(user, pdu))
  const { mac, bytes } = cipher.seal(pdu)
  await conn.write(indication(user, Buffer.concat([Buffer.from([ENCRYPT, 0, 0, 0]), mac, bytes])))
}

/** Types of share control and share data PDUs (§2.2.8.1.1.1). */
const CONFIRM_ACTIVE = 3
const DATA = 7
const FONT_LIST = 39
const INPUT = 28

/** From the capabilities on: what is typed is written down, and nothing is drawn. */
async function desktop(wire: Wire, { record }: TcpContext<Options>): Promise<void> {
  const keys = typist(line => record.command({ line: text(Buffer.from(line, 'utf8'), 1024) }))
  try {
    for (;;) await take(wire, keys)
  } finally {
    keys.end()
  }
}

async function take(wire: Wire, keys: Typist): Promise<void> {
  const frame = await readFrame(wire.conn)
  if (frame.fast) {
    const sealed = wire.cipher && frame.header & 0x80
    return fastInput(frame.header, sealed ? wire.cipher!.open(frame.body.subarray(8)) : frame.body, keys)
  }
  const payload = payloadOf(dataOf(frame))
  const flags = wire.cipher && payload.length >= 4 ? payload.readUInt16LE() : 0
  const pdu = flags & ENCRYPT ? wire.cipher!.open(payload.subarray(12)) : wire.cipher ? payload.subarray(4) : payload
  if (pdu.length < 6) return
  const type = pdu.readUInt16LE(2) & 15
  if (type === CONFIRM_ACTIVE || type !== DATA || pdu.length < 18) return
  const kind = pdu[14]
  if (kind === INPUT) slowInput(pdu.subarray(18), keys)
  else if (kind === FONT_LIST) for (const answer of finalization) await say(wire, answer)
}
