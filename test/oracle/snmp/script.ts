import * as ber from '../../../src/services/snmp/ber.ts'
import type { Script } from '../kit/dialogue.ts'

const nothing = Buffer.of(5, 0)
type Asked = { version?: 0 | 1; community?: string; first?: number; second?: number; values?: Buffer[] }
/** A message of version 1 or 2c with these names. */
function ask(
  type: number,
  names: readonly string[],
  { version = 1, community = 'public', first = 0, second = 0, values = [] }: Asked = {},
) {
  const list = names.map((name, i) => ber.sequence(ber.objectId(ber.oid(name)), values[i] ?? nothing))
  const pdu = ber.tlv(type, ber.integer(0x01020304), ber.integer(first), ber.integer(second), ber.sequence(...list))
  return ber.sequence(ber.integer(version), ber.octets(community), pdu).toString('latin1')
}
const [GET, NEXT, RESPONSE, SET, BULK, INFORM] = [0xa0, 0xa1, 0xa2, 0xa3, 0xa5, 0xa6]
const sys = (arc: number) => `1.3.6.1.2.1.1.${arc}.0`
const v1 = { version: 0 } as const
const rw = { community: 'private' }
const text = (value: string) => ber.octets(value)

type Usm = {
  engine?: Buffer
  user?: string
  flags?: number
  digest?: Buffer
  boots?: number
  time?: number
  model?: number
}
/** A message of version 3 that asks for sysDescr.0. */
function usm({
  engine = Buffer.alloc(0),
  user = '',
  flags = 4,
  digest = Buffer.alloc(0),
  boots = 0,
  time = 0,
  model = 3,
}: Usm = {}) {
  const pdu = ber.tlv(GET, ber.integer(77), ber.integer(0), ber.integer(0), ber.sequence())
  const security = ber.sequence(
    ber.octets(engine),
    ber.integer(boots),
    ber.integer(time),
    ber.octets(user),
    ber.octets(digest),
    ber.octets(''),
  )
  return ber
    .sequence(
      ber.integer(3),
      ber.sequence(ber.integer(4711), ber.integer(65_507), ber.octets(Buffer.of(flags)), ber.integer(model)),
      ber.octets(security),
      ber.sequence(ber.octets(engine), ber.octets(''), pdu),
    )
    .toString('latin1')
}

