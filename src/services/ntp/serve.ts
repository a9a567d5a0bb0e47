import { Malformed } from '#codec/malformed.ts'
import type { Context, Withheld } from '#sensor/service.ts'
import { systemClock } from './clock.ts'
import { parseControl, parsePrivate, type Query } from './queries.ts'
import { judge, newScore, type Score } from './rate.ts'
import {
  encodeTime,
  type Mode,
  modeOf,
  parseTime,
  type TimePacket,
  type Timestamp,
  type Trailer,
  timestamp,
  versionOf,
} from './wire.ts'

/** What the daemon keeps of an address. `said` is the last time it told it. */
type Client = Score & { said: Timestamp }

/** A datagram to ntpd, and its answer. */
export function datagram(packet: Buffer, cx: Context<unknown>): Buffer | Withheld | undefined {
  if (packet.length === 0) throw new Malformed('Empty datagram')
  const version = versionOf(packet)
  const mode = modeOf(packet)
  if (mode === 'private') return ask(parsePrivate(packet, version), cx)
  if (mode === 'control') return ask(parseControl(packet, version), cx)
  if (version === 0 || version > 4) throw new Malformed(`NTP version ${version}`)
  const client = cx.attacker((): Client => ({ ...newScore(cx.now()), said: 0n }))
  const verdict = judge(client, cx.now())
  const request = parseTime(packet)
  tell(request, cx)
  if (verdict === 'dropped' || request.mac || request.extensions.length > 0) return undefined
  if (!asksForTime(version, mode)) return undefined
  return verdict === 'told' ? kiss(request) : answer(request, client, cx)
}

/** Version 1 (RFC 1059) had no client mode yet: a symmetric or no mode asks as well. */
const asksForTime = (version: number, mode: Mode): boolean =>
  mode === 'client' || (version === 1 && (mode === 'reserved' || mode === 'symmetric active'))

/** Written down, never answered; what others would have answered is measured. */
function ask({ verb, line, exploit, wanted }: Query, { record }: Context<unknown>): Withheld | undefined {
  record.command({ line, verb })
  if (exploit) record.exploit({ ...exploit, evidence: line })
  return wanted === undefined ? undefined : { withheld: wanted }
}

function tell({ version, mode, extensions, mac, msSntp }: TimePacket & Trailer, { record }: Context<unknown>) {
  const account = msSntp ? msSntp.account : accountOf(mac)
  const line = [
    `ntp v${version} ${mode}`,
    ...extensions.map(({ type, length }) => `extension ${type.toString(16).padStart(4, '0')} (${length} bytes)`),
    ...(mac && account === undefined ? [`${mac.digest.length ? 'key' : 'crypto-NAK'} ${mac.keyId}`] : []),
    ...(account === undefined ? [] : [`account ${account}`]),
  ].join(' ')
  record.command({ line, verb: mode })
  // MS-SNTP §3.2.5.1: a domain controller's answer is keyed with the password hash of the account.
  if (account !== undefined)
    record.exploit({
      id: 'ntp-timeroasting',
      name: "Timeroasting: an answer keyed with an account's password",
      evidence: line,
    })
  else if (mac?.digest.length)
    record.login({
      method: mac.digest.length === 20 ? 'ntp-sha1' : 'ntp-md5',
      user: `key ${mac.keyId}`,
      // hashcat 10 or 110, salt in hex: the digest is of the key and then the packet (RFC 5905 §7.3).
      hash: `${mac.digest.toString('hex')}:${mac.covered.toString('hex')}`,
      outcome: 'failure',
    })
}

const swapped = (word: number): number => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(word)
  return bytes.readUInt32LE()
}

/** MS-SNTP §2.2.1: an empty digest asks for that of the account whose relative id is there, little-endian, with a bit for its age. */
const accountOf = (mac: Trailer['mac']): number | undefined =>
  mac && mac.digest.length === 16 && mac.digest.every(byte => byte === 0) ? swapped(mac.keyId) & 0x7fff_ffff : undefined

function answer(request: TimePacket, client: Client, cx: Context<unknown>): Buffer {
  const now = cx.now() + cx.persona.clockSkew
  const chance = cx.random(6)
  // The machine's clock counts finer than milliseconds, and never backwards.
  const read = timestamp(now, chance.readUInt32BE(0) % 4_294_967)
  const receive = read > client.said ? read : client.said + 400_000n
  // 35 to 95 µs, as between the two in recorded answers.
  const transmit = receive + 150_000n + BigInt(chance.readUInt16BE(4) * 4)
  client.said = transmit
  return encodeTime({
    ...systemClock(cx.persona, now),
    version: request.version,
    mode: 'server',
    poll: request.poll,
    originate: request.transmit,
    receive,
    transmit,
  })
}

/** RFC 5905 §7.4: slow down. Everything else is the question's own, so that nobody can set a clock by it. */
const kiss = (request: TimePacket): Buffer =>
  encodeTime({
    ...request,
    leap: 3,
    mode: 'server',
    stratum: 0,
    refid: Buffer.from('RATE').readUInt32BE(),
    originate: request.transmit,
    receive: request.transmit,
    transmit: request.transmit,
  })
