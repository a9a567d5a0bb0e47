import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import sip from './index.ts'
import { datagram, silent } from './serve.ts'
import { attackerOf } from './state.ts'

before(() => sip.load!(false))

const invite = Buffer.from(
  'INVITE sip:100@203.0.113.80 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.23;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:100@203.0.113.80>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\nv=0\r\no=- 1 1 IN IP4 198.51.100.23\r\nc=IN IP4 198.51.100.23\r\nm=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n',
)
const rtp = (payload: number, timestamp: number, bytes: Buffer): Buffer => {
  const head = Buffer.from([0x80, payload, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7])
  head.writeUInt32BE(timestamp, 4)
  return Buffer.concat([head, bytes])
}

test('what is said into a call is kept with the keys that were pressed, and nothing is answered', async () => {
  const { record, events } = listeningRecorder()
  const how = { options: { guests: true } }
  const memory = new Map<string, object>()
  const cx = testContext(sip, record, { ...how, memory })
  const replies = datagram(invite, cx, 4000)
  const body = String((replies as Buffer[]).at(-1))
  const port = Number(/m=audio (\d+) RTP\/AVP 8 101/.exec(body)?.[1])
  assert.equal([...attackerOf(cx).calls.values()][0]?.port, port)
  assert.equal(String((datagram(invite, cx, 4000) as Buffer[]).at(-1)), body, 'what is asked again is the same call')
  const voice = testContext(sip, record, { ...how, memory, port })
  for (const packet of [
    rtp(8, 0, Buffer.alloc(160, 0xd5)),
    rtp(101, 160, Buffer.from('058a0320', 'hex')),
    rtp(101, 160, Buffer.from('058a0320', 'hex')),
    rtp(101, 320, Buffer.from('0b8a0320', 'hex')),
    rtp(8, 480, Buffer.alloc(160, 0xd5)),
  ])
    assert.equal(datagram(packet, voice, 4000), undefined)
  silent(voice)
  for (let turns = 0; turns < 5; turns++) await new Promise(setImmediate)
  const [dtmf, upload] = events.slice(-2)
  assert.deepEqual(dtmf, { name: 'command', details: { line: 'DTMF 5#', verb: 'DTMF' } })
  const { path, sample } = upload!.details as { path: string; sample: { size: number } }
  assert.deepEqual([upload!.name, path, sample.size], ['fileUpload', '/RTP/100.alaw', 320])
})
