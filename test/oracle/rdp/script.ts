import type { Script } from '../kit/dialogue.ts'
import * as client from './client.ts'

const bytes = (hex: string): string => Buffer.from(hex.replaceAll(' ', ''), 'hex').toString('latin1')

/** X.224 Connection Request, with what stands behind its seven bytes. */
function request({ cookie = '', wanted }: { cookie?: string; wanted?: number }): string {
  const negotiation = Buffer.alloc(wanted === undefined ? 0 : 8)
  if (wanted !== undefined) {
    negotiation[0] = 1
    negotiation[2] = 8
    negotiation.writeUInt32LE(wanted, 4)
  }
  const variable = Buffer.concat([Buffer.from(cookie, 'latin1'), negotiation])
  const tpdu = Buffer.concat([Buffer.from([6 + variable.length, 0xe0, 0, 0, 0, 0, 0]), variable])
  return Buffer.concat([Buffer.from([3, 0, 0, tpdu.length + 4]), tpdu]).toString('latin1')
}

/** After a first step that asks for TLS, the rest goes through TLS. */
const tls = request({ cookie: 'Cookie: mstshash=admin\r\n', wanted: 1 })
const before = [tls, client.connectInitial, client.erectDomain, client.attachUser]
const joined = [...before, ...[1008, 1003, 1004, 1005, 1006, 1007].map(client.join)]

/** One channel fewer in the client's network data: a number that is odd. */
const oddChannels = (() => {
  const whole = Buffer.from(client.connectInitial, 'latin1')
  const at = whole.indexOf(Buffer.from('03c03800', 'hex'))
  whole[at + 4] = 3
  return whole.toString('latin1')
})()

export const dialogues: Script = {
  'no negotiation': [request({})],
  'a cookie alone': [request({ cookie: 'Cookie: mstshash=hello\r\n' })],
  'standard security': [request({ cookie: 'Cookie: mstshash=a\r\n', wanted: 0 })],
  TLS: [request({ wanted: 1 })],
  'CredSSP alone': [request({ wanted: 2 })],
  'TLS and CredSSP': [request({ wanted: 3 })],
  'everything a newer client knows': [request({ wanted: 0xb })],
  'RDSTLS alone': [request({ wanted: 4 })],
  'no length': [bytes('03000000 00')],
  'TLS at once': [bytes('16030100')],
  'another version': [bytes('04000013 0ee00000000000 0100080001000000')],
  'length indicator too short': [bytes('0300000b 02e00000000000')],
  'data before anything': [bytes('03000007 02f080')],
  'longer than any': [bytes(`0300ffff 06e0 ${'00'.repeat(20)}`)],
  HTTP: ['GET / HTTP/1.0\r\n\r\n'],
  'a whole connection': [...joined, client.info, client.license, client.confirmActive, client.finalize],
  'three channels': [tls, oddChannels, client.erectDomain, client.attachUser],
  'attach without domain': [tls, client.connectInitial, client.attachUser, client.join(1008)],
  'a channel of nobody’s': [...before, client.join(1999)],
  'info without channels': [...before, client.info],
  'MCS of no kind': [...before, bytes('0300000802f080f0')],
  'leave in the middle': [...before, bytes('0300000902f0802180')],
  'second initial': [...before, client.connectInitial],
  'initial without conference': [tls, bytes('0300000e02f0807f65050401010401')],
  'data in place of info': [...joined, bytes('0300001102f08064000703eb7003aabbcc')],
  'a license that is none': [...joined, client.info, client.confirmActive],
}
