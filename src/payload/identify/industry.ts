import { at, begins, certain, guess, header, likely, magic, type Recogniser, type Sight, shown, within } from './kit.ts'

const modbus = header(
  8,
  // Modbus Messaging on TCP/IP §3.1: transaction, protocol 0, length, unit, function
  bytes => at(bytes, 2, 0) && at(bytes, 3, 0) && within(bytes, 4, 2, 2, 254),
  bytes => {
    const [length, code] = [bytes.readUInt16BE(4), bytes[7]!]
    const known = new Map([
      [1, 'read coils'],
      [2, 'read discrete inputs'],
      [3, 'read holding registers'],
      [4, 'read input registers'],
      [5, 'write coil'],
      [6, 'write register'],
      [8, 'diagnostics'],
      [15, 'write coils'],
      [16, 'write registers'],
      [17, 'report server id'],
      [43, 'device identification'],
      [90, 'Unity'],
    ])
    const name = known.get(code)
    if (name === undefined || bytes.length > length + 6 + 300) return undefined
    if (code <= 6 && length !== 6) return undefined
    if (code === 43 && bytes.length > 8 && bytes[8] !== 14) return undefined
    return bytes.length < length + 6 ? 'more' : likely(`unit ${bytes[6]}, ${name}`)
  },
)

const enip = header(
  24,
  // CIP volume 2 §2-3.1: command, length, session, status 0, context, options 0, all little-endian
  bytes =>
    at(bytes, 0, 0x04, 0x01, 0x63, 0x64, 0x65, 0x66, 0x6f, 0x70) &&
    at(bytes, 1, 0) &&
    within(bytes, 2, 2, 0, 600, 'le') &&
    within(bytes, 8, 4, 0, 0, 'le') &&
    within(bytes, 20, 4, 0, 0, 'le'),
  bytes => {
    const name = new Map([
      [0x04, 'ListServices'],
      [0x63, 'ListIdentity'],
      [0x64, 'ListInterfaces'],
      [0x65, 'RegisterSession'],
      [0x66, 'UnRegisterSession'],
      [0x6f, 'SendRRData'],
      [0x70, 'SendUnitData'],
    ]).get(bytes[0]!)
    if (name === undefined || (bytes[0]! < 0x65 && bytes.readUInt32LE(4) !== 0)) return undefined
    return bytes[0] === 0x65 && bytes.readUInt16LE(2) !== 4 ? undefined : certain(name)
  },
)

const iec104 = (bytes: Buffer): Sight => {
  // IEC 60870-5-104 §5: 0x68, length, four control octets
  if (!at(bytes, 0, 0x68) || (bytes.length > 1 && (bytes[1]! < 4 || bytes[1]! > 253))) return undefined
  if (bytes.length < 6) return 'more'
  const control = bytes[2]!
  if (bytes[1] === 4 && (control & 3) === 3) {
    const frame = new Map([
      [0x07, 'STARTDT'],
      [0x13, 'STOPDT'],
      [0x43, 'TESTFR'],
      [0x0b, 'STARTDT confirm'],
      [0x83, 'TESTFR confirm'],
    ]).get(control)
    return frame !== undefined && bytes[3] === 0 ? certain(frame) : undefined
  }
  if (bytes[1]! < 12 || (control & 1) !== 0) return bytes[1] === 4 && control === 1 ? likely('S frame') : undefined
  if (bytes.length < bytes[1]! + 2) return 'more'
  // What follows a frame is another.
  if (!at(bytes, bytes[1]! + 2, 0x68)) return undefined
  return [100, 101, 103, 45, 46, 48, 50, 58].includes(bytes[6]!) ? likely(`type ${bytes[6]}`) : undefined
}

const dicom = header(
  6,
  // DICOM PS3.8 §9.3.2: A-ASSOCIATE-RQ, reserved, length
  bytes => at(bytes, 0, 1) && at(bytes, 1, 0) && at(bytes, 2, 0) && at(bytes, 3, 0),
  bytes => {
    if (bytes.readUInt32BE(2) < 68 || bytes.readUInt32BE(2) > 65535) return undefined
    if (bytes.length < 42) return bytes.length < 8 || (bytes[6] === 0 && bytes[7] === 1) ? 'more' : undefined
    if (bytes.readUInt16BE(6) !== 1) return undefined
    const title = (from: number) => shown(bytes.toString('latin1', from, from + 16).trim())
    return certain(`${title(26)} calls ${title(10)}`)
  },
)

