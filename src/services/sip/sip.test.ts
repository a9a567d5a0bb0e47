import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { playDatagrams } from '#services/testing/play.ts'
import { withCredentials } from '../../../test/oracle/sip/dialogue.ts'
import { parseAddress, parseUri, splitValues } from './address.ts'
import { hashOf, parseCredentials, passwordBehind } from './digest.ts'
import sip from './index.ts'
import { parseDatagram } from './message.ts'
import { readDialled } from './numbers.ts'
import { fitting } from './reply.ts'
import { common, parseSdp } from './sdp.ts'

describe('what was dialled', () => {
  for (const [dialled, wanted] of [
    ['00442079460000', { number: '+442079460000', prefix: '00', country: 'United Kingdom' }],
    ['+972592277524', { number: '+972592277524', country: 'Israel and Palestine', risk: 'often defrauded' }],
    [
      '900972592277524',
      { number: '+972592277524', prefix: '900', country: 'Israel and Palestine', risk: 'often defrauded' },
    ],
    ['9011881612345678', { number: '+881612345678', prefix: '9011', country: 'satellites', risk: 'premium rate' }],
    [
      '011447012345678',
      { number: '+447012345678', prefix: '011', country: 'United Kingdom, personal numbers', risk: 'premium rate' },
    ],
    ['0018765550123', { number: '+18765550123', prefix: '00', country: 'Caribbean', risk: 'often defrauded' }],
    ['972592277524', { number: '+972592277524', country: 'Israel and Palestine', risk: 'often defrauded' }],
    [
      '9972592277524',
      { number: '+972592277524', prefix: '9', country: 'Israel and Palestine', risk: 'often defrauded' },
    ],
    ['0035312345678', { number: '+35312345678', prefix: '00', country: 'Ireland' }],
    ['100', {}],
    ['test', {}],
    ['0'.repeat(200), {}],
  ] as const)
    test(dialled.slice(0, 40), () => assert.deepEqual(readDialled(dialled), wanted))
})

test('addresses are read with names, brackets and parameters, or not at all', () => {
  assert.deepEqual(parseAddress('"A <B>" <sip:a@b;x=y>;tag=1;z'), {
    display: '"A <B>"',
    uri: 'sip:a@b;x=y',
    params: ['tag=1', 'z'],
    tag: '1',
  })
  assert.equal(parseAddress('sip:a@b;tag=2')?.tag, '2')
  assert.equal(parseAddress('<sip:a@b'), undefined)
  assert.equal(parseAddress('"open <sip:a@b>'), undefined)
  assert.equal(parseUri('sip:10%230@[2001:db8::1]:5062;transport=udp')?.host, '2001:db8::1')
  assert.equal(parseUri('tel:+1'), undefined)
  assert.deepEqual(splitValues('"a,b" <sip:c,d@e>, <sip:f>'), ['"a,b" <sip:c,d@e>', '<sip:f>'])
})

test('a message is read whatever its form, and refused when it is none', () => {
  const message = parseDatagram(Buffer.from('\r\nMESSAGE sip:a@b SIP/2.0\r\nf : "x"\r\n <sip:y>\r\nl:2\r\n\r\nhello'))
  assert.ok(message.kind === 'request')
  assert.deepEqual(
    message.fields.map(({ name, value }) => [name, value]),
    [
      ['from', '"x" <sip:y>'],
      ['content-length', '2'],
    ],
  )
  assert.equal(message.body.toString(), 'hello')
  for (const bad of [
    'hello',
    'GET / HTTP/1.0\r\n\r\n',
    'INVITE sip:a SIP/2.0\r\n: x\r\n\r\n',
    'A B SIP/2.0\r\nl: -1\r\n\r\n',
  ])
    assert.throws(() => parseDatagram(Buffer.from(bad)), `${bad} is none`)
  assert.throws(() => parseDatagram(Buffer.from(`A B SIP/2.0\r\n${'x: y\r\n'.repeat(200)}\r\n`)), /More than/)
})

