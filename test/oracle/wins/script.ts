import { type Names, question } from '../../../src/services/wins/packet.ts'
import type { Script } from '../kit/dialogue.ts'

/** What the recorded machine was called; the replay's persona has the same name. */
export const HOST = 'RELAY3'
const GROUP = 'WORKGROUP'
const [NB, NBSTAT] = [0x20, 0x21]
const [RECURSION, BROADCAST] = [0x0100, 0x0010]
const star: Names = ['*', 0, '\0']
const browser: Names = ['\x01\x02__MSBROWSE__\x02', 1]

const latin1 = (packet: Buffer) => packet.toString('latin1')
const ask = (name: Names, type: number, flags = 0) => latin1(question(0x1234, flags, name, type))
const edited = (packet: string, at: number, bytes: string) =>
  packet.slice(0, at) + bytes + packet.slice(at + bytes.length)
/** A registration and its like (RFC 1002 §4.2.2): the name as a question, and as a record with an address. */
const claim = (flags: number, name: Names, address: string) => {
  const head = edited(ask(name, NB, flags), 10, '\0\x01')
  return `${head}\xc0\x0c\0\x20\0\x01\0\x03\xf4\x80\0\x06\0\0${address}`
}
const elsewhere = '\xc0\0\x02\x09'

/** A computer that names itself, as nbtscan, nmblookup, nmap and worms ask it, and as it is asked wrongly. */
export const script: Script = {
  'status by the star': [ask(star, NBSTAT), ask(star, NBSTAT, BROADCAST), ask(star, NBSTAT, RECURSION)],
  'status by a name': [0x00, 0x03, 0x20, 0x1d, 0x1e].flatMap(suffix => [
    ask([HOST, suffix], NBSTAT),
    ask([GROUP, suffix], NBSTAT),
  ]),
  'status of nobody': [ask(['OTHER', 0x20], NBSTAT), ask(browser, NBSTAT)],
  'own names': [0x00, 0x03, 0x20, 0x1b, 0x1d].map(suffix => ask([HOST, suffix], NB, RECURSION)),
  'own names, by broadcast': [0x00, 0x03, 0x20, 0x1b].map(suffix => ask([HOST, suffix], NB, BROADCAST | RECURSION)),
  'own name, without wanting recursion': [ask([HOST, 0x20], NB), ask([HOST, 0x20], NB, BROADCAST)],
  'the group': [0x00, 0x1b, 0x1c, 0x1d, 0x1e].map(suffix => ask([GROUP, suffix], NB, RECURSION)),
  'the group, by broadcast': [0x00, 0x1b, 0x1c, 0x1d, 0x1e].map(suffix =>
    ask([GROUP, suffix], NB, BROADCAST | RECURSION),
  ),
  'the browser': [ask(browser, NB, RECURSION), ask(browser, NB, BROADCAST | RECURSION)],
  everybody: [ask(star, NB, RECURSION), ask(star, NB, BROADCAST), ask(['*', 0x20], NB, RECURSION)],
  'nobody here': [
    ask(['OTHER', 0x20], NB, RECURSION),
    ask(['relay3', 0x20], NB, RECURSION),
    ask(['RELAY', 0], NB, RECURSION),
  ],
  'another type': [ask(star, 1), ask([HOST, 0x20], 0x0a), ask([HOST, 0x20], 0xff, RECURSION)],
  'claims to names': [
    claim(0x2910, [HOST, 0x00], elsewhere),
    claim(0x2900, [HOST, 0x20], elsewhere),
    claim(0x2910, ['NEWBOX', 0x00], elsewhere),
    claim(0x3000, [HOST, 0x00], elsewhere),
    claim(0x4000, [HOST, 0x00], elsewhere),
    claim(0x7900, [HOST, 0x00], elsewhere),
  ],
  'an answer nobody waits for': [ask(star, NBSTAT, 0x8500), ask([HOST, 0], NB, 0x8500)],
  broken: [
    ask(star, NBSTAT).slice(0, 20),
    ask(star, NBSTAT).slice(0, 12),
    ask(star, NBSTAT).slice(0, 5),
    edited(ask(star, NBSTAT), 4, '\0\0'),
    edited(ask(star, NBSTAT), 4, '\0\x02'),
    edited(ask(star, NBSTAT), 12, '\x1f'),
    edited(ask(star, NBSTAT), 12, '\x21'),
    edited(ask(star, NBSTAT), 14, 'zz'),
    `${latin1(question(0x1234, 0, star, NBSTAT)).slice(0, 45)}\x07example\0\0\x21\0\x01`,
    edited(ask(star, NBSTAT), 48, '\0\x03'),
    `${ask(star, NBSTAT)}trailing`,
  ],
  'another number': [edited(ask(star, NBSTAT), 0, '\xff\xfe'), edited(ask(star, NBSTAT), 0, '\0\0')],
}