const questions: Record<string, string> = {
  description: ask(GET, [sys(1)]),
  'description, version 1': ask(GET, [sys(1)], v1),
  'all of the system': ask(GET, [1, 2, 3, 4, 5, 6, 7, 8].map(sys)),
  services: ask(GET, [sys(7)]),
  'no such object': ask(GET, ['1.3.6.1.2.1.1.99.0']),
  'no such object, version 1': ask(GET, ['1.3.6.1.2.1.1.99.0'], v1),
  'no such instance': ask(GET, ['1.3.6.1.2.1.1.1']),
  'no such instance of a table': ask(GET, ['1.3.6.1.2.1.2.2.1.2.99']),
  'one there and one not': ask(GET, [sys(7), '1.3.6.1.2.1.1.99.0', sys(3)]),
  'one there and one not, version 1': ask(GET, [sys(7), '1.3.6.1.2.1.1.99.0', sys(3)], v1),
  'nothing at all': ask(GET, []),
  'a name of others': ask(GET, ['1.3.6.1.4.1.9.9.23.1.2.1.1.6']),
  'the next of all': ask(NEXT, ['1.3.6.1.2.1']),
  'the next of all, version 1': ask(NEXT, ['1.3.6.1.2.1'], v1),
  'the next of the system': ask(NEXT, ['1.3.6.1.2.1.1']),
  'the next of a name': ask(NEXT, [sys(1)]),
  'the next of the last scalar': ask(NEXT, [sys(8)]),
  'the next in a table': ask(NEXT, ['1.3.6.1.2.1.1.9.1.2.1']),
  'the next column': ask(NEXT, ['1.3.6.1.2.1.1.9.1.2.10']),
  'the next group': ask(NEXT, ['1.3.6.1.2.1.1.9.1.4.10']),
  'the first interface': ask(NEXT, ['1.3.6.1.2.1.2.2']),
  'three at once': ask(NEXT, ['1.3.6.1.2.1.2.2.1.1', '1.3.6.1.2.1.2.2.1.3', '1.3.6.1.2.1.2.2.1.8']),
  'behind all': ask(NEXT, ['1.3.6.1.9']),
  'behind all, version 1': ask(NEXT, ['1.3.6.1.9'], v1),
  'one there and one behind all': ask(NEXT, [sys(1), '1.3.6.1.9']),
  'many at once': ask(BULK, ['1.3.6.1.2.1.1'], { second: 5 }),
  'many at once, and one by itself': ask(BULK, [sys(6), '1.3.6.1.2.1.1.9.1.2'], { first: 1, second: 3 }),
  'many of two': ask(BULK, ['1.3.6.1.2.1.1.9.1.2', '1.3.6.1.2.1.1.9.1.3'], { second: 2 }),
  'none at all of many': ask(BULK, ['1.3.6.1.2.1.1'], { second: 0 }),
  'many, with more non-repeaters than names': ask(BULK, ['1.3.6.1.2.1.1'], { first: 5, second: 5 }),
  'many behind all': ask(BULK, ['1.3.6.1.9'], { second: 5 }),
  'many, version 1': ask(BULK, ['1.3.6.1.2.1.1'], { ...v1, second: 5 }),
  'a negative number of many': ask(BULK, ['1.3.6.1.2.1.1'], { first: -1, second: -1 }),
  'the way of the host': ask(NEXT, ['1.3.6.1.2.1.25']),
  'number of users and date': ask(GET, [
    '1.3.6.1.2.1.25.1.1.0',
    '1.3.6.1.2.1.25.1.2.0',
    '1.3.6.1.2.1.25.1.5.0',
    '1.3.6.1.2.1.25.1.6.0',
    '1.3.6.1.2.1.25.1.7.0',
  ]),
  memory: ask(GET, [
    '1.3.6.1.2.1.25.2.2.0',
    '1.3.6.1.2.1.25.2.3.1.3.1',
    '1.3.6.1.2.1.25.2.3.1.4.1',
    '1.3.6.1.2.1.25.2.3.1.5.1',
  ]),
  'the first process': ask(NEXT, ['1.3.6.1.2.1.25.4.2.1.2']),
  'wide counters': ask(GET, ['1.3.6.1.2.1.31.1.1.1.1.1', '1.3.6.1.2.1.31.1.1.1.6.1']),
  'wide counters, version 1': ask(GET, ['1.3.6.1.2.1.31.1.1.1.6.1'], v1),
  'what is forwarded': ask(GET, ['1.3.6.1.2.1.4.1.0', '1.3.6.1.2.1.4.2.0']),
  'its own address': ask(GET, ['1.3.6.1.2.1.4.20.1.1.127.0.0.1', '1.3.6.1.2.1.4.20.1.3.127.0.0.1']),
  load: ask(GET, ['1.3.6.1.4.1.2021.10.1.2.1', '1.3.6.1.4.1.2021.10.1.3.1', '1.3.6.1.4.1.2021.10.1.5.1']),
  'version of the agent': ask(GET, ['1.3.6.1.4.1.2021.100.2.0', '1.3.6.1.4.1.2021.4.5.0']),
  'a wrong community': ask(GET, [sys(1)], { community: 'secret' }),
  'no community': ask(GET, [sys(1)], { community: '' }),
  'written without the right': ask(SET, [sys(6)], { values: [text('x')] }),
  'written without the right, version 1': ask(SET, [sys(6)], { ...v1, values: [text('x')] }),
  written: ask(SET, [sys(6)], { ...rw, values: [text('Rack 7')] }),
  'written, version 1': ask(SET, [sys(6)], { ...rw, ...v1, values: [text('Rack 7')] }),
  'what is not to be written': ask(SET, [sys(1)], { ...rw, values: [text('x')] }),
  'what is not to be written, version 1': ask(SET, [sys(1)], { ...rw, ...v1, values: [text('x')] }),
  'written with a wrong type': ask(SET, [sys(6)], { ...rw, values: [ber.integer(4)] }),
  'written with a wrong type, version 1': ask(SET, [sys(6)], { ...rw, ...v1, values: [ber.integer(4)] }),
  'written where nothing is': ask(SET, ['1.3.6.1.2.1.1.99.0'], { ...rw, values: [text('x')] }),
  'read by who may write': ask(GET, [sys(7)], rw),
  'a response': ask(RESPONSE, [sys(1)]),
  'an inform': ask(INFORM, [sys(3)]),
  'a trap': ask(0xa7, [sys(3)]),
  'version 2': ask(GET, [sys(1)]).replace('\x02\x01\x01', '\x02\x01\x02'),
  'cut off': ask(GET, [sys(1)]).slice(0, 20),
  'no BER': 'hello',
  discovery: usm(),
  'discovery with a user': usm({ user: 'admin' }),
  'another engine': usm({ engine: Buffer.from('80001f888011223344556677', 'hex'), user: 'admin' }),
  'another engine, signed': usm({
    engine: Buffer.from('80001f888011223344556677', 'hex'),
    user: 'admin',
    flags: 5,
    digest: Buffer.alloc(12, 7),
  }),
  'discovery that wants no report': usm({ flags: 0 }),
  'a security model of no kind': usm({ model: 9 }),
}

export const script: Script = Object.fromEntries(Object.entries(questions).map(([what, sent]) => [what, [sent]]))
