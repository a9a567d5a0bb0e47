import type { Script } from '../kit/dialogue.ts'

export const PORT = 25_060
export const HOST = `127.0.0.1:${PORT}`

type Fields = Readonly<Record<string, string | readonly string[] | undefined>>
let number = 0
/** A request; `undefined` leaves a field out, a list repeats it. */
function request(method: string, uri: string, fields: Fields = {}, body = '', transport = 'UDP'): string {
  number++
  const all: Fields = {
    Via: `SIP/2.0/${transport} 127.0.0.1:5099;branch=z9hG4bK-${number};rport`,
    'Max-Forwards': '70',
    From: '<sip:9001@other.example>;tag=f1',
    To: `<${uri}>`,
    'Call-ID': `call-${number}@other.example`,
    CSeq: `1 ${method}`,
    ...fields,
    'Content-Length': 'Content-Length' in fields ? fields['Content-Length'] : String(body.length),
  }
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map(one => `${name}: ${one}`),
  )
  return `${method} ${uri} SIP/2.0\r\n${lines.join('\r\n')}\r\n\r\n${body}`
}
const me = `sip:${HOST}`
const at = (user: string) => `sip:${user}@${HOST}`
const own = (user: string, more: Fields = {}): Fields => ({ From: `<sip:${user}@127.0.0.1>;tag=f1`, ...more })
const sdp = (address: string) =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n`
const call = (to: string, more: Fields = {}, transport = 'UDP') =>
  request(
    'INVITE',
    at(to),
    { Contact: '<sip:9001@127.0.0.1:5099>', 'Content-Type': 'application/sdp', ...more },
    sdp('127.0.0.1'),
    transport,
  )
const register = (user: string, more: Fields = {}, transport = 'UDP') =>
  request(
    'REGISTER',
    me,
    own(user, { To: `<sip:${user}@127.0.0.1>`, Contact: `<sip:${user}@127.0.0.1:5099>`, ...more }),
    '',
    transport,
  )
const login = (user: string, password: string, method = 'REGISTER', uri = me) =>
  `@${user} ${password} ${method} ${uri}@`
const plain = (text: string) => text.replaceAll('\n', '\r\n')

export const datagrams: Script = {
  'is anybody there': [
    request('OPTIONS', me),
    request('OPTIONS', at('100')),
    request('OPTIONS', 'sip:127.0.0.1'),
    request('OPTIONS', at('100'), own('100')),
    request('OPTIONS', 'sip:elsewhere.example'),
    request('OPTIONS', me, { From: '"sipvicious"<sip:100@1.1.1.1>;tag=616263', 'User-Agent': 'friendly-scanner' }),
    request('OPTIONS', me, { 'User-Agent': 'pplsip' }),
    request('OPTIONS', me, { 'User-Agent': 'VaxSIPUserAgent/3.1' }),
    request('OPTIONS', me, { 'User-Agent': 'Friendly Scanner' }),
    request('OPTIONS', me, { 'User-Agent': 'Avaya' }),
    request('OPTIONS', me, { 'Max-Forwards': '0' }),
    request('OPTIONS', me, { 'Max-Forwards': undefined }),
    request('OPTIONS', me, { 'Max-Forwards': '300' }),
    request('OPTIONS', me, { 'Max-Forwards': 'many' }),
    request('OPTIONS', me, { Via: 'SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK-other' }),
    request('OPTIONS', me, { Via: 'SIP/2.0/UDP 198.51.100.7:5070;branch=z9hG4bK-rport;rport' }),
    request('OPTIONS', me, {
      Via: ['SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bK-a;rport', 'SIP/2.0/UDP 192.0.2.4;branch=z9hG4bK-b'],
    }),
    request('OPTIONS', me, { Via: 'SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bK-a, SIP/2.0/UDP 192.0.2.4;branch=z9' }),
    request('OPTIONS', me, { To: `<${me}>;tag=theirs` }),
    request('OPTIONS', me, { 'Record-Route': '<sip:192.0.2.9;lr>' }),
    request('OPTIONS', me, { Timestamp: '54' }),
    request('OPTIONS', me, { Require: 'x-skip' }),
    request('OPTIONS', me, { 'Proxy-Require': 'x-skip' }),
    request('OPTIONS', me, { Accept: 'application/sdp', Supported: 'replaces' }),
  ],
  'forms of a message': [
    plain(`OPTIONS ${me} SIP/2.0
v: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bK-c1;rport
f: <sip:a@other.example>;tag=f
t: <${me}>
i: compact
CSeq: 7 OPTIONS
l: 0

`),
    plain(`OPTIONS ${me} SIP/2.0
VIA  :   SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bK-c2;rport
FROM: "A. Caller"
  <sip:a@other.example>;tag=f
tO:<${me}>
call-id: folded
cseq: 8
  OPTIONS

`),
    plain(`OPTIONS ${me} SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5099
From: sip:a@other.example;tag=f
To: ${me}
Call-ID: old
CSeq: 9 OPTIONS