test('credentials give the password that people guess, and a hash for the others', () => {
  const challenge = 'WWW-Authenticate: Digest realm="asterisk",nonce="1/ab",qop="auth"'
  const given = parseCredentials(withCredentials('@101 101101 REGISTER sip:b:5060@', challenge))!
  const access = { rules: [], otherwise: 'refuse' } as never
  assert.equal(passwordBehind(given, 'REGISTER', access), '101101')
  assert.equal(passwordBehind(given, 'INVITE', access), undefined)
  assert.match(
    hashOf(given, 'REGISTER', '203.0.113.80', '198.51.100.23')!,
    /^\$sip\$\*203\.0\.113\.80\*198\.51\.100\.23\*101\*asterisk\*REGISTER\*sip\*b\*5060\*1\/ab\*0a4f113b\*00000001\*auth\*MD5\*[0-9a-f]{32}$/,
  )
  assert.equal(hashOf({ ...given, user: '1*1' }, 'REGISTER', '', ''), undefined)
  assert.equal(parseCredentials('Basic MTAx'), undefined)
})

test('an offer is read, and what both speak is answered in its order', () => {
  const offer = parseSdp(
    Buffer.from(
      'v=0\r\no=u 7 8 IN IP4 x\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 101 18 8 0\r\na=rtpmap:101 telephone-event/8000\r\n',
    ),
  )!
  assert.deepEqual([offer.address, offer.port, offer.version], ['192.0.2.1', 4000, '8'])
  assert.deepEqual(
    common(offer).map(({ payload }) => payload),
    [101, 8, 0],
  )
  assert.equal(parseSdp(Buffer.from('m=video 1 RTP/AVP 31')), undefined)
})

test('answers leave out what there is no room for, the dispensable first', () => {
  const reply = {
    request: parseDatagram(Buffer.from('A b SIP/2.0\r\n\r\n')) as never,
    status: 1,
    reason: '',
    fields: [],
  }
  const encode = (_: unknown, level: number) => Buffer.alloc(100 + level * 100)
  const sizes = (room: number) => {
    const fits = fitting([reply, reply], encode, room)
    return typeof fits === 'number' ? fits : fits.map(({ length }) => length)
  }
  assert.deepEqual(sizes(800), [400, 400])
  assert.deepEqual(sizes(799), [400])
  assert.deepEqual(sizes(250), [200])
  assert.equal(sizes(99), 800)
})

describe('over UDP', () => {
  before(() => sip.load!(false))
  const register = (more = '') =>
    Buffer.from(
      `REGISTER sip:203.0.113.80 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.23:5060;branch=z9hG4bK-${more.length};rport\r\nFrom: <sip:100@203.0.113.80>;tag=1\r\nTo: <sip:100@203.0.113.80>\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\nContact: <sip:100@198.51.100.23>\r\nUser-Agent: friendly-scanner\r\nAccept: application/sdp\r\nMax-Forwards: 70\r\n${more}\r\n`,
    )
  test('nobody is sent more than came from them: a long question has a whole answer', () => {
    const question = register()
    const once = playDatagrams(sip, [question])
    assert.match(once.heard.toString(), /^SIP\/2\.0 401 Unauthorized\r\n/)
    assert.doesNotMatch(once.heard.toString(), /Server:/)
    assert.ok(once.heard.length <= question.length)
    const long = register(`Subject: ${'x'.repeat(200)}\r\n`)
    const more = playDatagrams(sip, [long])
    assert.match(
      more.heard.toString(),
      /opaque="[0-9a-f]{16}",algorithm=MD5,qop="auth"\r\nServer: Asterisk PBX 20\.6\.0\r\n/,
    )
    assert.ok(more.heard.length <= long.length)
  })
  test('nothing that comes again is told again', () => {
    const { events } = playDatagrams(sip, [register(), register()])
    assert.equal(events.filter(({ name }) => name === 'command').length, 1)
  })
  test('a voice that belongs to no call is a breach of the protocol, once', () => {
    const packet = Buffer.from('800000010000000012345678d5d5d5d5', 'hex')
    const { events, heard } = playDatagrams(sip, [packet, packet], { port: 10_874 })
    assert.deepEqual([events.length, heard.length], [1, 0])
  })
})
