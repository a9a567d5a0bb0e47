import type { Script } from '../kit/dialogue.ts'

const u16 = (number: number) => String.fromCharCode((number >> 8) & 255, number & 255)
const name = (text: string) =>
  `${text
    .split('.')
    .filter(Boolean)
    .map(label => `${String.fromCharCode(label.length)}${label}`)
    .join('')}\0`
type Asked = { flags?: number; found?: number; extra?: string; counts?: [number, number, number, number] }
/** A question with recursion desired, as resolvers of clients send it. */
const q = (text: string, type: number, { flags = 0x0100, found = 1, extra = '', counts }: Asked = {}) => {
  const [questions, answers, authority, additional] = counts ?? [1, 0, 0, extra === '' ? 0 : 1]
  return `\x12\x34${[flags, questions, answers, authority, additional].map(u16).join('')}${name(text)}${u16(type)}${u16(found)}${extra}`
}
const opt = (options = '', { size = 1232, version = 0, flags = 0 } = {}) =>
  `\0${u16(41)}${u16(size)}\0${String.fromCharCode(version)}${u16(flags)}${u16(options.length)}${options}`
const option = (code: number, data: string) => `${u16(code)}${u16(data.length)}${data}`
const cookie = option(10, 'ABCDEFGH')
const zone = 'hayase-works.example'
const [A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, SRV, ANY, AXFR, IXFR] = [1, 2, 5, 6, 12, 15, 16, 28, 33, 255, 252, 251]
const norec = { flags: 0 }
const chaos = { found: 3 }

