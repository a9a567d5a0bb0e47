import { Cursor } from '../../../src/codec/cursor.ts'
import type { Conn } from '../../../src/sensor/conn.ts'
import { Hangup } from '../../../src/sensor/endings.ts'
import { Message } from '../../../src/services/ssh/messages.ts'
import { TestClient } from '../../../src/services/ssh/testing.ts'
import type { Probe } from './probes.ts'

/**
 * What a server says to a probe, a line an utterance: text as it is, clear packets in hex, sealed ones as payload and
 * padding. What chance decides is masked. `more` tells whether another utterance is awaited; the last line is `closed`
 * or `open`.
 */
export async function observe(conn: Conn, probe: Probe, more: (said: string[]) => Promise<boolean>): Promise<string[]> {
  const client = new TestClient(conn, probe.identification.replace(/\r?\n$/, ''))
  const said: string[] = []
  try {
    await conn.write(probe.identification)
    client.greeting = (await conn.readLine()).toString('latin1')
    if (probe.stage !== 'clear') {
      await client.sendKexInit(probe.offer)
      await client.receive()
      await client.exchange(probe.offer)
      if (probe.stage === 'auth') await client.requestService()
    }
    const acts = probe.act(client)
    if (acts.length > 0) await conn.write(Buffer.concat(acts))
    while (await more(said)) said.push(await utterance(client))
    return [...said, 'open']
  } catch (error) {
    if (!(error instanceof Hangup)) throw error
    return [...said, 'closed']
  }
}

async function utterance(client: TestClient): Promise<string> {
  const [first] = await client.conn.peek(1)
  // Before keys, a packet starts with a zero, a line does not.
  if (client.sessionId.length === 0 && first !== undefined && first > 0)
    return JSON.stringify((await client.conn.readUntil('\n')).toString('latin1'))
  const payload = await client.receive()
  // The cookie of a later exchange.
  if (client.sessionId.length > 0 && payload[0] === Message.kexInit) payload.fill(0, 1, 17)
  if (client.sessionId.length > 0) return `padding ${client.padding.length}, ${payload.toString('hex')}`
  const type = payload[0]!
  if (type === Message.kexInit) client.packetRead.fill(0, 6, 22)
  // Random numbers make these vary in length, too.
  if (type === Message.kexServerValue && isGroup(payload))
    return `a group of ${8 * (new Cursor(payload.subarray(1)).lp32().length - 1)} bits`
  if (type === Message.kexServerValue || type === Message.gexReply) return `message ${type}`
  // OpenSSH pads with zeros as long as nothing is encrypted; whoever pads with chance says as much.
  const { packetRead, padding } = client
  if (!padding.some(byte => byte !== 0)) return packetRead.toString('hex')
  return `${packetRead.toString('hex', 0, packetRead.length - padding.length)} and ${padding.length} bytes of chance`
}
// A group ends with its generator, 2 or 5; a reply with a signature.
const isGroup = (payload: Buffer): boolean => {
  const from = new Cursor(payload.subarray(1))
  from.lp32()
  return from.lp32().length === 1 && from.left === 0
}