`),
    `OPTIONS ${me} SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bK-lf;rport\nFrom: <sip:a@other.example>;tag=f\nTo: <${me}>\nCall-ID: lf\nCSeq: 9 OPTIONS\n\n`,
    request('OPTIONS', me, { 'Content-Length': '500' }, 'short'),
    request('OPTIONS', me, { 'Content-Length': '2' }, 'longer'),
    request('OPTIONS', me, { 'Content-Length': 'x' }),
    request('OPTIONS', me, { 'Content-Length': undefined }, 'body'),
    '\r\n\r\n',
    '\r\n\r\n\r\n\r\n',
    '\0\0\0\0',
    'GET / HTTP/1.0\r\n\r\n',
    'hello there\r\n\r\n',
    `OPTIONS ${me} SIP/2.0\r\n\r\n`,
    plain(`SIP/2.0 200 OK
Via: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bK-r1
From: <sip:a@other.example>;tag=f
To: <${me}>;tag=t
Call-ID: answer
CSeq: 9 OPTIONS
Content-Length: 0

`),
  ],
  'what is wrong with it': [
    request('OPTIONS', at('100'), { Via: undefined }),
    request('OPTIONS', at('100'), { From: undefined }),
    request('OPTIONS', at('100'), { To: undefined }),
    request('OPTIONS', at('100'), { 'Call-ID': undefined }),
    request('OPTIONS', at('100'), { CSeq: undefined }),
    request('OPTIONS', at('100'), { CSeq: '1 INVITE' }),
    request('OPTIONS', at('100'), { CSeq: 'OPTIONS' }),
    request('OPTIONS', at('100'), { CSeq: '99999999999 OPTIONS' }),
    request('OPTIONS', at('100'), { From: 'nobody' }),
    request('OPTIONS', at('100'), { From: '<sip:a@other.example>' }),
    request('OPTIONS', at('100'), { To: '<sip:100@127.0.0.1' }),
    request('OPTIONS', 'tel:+442079460000'),
    request('OPTIONS', 'http://127.0.0.1/'),
    request('OPTIONS', 'nonsense'),
    request('OPTIONS', at('100'), { 'Max-Forwards': '0' }),
    request('OPTIONS', at('100'), { Expires: 'soon' }),
    request('OPTIONS', at('100'), { 'Proxy-Require': 'x-skip' }),
    request('OPTIONS', at('100'), { Require: 'x-skip' }),
    request('OPTIONS', at('100'), { 'Content-Length': '500' }, 'short'),
    request('OPTIONS', at('100')).replace('SIP/2.0\r\n', 'SIP/3.0\r\n'),
    request('OPTIONS', at('100')).replace(' SIP/2.0\r\n', '\r\n'),
    request('OPTIONS', at('100'), { Authorization: 'Digest nothing' }),
  ],
  'strangers’ requests': [
    call('100'),
    call('00442079460000'),
    call('900972592000000', { 'User-Agent': 'sipcli/v1.8' }),
    call('100', { To: '<sip:100@127.0.0.1>;tag=made-up' }),
    request('INVITE', me),
    request('INVITE', 'sip:100@elsewhere.example'),
    request('ACK', at('100')),
    request('ACK', at('100'), { To: '<sip:100@127.0.0.1>;tag=made-up' }),
    request('CANCEL', at('100')),
    request('BYE', at('100')),
    request('BYE', at('100'), { To: '<sip:100@127.0.0.1>;tag=made-up' }),
    request('MESSAGE', at('100'), { 'Content-Type': 'text/plain' }, 'Hello'),
    request('MESSAGE', me, { 'Content-Type': 'text/plain' }, 'Hello'),
    request('SUBSCRIBE', at('100'), { Event: 'presence', Expires: '60' }),
    request('SUBSCRIBE', at('100'), { Event: 'message-summary' }),
    request('SUBSCRIBE', at('100'), { Event: 'presence', To: '<sip:100@127.0.0.1>;tag=made-up' }),
    request('SUBSCRIBE', me, { Event: 'presence' }),
    request('NOTIFY', at('100'), { Event: 'presence', 'Subscription-State': 'active' }),
    request('NOTIFY', me, { Event: 'keep-alive' }),
    request('PUBLISH', at('100'), { Event: 'presence' }),
    request('REFER', at('100'), { 'Refer-To': '<sip:200@192.0.2.4>' }),
    request('INFO', at('100')),
    request('PRACK', at('100'), { RAck: '1 1 INVITE' }),
    request('UPDATE', at('100')),
    request('DESTROY', at('100')),
    request('INVITE', at('100'), { Route: `<sip:${HOST};lr>` }),
    request('MESSAGE', 'sip:100@elsewhere.example', {}, 'Hello'),
  ],
  'own users’ requests are challenged': [
    call('100', own('1001')),
    call('100', own('nobody')),
    request('MESSAGE', at('100'), own('1001'), 'Hello'),
    request('SUBSCRIBE', at('100'), own('1001', { Event: 'presence' })),
    request('PUBLISH', at('100'), own('1001', { Event: 'presence' })),
    request('REFER', at('100'), own('1001', { 'Refer-To': '<sip:200@192.0.2.4>' })),
    request('BYE', at('100'), own('1001')),
    request('INVITE', 'sip:100@elsewhere.example', own('1001')),
    register('1001', { From: '<sip:1001@other.example>;tag=f1' }),
    register('1001', { Via: 'SIP/2.0/UDP 198.51.100.7:5070;branch=z9hG4bK-nat;rport' }),
  ],
  registration: [
    register('1001'),
    register('1001', { Authorization: login('1001', 'wrong') }),
    register('1001', { Authorization: login('1001', 'sunshine1') }),
    register('1001', { Authorization: login('1001', 'sunshine1'), Contact: undefined }),
    register('1001', { Authorization: login('1001', 'sunshine1'), Expires: '60' }),
    register('1001', { Authorization: login('1001', 'sunshine1'), Expires: '86400' }),
    register('1001', {
      Authorization: login('1001', 'sunshine1'),
      Contact: '<sip:1001@127.0.0.1:5098>;expires=120;q=0.5',
    }),
    register('1001', { Authorization: login('1001', 'sunshine1'), Contact: '*' }),
    register('1001', { Authorization: login('1001', 'sunshine1'), Contact: '*', Expires: '0' }),
    register('1001', { Authorization: login('1001', 'sunshine1'), Contact: undefined }),
    register('1001', { Authorization: login('1001', 'sunshine1'), Expires: '0' }),
    register('1001', { Authorization: login('1002', 'moonlight2') }),
    register('1002', { Authorization: login('1002', 'moonlight2', 'INVITE') }),
    register('1001', { Authorization: login('1001', 'sunshine1', 'REGISTER', 'sip:other.example') }),
    register('1001', {
      Authorization: 'Digest username="1001", realm="127.0.0.1", nonce="made-up", uri="sip:127.0.0.1", response="00"',
    }),
    register('1001', { Authorization: 'Digest username="1001"' }),
    register('1001', { Authorization: 'Basic MTAwMTpzdW5zaGluZTE=' }),
  ],
  'a call of a user': [
    call('00442079460000', own('1002')),
    call(
      '00442079460000',
      own('1002', { 'Proxy-Authorization': login('1002', 'wrong', 'INVITE', at('00442079460000')) }),
    ),
    call(
      '00442079460000',
      own('1002', { 'Proxy-Authorization': login('1002', 'moonlight2', 'INVITE', at('00442079460000')) }),
    ),
    request(
      'MESSAGE',
      at('100'),
      own('1002', { 'Proxy-Authorization': login('1002', 'moonlight2', 'MESSAGE', at('100')) }),
      'Hi',
    ),
    request(
      'SUBSCRIBE',
      at('100'),
      own('1002', { Event: 'presence', 'Proxy-Authorization': login('1002', 'moonlight2', 'SUBSCRIBE', at('100')) }),
    ),
    request(
      'PUBLISH',
      at('100'),
      own('1002', { Event: 'presence', 'Proxy-Authorization': login('1002', 'moonlight2', 'PUBLISH', at('100')) }),
    ),
    request(
      'OPTIONS',
      at('100'),
      own('1002', { 'Proxy-Authorization': login('1002', 'moonlight2', 'OPTIONS', at('100')) }),
    ),
  ],
}

const tcp = (method: string, uri: string, fields: Fields = {}, body = '') => request(method, uri, fields, body, 'TCP')
export const streams: Script = {
  'one after another': [
    tcp('OPTIONS', me),
    tcp('OPTIONS', at('100')),
    call('00442079460000', {}, 'TCP'),
    tcp('OPTIONS', me) + tcp('OPTIONS', at('101')),
    `\r\n\r\n${tcp('OPTIONS', me)}`,
    '\r\n\r\n',
    register('1001', {}, 'TCP'),
    register('1001', { Authorization: login('1001', 'sunshine1') }, 'TCP'),
    register('1001', { Authorization: login('1001', 'sunshine1'), Contact: '*', Expires: '0' }, 'TCP'),
    tcp('MESSAGE', at('100'), {}, 'Hello'),
    tcp('OPTIONS', me, { Via: 'SIP/2.0/TCP 198.51.100.7;branch=z9hG4bK-t' }),
    tcp('OPTIONS', me, { 'User-Agent': 'sipvicious' }),
  ],
  'in pieces': [tcp('OPTIONS', me).slice(0, 40), tcp('OPTIONS', me).slice(40)],
  'the scanner’s question': [
    'OPTIONS sip:nm SIP/2.0\r\nVia: SIP/2.0/TCP nm;branch=foo\r\nFrom: <sip:nm@nm>;tag=root\r\nTo: <sip:nm2@nm2>\r\nCall-ID: 50000\r\nCSeq: 42 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\nContact: <sip:nm@nm>\r\nAccept: application/sdp\r\n\r\n',
  ],
  'no length': [tcp('OPTIONS', me, { 'Content-Length': undefined })],
  'a length that is none': [tcp('OPTIONS', me, { 'Content-Length': 'x' })],
  'a web page': ['GET / HTTP/1.0\r\n\r\n'],
  nonsense: ['hello there\r\n\r\n'],
  zeros: ['\0\0\0\0\0\0\0\0'],
}
