import { at, begins, certain, firstLine, header, likely, magic, type Recogniser, shown, within } from './kit.ts'

/** What big programs, most of them on a JVM, say to each other. */
export const java: readonly Recogniser[] = [
  {
    // Java RMI specification §10.2: magic, version 2, a sub-protocol
    protocol: 'rmi',
    ports: [1099, 1098, 9010],
    see: header(
      7,
      bytes =>
        begins(bytes, 'JRMI') !== 'no' && at(bytes, 4, 0) && at(bytes, 5, 1, 2) && at(bytes, 6, 0x4b, 0x4c, 0x4d),
      bytes => certain(`version ${bytes[5]}`),
    ),
  },
  { protocol: 'java-serialization', see: magic('\xac\xed\0\x05', certain('stream')) },
  {
    // WebLogic: `t3 12.1.2` and headers
    protocol: 't3',
    ports: [7001, 7002],
    see: bytes => {
      const found = firstLine(bytes, 64)
      if (!found) return undefined
      if (/^t3s? \d{1,2}\.\d/.test(found.line)) return found.whole ? certain(found.line) : 'more'
      return !found.whole && /^t(?:3(?:s? ?(?:\d{1,2}\.?)?)?)?$/.test(found.line) && found.line !== ''
        ? 'more'
        : undefined
    },
  },
  // OMG CORBA 15.4.1; WebLogic's IIOP
  {
    protocol: 'giop',
    ports: [7001, 683, 2809],
    see: header(
      8,
      bytes => begins(bytes, 'GIOP') !== 'no' && at(bytes, 4, 1) && at(bytes, 5, 0, 1, 2, 3),
      bytes => certain(`1.${bytes[5]}`),
    ),
  },
  { protocol: 'jdwp', ports: [8000, 5005, 8787], see: magic('JDWP-Handshake') },
  {
    protocol: 'hadoop-ipc',
    ports: [8020, 9000, 8032],
    see: header(
      5,
      bytes => begins(bytes, 'hrpc') !== 'no',
      bytes => certain(`version ${bytes[4]}`),
    ),
  },
  { protocol: 'hbase', ports: [16000, 16020], see: magic('HBas\0') },
  // org.elasticsearch.transport: two letters and the message's length
  {
    protocol: 'elasticsearch-transport',
    ports: [9300],
    see: header(
      6,
      bytes => begins(bytes, 'ES') !== 'no' && at(bytes, 2, 0),
      bytes => (bytes[3]! < 16 ? certain('transport') : undefined),
    ),
  },
  {
    // Erlang, "Distribution Protocol": length, request
    protocol: 'epmd',
    ports: [4369],
    see: header(
      3,
      bytes => at(bytes, 0, 0) && within(bytes, 0, 2, 1, 300) && at(bytes, 2, 0x6e, 0x78, 0x7a, 0x64, 0x6b, 0x73),
      bytes => {
        const length = bytes.readUInt16BE(0)
        const name = new Map([
          [0x6e, 'NAMES'],
          [0x64, 'DUMP'],
          [0x6b, 'KILL'],
        ]).get(bytes[2]!)
        if (name) return length === 1 && bytes.length === 3 ? certain(name) : undefined
        return bytes.length === length + 2
          ? likely(bytes[2] === 0x78 ? 'ALIVE2' : `PORT_PLEASE2 ${shown(bytes.toString('latin1', 3, 40))}`)
          : undefined
      },
    ),
  },
  {
    // Erlang distribution handshake: send_name with version 5 or N
    protocol: 'erlang',
    ports: [25672],
    see: header(
      5,
      bytes => at(bytes, 0, 0) && within(bytes, 0, 2, 8, 300) && at(bytes, 2, 0x4e, 0x6e) && at(bytes, 3, 0),
      bytes => (bytes.toString('latin1', 3, 300).includes('@') ? likely('send_name') : undefined),
    ),
  },
  { protocol: 'dubbo', ports: [20880], see: magic('\xda\xbb', likely()) },
  {
    // gRPC needs HTTP/2; Thrift framed: a length, then version 1 and a call
    protocol: 'thrift',
    ports: [9090],
    see: header(
      8,
      bytes =>
        at(bytes, 0, 0) &&
        at(bytes, 1, 0) &&
        at(bytes, 4, 0x80) &&
        at(bytes, 5, 1) &&
        at(bytes, 6, 0) &&
        at(bytes, 7, 1, 4),
      () => certain('framed call'),
    ),
  },
  // .NET Remoting: MS-NRTP §2.2.3.3
  { protocol: 'net-remoting', ports: [8085], see: magic('.NET\x01\0') },
  {
    protocol: 'net-tcp',
    ports: [808],
    see: header(
      6,
      bytes =>
        at(bytes, 0, 0) &&
        at(bytes, 1, 1) &&
        at(bytes, 2, 0) &&
        at(bytes, 3, 1) &&
        at(bytes, 4, 1, 2, 3) &&
        at(bytes, 5, 2),
      () => likely('MC-NMF'),
    ),
  },
  // MS-MQQB §2.2.20.1: base header with its signature
  {
    protocol: 'msmq',
    ports: [1801],
    see: header(
      8,
      bytes =>
        at(bytes, 0, 0x10) && at(bytes, 4, 0x4c) && at(bytes, 5, 0x49) && at(bytes, 6, 0x4f) && at(bytes, 7, 0x52),
      () => certain(),
    ),
  },
  { protocol: 'hazelcast', ports: [5701], see: magic(['HZC', 'CB2', 'CP2'], likely()) },
  {
    protocol: 'jenkins-cli',
    late: true,
    ports: [50000],
    see: bytes =>
      /^\0[\x10-\x40]Protocol:/.test(bytes.toString('latin1', 0, 12))
        ? certain(shown(bytes.toString('latin1', 11, 40)))
        : undefined,
  },
]
