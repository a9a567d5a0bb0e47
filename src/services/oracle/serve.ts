import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import { judge } from './listener.ts'
import { type Challenge, challenge, challengeAnswer, crackable, functionOf, readLogon } from './logon.ts'
import { declined, MAGIC } from './networking.ts'
import type { Options } from './options.ts'
import { call, ended, message, protocolAnswer, readDataTypes } from './ttc.ts'
import { accept, NEWEST, OLDEST, packetType, readConnect, refuse, Wire } from './wire.ts'

type Cx = TcpContext<Options>

/** One client: the listener refuses it, or hands it on to the database, where it tries to log in. */
export async function session(conn: Conn, cx: Cx): Promise<void> {
  const wire = new Wire(conn)
  const asked = await readConnect(wire)
  const verdict = judge(cx, asked.description)
  if ('refused' in verdict) return refuse(wire, verdict.refused)
  if (asked.version < OLDEST || asked.oldest > NEWEST)
    return refuse(wire, '(DESCRIPTION=(ERR=12618)(ERROR_STACK=(ERROR=(CODE=12618)(EMFI=4))))')
  // On Linux the listener hands the connection itself to a new process, which has to be told again whom it was meant for.
  await wire.send(packetType.resend, Buffer.alloc(0))
  const again = await readConnect(wire)
  if (!again.description.equals(asked.description)) {
    const second = judge(cx, again.description)
    if ('refused' in second) return refuse(wire, second.refused)
  }
  await accept(wire, again)
  await database(wire, cx)
}

/** Packets over which a list of data types may go. */
const MOST_PACKETS = 8
/** Flag of a DATA packet: the end of the connection. */
const EOF = 0x40
const mark = { interrupt: Buffer.of(1, 0, 1), reset: Buffer.of(1, 0, 2) } as const

/** An error interrupts: two marks, then its text when the client has answered with one. */
async function fail(wire: Wire, error: Buffer): Promise<void> {
  await wire.send(packetType.marker, mark.interrupt)
  await wire.send(packetType.marker, mark.reset)
  const { type } = await wire.read()
  if (type !== packetType.marker) throw new Malformed(`A TNS packet of type ${type} after a mark`)
  await wire.sendData(error)
}

/** What the server process says: it negotiates, and lets nobody in. */
async function database(wire: Wire, cx: Cx): Promise<void> {
  const { oracle } = cx.persona.software
  let fieldVersion = oracle.fieldVersion
  let given: Challenge | undefined
  for (;;) {
    const { type, body } = await wire.read()
    if (type === packetType.marker) {
      await wire.send(packetType.marker, mark.reset)
      continue
    }
    if (type !== packetType.data || body.length < 2) throw new Malformed(`A TNS packet of type ${type} to a database`)
    if (body.readUInt16BE(0) & EOF) return
    let data = body.subarray(2)
    if (data.length === 0) continue
    if (data.length >= 4 && data.readUInt32BE(0) === MAGIC) {
      await wire.sendData(declined(oracle.version))
    } else if (data[0] === message.protocol) {
      cx.record.command({ line: text(clientName(data), 256), verb: 'PROTOCOL' })
      await wire.sendData(protocolAnswer(oracle.fieldVersion))
    } else if (data[0] === message.dataTypes) {
      let read = readDataTypes(data)
      for (let packets = 1; !read; packets++) {
        const more = await wire.read()
        if (packets === MOST_PACKETS || more.type !== packetType.data || more.body.length < 3)
          throw new Malformed('A list of data types that is cut off')
        data = Buffer.concat([data, more.body.subarray(2)])
        read = readDataTypes(data)
      }
      fieldVersion = Math.min(fieldVersion, read.fieldVersion)
      await wire.sendData(read.answer)
    } else if (functionOf(data) === call.sessionKey) {
      const { user, values, form } = readLogon(data)
      cx.record.command({ line: [`user=${user}`, ...told(values)].join(' '), verb: 'OSESSKEY' })
      given = challenge(cx.persona, user, cx.random)
      await wire.sendData(challengeAnswer(given, cx.persona, form), ended(form, fieldVersion))
    } else if (functionOf(data) === call.authenticate) {
      const { user, values, form } = readLogon(data)
      cx.record.command({ line: [`user=${user}`, ...told(values)].join(' '), verb: 'OAUTH' })
      const hash = given && crackable(given, values)
      cx.record.login({ method: 'o5logon', user, ...(hash === undefined ? {} : { hash }), outcome: 'failure' })
      given = undefined
      await fail(wire, ended(form, fieldVersion, 1017, 'ORA-01017: invalid username/password; logon denied'))
    } else if (functionOf(data) === call.logOff) {
      await wire.sendData(ended('universal', fieldVersion))
    } else {
      const writer = cx.sample()
      await writer.write(data)
      cx.record.payload({ sample: await writer.close(), start: text(data, 256), protocol: 'oracle' })
      await fail(wire, ended('universal', fieldVersion, 1012, 'ORA-01012: not logged on'))
    }
  }
}

/** The client's name stands behind the versions that it speaks, newest first up to a zero. */
function clientName(data: Buffer): Buffer {
  const start = data.indexOf(0, 1) + 1
  const end = data.indexOf(0, start)
  return start === 0 ? data.subarray(0, 0) : data.subarray(start, end < 0 ? data.length : end)
}

/** What a client tells of itself; the keys go with the log-in. */
const told = (values: ReadonlyMap<string, string>): string[] =>
  [...values].flatMap(([name, value]) =>
    name === 'AUTH_SESSKEY' || name === 'AUTH_PASSWORD' ? [] : [`${name}=${value}`],
  )