/** Machines that move things, and hospitals'. */
export const industry: readonly Recogniser[] = [
  { protocol: 'modbus', ports: [502], see: modbus },
  { protocol: 'enip', ports: [44818], see: enip },
  { protocol: 'iec104', ports: [2404], see: iec104 },
  {
    // IEEE 1815 §9.2.4: start octets, length, control, addresses
    protocol: 'dnp3',
    ports: [20000],
    see: header(
      5,
      bytes => at(bytes, 0, 0x05) && at(bytes, 1, 0x64) && (bytes.length < 3 || bytes[2]! >= 5),
      () => certain(),
    ),
  },
  { protocol: 'fox', ports: [1911, 4911], see: magic(['fox a ', 'fox p '], certain('Niagara')) },
  { protocol: 'dicom', ports: [104, 11112], see: dicom },
  { protocol: 'hl7', ports: [2575], see: magic('\x0bMSH', certain('MLLP')) },
  // OPC 10000-6 §7.1.2
  {
    protocol: 'opcua',
    ports: [4840],
    see: header(
      8,
      bytes => begins(bytes, 'HELF') !== 'no' || begins(bytes, 'OPNF') !== 'no',
      bytes => certain(shown(bytes.toString('latin1', 32, 120))),
    ),
  },
  {
    protocol: 'fins',
    ports: [9600],
    see: header(
      12,
      bytes => begins(bytes, 'FINS') !== 'no',
      () => certain(),
    ),
  },
  {
    protocol: 'codesys',
    ports: [2455, 1217, 11740],
    see: magic(['\xbb\xbb\x01\0\0\0\x01', '\xbb\xbb\0\0\0\x01', '\0\x01\x17\xe8'], likely()),
  },
  { protocol: 'pcworx', ports: [1962], see: magic('\x01\x01\0\x1a\0', certain()) },
  { protocol: 'proconos', ports: [20547], see: magic('\xcc\x01\0\x0b\x40\x02\0\0', certain()) },
  {
    protocol: 'ge-srtp',
    ports: [18245],
    see: header(
      56,
      bytes => bytes.every(byte => byte === 0),
      bytes => (bytes.length === 56 ? guess('initialisation') : undefined),
    ),
  },
  {
    protocol: 'melsec',
    ports: [5006, 5007],
    see: header(
      9,
      bytes => at(bytes, 0, 0x50, 0x57) && at(bytes, 1, 0) && at(bytes, 2, 0) && at(bytes, 3, 0xff, 0),
      bytes => likely(bytes[0] === 0x57 ? '4E' : '3E'),
    ),
  },
  {
    protocol: 'guardian-ast',
    late: true,
    ports: [10001],
    see: bytes =>
      /^\x01?I(?:20|21|30|60|90)\d{3}/.test(bytes.toString('latin1', 0, 8))
        ? certain(shown(bytes.toString('latin1', 0, 8)))
        : undefined,
  },
  // EN 50090: KNXnet/IP header of 6 bytes, version 1.0
  {
    protocol: 'knxnet',
    ports: [3671],
    see: header(
      6,
      bytes => at(bytes, 0, 6) && at(bytes, 1, 0x10) && at(bytes, 2, 2, 3, 4) && within(bytes, 4, 2, 6, 255),
      () => certain(),
    ),
  },
  { protocol: 'crimson', ports: [789], see: magic('\0\x04\x01\x2b\x1b\0', certain()) },
  {
    protocol: 'dahua',
    ports: [37777],
    see: magic(['\xa0\x05\0\x60', '\xa0\x01\0\0', '\xa4\0\0\0\0\0\0\0', '\xa3\0\0\0\0\0\0\0'], likely()),
  },
  {
    protocol: 'xmeye',
    ports: [34567],
    see: header(
      20,
      bytes => at(bytes, 0, 0xff) && at(bytes, 1, 0, 1) && at(bytes, 2, 0) && at(bytes, 3, 0),
      bytes => (bytes.readUInt16LE(14) >= 1000 && bytes.readUInt16LE(14) < 2200 ? certain('DVRIP') : undefined),
    ),
  },
]