const questions: Record<string, string> = {
  'its own address': q(zone, A),
  'without recursion': q(zone, A, norec),
  'in capitals': q('HAYASE-Works.Example', A),
  servers: q(zone, NS),
  'servers, without recursion': q(zone, NS, norec),
  'start of authority': q(zone, SOA),
  'mail exchangers': q(zone, MX),
  'mail exchangers, without recursion': q(zone, MX, norec),
  text: q(zone, TXT),
  'an address of version 6': q(zone, AAAA),
  'all there is': q(zone, ANY),
  'all there is, without recursion': q(zone, ANY, norec),
  'the machine': q(`relay3.${zone}`, A),
  'an alias': q(`www.${zone}`, A),
  'an alias, without recursion': q(`www.${zone}`, A, norec),
  'the alias itself': q(`www.${zone}`, CNAME),
  'an alias without such an address': q(`www.${zone}`, AAAA),
  'all of an alias': q(`www.${zone}`, ANY),
  'a server of names': q(`ns1.${zone}`, A, norec),
  dmarc: q(`_dmarc.${zone}`, TXT),
  'no such name': q(`nope.${zone}`, A),
  'no such name, without recursion': q(`nope.${zone}`, A, norec),
  'a name that only others have': q(`a.b.c.${zone}`, A),
  'no such type': q(zone, SRV),
  'of any class': q(zone, A, { found: 255 }),
  'of class HS': q(zone, A, { found: 4 }),
  'a name of others': q('www.example.com', A),
  'a name of others, without recursion': q('www.example.com', A, norec),
  'all of others': q('isc.org', ANY),
  'the root': q('', NS),
  'the root, without recursion': q('', NS, norec),
  'a private network': q('1.0.0.10.in-addr.arpa', PTR),
  'a private network itself': q('10.in-addr.arpa', SOA),
  'another private network': q('5.4.168.192.in-addr.arpa', PTR),
  localhost: q('localhost', A),
  'localhost of version 6': q('localhost', AAAA),
  'the way back': q('1.0.0.127.in-addr.arpa', PTR),
  'the way back, to nobody': q('2.0.0.127.in-addr.arpa', PTR),
  'a whole zone over UDP': q(zone, AXFR),
  'a zone’s changes over UDP': q(zone, IXFR),
  version: q('version.bind', TXT, chaos),
  'version in capitals': q('VERSION.BIND', TXT, chaos),
  'version without recursion': q('version.bind', TXT, { ...chaos, flags: 0 }),
  'version of another type': q('version.bind', A, chaos),
  'version, start of authority': q('version.bind', SOA, chaos),
  'version of class IN': q('version.bind', TXT),
  'host name': q('hostname.bind', TXT, chaos),
  'identity of the server': q('id.server', TXT, chaos),
  'nothing of that class': q('version.server', TXT, chaos),
  'all of that class': q('bind', ANY, chaos),
  EDNS: q(zone, A, { extra: opt() }),
  'EDNS with DNSSEC': q(zone, A, { extra: opt('', { flags: 0x8000 }) }),
  'EDNS of version 1': q(zone, A, { extra: opt('', { version: 1 }) }),
  'EDNS with a small size': q(zone, ANY, { extra: opt('', { size: 512 }) }),
  'a cookie': q(zone, A, { extra: opt(cookie) }),
  'a cookie for a name of others': q('www.example.com', A, { extra: opt(cookie) }),
  'EDNS for a name of others': q('www.example.com', A, { extra: opt() }),
  'a cookie too short': q(zone, A, { extra: opt(option(10, 'ABCD')) }),
  'a cookie too long': q(zone, A, { extra: opt(option(10, 'A'.repeat(41))) }),
  'a cookie of another': q(zone, A, { extra: opt(option(10, 'ABCDEFGHabcdefghabcdefgh')) }),
  'name server identifier': q(zone, A, { extra: opt(option(3, '')) }),
  padding: q(zone, A, { extra: opt(option(12, '\0'.repeat(20))) }),
  'client subnet': q(zone, A, { extra: opt(option(8, '\0\x01\x18\0\xc6\x33\x64')) }),
  'keepalive over UDP': q(zone, A, { extra: opt(option(11, '')) }),
  'OPT twice': q(zone, A, { extra: opt() + opt(), counts: [1, 0, 0, 2] }),
  'checking disabled': q(zone, A, { flags: 0x0110 }),
  'authentic data': q(zone, A, { flags: 0x0120 }),
  'bits that are no question’s': q(zone, A, { flags: 0x0780 }),
  'a response': q(zone, A, { flags: 0x8100 }),
  'opcode IQUERY': q(zone, A, { flags: 0x0800 }),
  'opcode STATUS': q(zone, A, { flags: 0x1000 }),
  'opcode NOTIFY': q(zone, SOA, { flags: 0x2000 }),
  'opcode UPDATE': q(zone, SOA, { flags: 0x2800 }),
  'opcode 15': q(zone, A, { flags: 0x7800 }),
  'no question': `\x12\x34${[0x0100, 0, 0, 0, 0].map(u16).join('')}`,
  'two questions': `${q(zone, A, { counts: [2, 0, 0, 0] })}${name('x')}${u16(A)}${u16(1)}`,
  'a question cut off': q(zone, A).slice(0, -3),
  'more behind it': `${q(zone, A)}xyz`,
  'a pointer to itself': `\x12\x34${[0x0100, 1, 0, 0, 0].map(u16).join('')}\xc0\x0c${u16(A)}${u16(1)}`,
  'a label too long': `\x12\x34${[0x0100, 1, 0, 0, 0].map(u16).join('')}\x50xxx`,
  'a header cut off': '\x12\x34\x01\0',
  'type 0': q(zone, 0),
  'type MAILB': q(zone, 253),
  'type of no kind': q(zone, 65_280),
  'type TSIG': q(zone, 250),
}

/** One datagram each. */
export const script: Script = Object.fromEntries(Object.entries(questions).map(([what, sent]) => [what, [sent]]))

const framed = (message: string) => `${u16(message.length)}${message}`
/** The same over TCP, where a conversation has several. */
export const streams: Script = {
  'questions one after another': [
    framed(q('version.bind', TXT, chaos)),
    framed(q(zone, A)),
    framed(q('www.example.com', A)),
    framed(q(`nope.${zone}`, A)) + framed(q(zone, TXT)),
  ],
  'a whole zone': [framed(q(zone, AXFR))],
  'a whole zone of others': [framed(q('example.com', AXFR))],
  'a zone’s changes': [framed(q(zone, IXFR))],
  keepalive: [framed(q(zone, A, { extra: opt(option(11, '')) }))],
  'keepalive and a cookie': [framed(q(zone, A, { extra: opt(cookie + option(11, '')) }))],
  'nothing understood': [framed('hello there, you')],
  'a response': [framed(q(zone, A, { flags: 0x8100 })), framed(q(zone, A))],
  'a message of nothing': ['\0\0'],
}
