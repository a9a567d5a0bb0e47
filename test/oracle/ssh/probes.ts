import { generateKeyPairSync, sign } from 'node:crypto'
import { kexInit, kexInitTail, type Offer } from '../../../src/services/ssh/kexinit.ts'
import { Message } from '../../../src/services/ssh/messages.ts'
import { both, offer, passwordRequest, type TestClient, userauth } from '../../../src/services/ssh/testing.ts'
import { boolean, byte, message, mpint, string, uint32 } from '../../../src/services/ssh/wire.ts'

/** One thing done to a server, the same to the real one and to ours. */
export type Probe = {
  name: string
  /** The client's first bytes, CRLF included. */
  identification: string
  /** How far to go before `act`: nothing read, keys agreed, or authentication opened. */
  stage: 'clear' | 'keyed' | 'auth'
  offer: Offer
  /** What is sent then, in one go. */
  act(client: TestClient): Buffer[]
  /** Seconds that the real server may take for an answer. */
  patience: number
}

const identification = 'SSH-2.0-Test_1.0\r\n'
const cookie = Buffer.alloc(16, 7)
const packets = (payloads: Buffer[]) => (client: TestClient) => payloads.map(payload => client.packet(payload))

const identifies = (name: string, bytes: string): Probe => ({
  name: `identification: ${name}`,
  identification: bytes,
  stage: 'clear',
  offer: offer(),
  act: () => [],
  patience: 0.4,
})
const clear = (name: string, act: Probe['act'] | Buffer[]): Probe => ({
  ...identifies('', identification),
  name: `clear: ${name}`,
  act: typeof act === 'function' ? act : packets(act),
})
const keyed = (name: string, payloads: Buffer[], changes: Partial<Offer> = {}): Probe => ({
  ...clear(name, payloads),
  name: `keyed: ${name}`,
  stage: 'keyed',
  offer: offer(changes),
})
const auth = (name: string, payloads: Buffer[], patience = 0.6): Probe => ({
  ...keyed(name, payloads),
  name: `auth: ${name}`,
  stage: 'auth',
  patience,
})

/** A clear packet with every field as wished. */
const rawPacket = (length: number, padding: number, rest: Buffer): Buffer =>
  Buffer.concat([uint32(length), byte(padding), rest])
const init = (changes: Partial<Offer> = {}): Buffer => kexInit(cookie, kexInitTail(offer(changes)))
const guessing = (changes: Partial<Offer>): Buffer => {
  const payload = init(changes)
  payload[payload.length - 5] = 1
  return payload
}
const clientValue = (bytes: Buffer): Buffer => message(Message.kexClientValue, string(bytes))
const strict = 'kex-strict-c-v00@openssh.com'
const none = userauth('root', 'none')
const debug = message(Message.debug, boolean(true), string('hello'), string(''))
const ignore = message(Message.ignore, string('anything'))
const gexRequest = (min: number, wanted: number, max: number) =>
  message(Message.gexRequest, uint32(min), uint32(wanted), uint32(max))
const gex = init({ kex: ['diffie-hellman-group-exchange-sha256'] })
const group14 = init({ kex: ['diffie-hellman-group14-sha256'] })

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const keyBlob = Buffer.concat([
  string('ssh-ed25519'),
  string(Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url')),
])
const offerKey = (algorithm: string, blob: Buffer) =>
  userauth('root', 'publickey', boolean(false), string(algorithm), string(blob))
const signature = Buffer.concat([string('ssh-ed25519'), string(sign(null, Buffer.from('other data'), privateKey))])
const signedBy = (blob: Buffer) =>
  userauth('root', 'publickey', boolean(true), string('ssh-ed25519'), string(blob), string(signature))

/** Flips a bit of a packet's last byte: its tag. */
const damaged = (client: TestClient): Buffer[] => {
  const packet = client.packet(ignore)
  packet[packet.length - 1]! ^= 1
  return [packet]
}
/** A sealed packet whose clear form is wrong in one byte. */
const misframed = (change: (packet: Buffer) => void) => (client: TestClient) => {
  const packet = Buffer.concat([uint32(28), byte(18), Buffer.from([2, 0, 0, 0, 4, 1, 2, 3, 4]), Buffer.alloc(18)])
  change(packet)
  return [client.seal.seal(client.sent++, packet)]
}
const sealedWrong = (name: string, act: Probe['act'], changes: Partial<Offer> = {}): Probe => ({
  ...keyed(name, [], changes),
  act,
})

export const probes: readonly Probe[] = [
  identifies('a plain one', 'SSH-2.0-Test_1.0\r\n'),
  identifies('with LF alone', 'SSH-2.0-Test_1.0\n'),
  identifies('with a comment', 'SSH-2.0-Test_1.0 a comment, and more\r\n'),
  identifies('1.99', 'SSH-1.99-Test_1.0\r\n'),
  identifies('1.5', 'SSH-1.5-Test_1.0\r\n'),
  identifies('3.0', 'SSH-3.0-Test_1.0\r\n'),
  identifies('2.1', 'SSH-2.1-Test_1.0\r\n'),
  identifies('without software', 'SSH-2.0-\r\n'),
  identifies('without a second dash', 'SSH-2.0\r\n'),
  identifies('SSH- alone', 'SSH-\r\n'),
  identifies('no numbers', 'SSH-x.y-Test\r\n'),
  identifies('blanks in the numbers', 'SSH- 2. +0-Test\r\n'),
  identifies('a negative number', 'SSH--2.0-Test\r\n'),
  identifies('lower case', 'ssh-2.0-Test_1.0\r\n'),
  identifies('a blank before', ' SSH-2.0-Test_1.0\r\n'),
  identifies('a line before', 'hello\r\nSSH-2.0-Test_1.0\r\n'),
  identifies('an empty line', '\r\n'),
  identifies('HTTP', 'GET / HTTP/1.1\r\nHost: example\r\n\r\n'),
  identifies('a TLS ClientHello', '\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03aaaa'),
  identifies('a NUL inside', 'SSH-2.0-Te\0st\r\n'),
  identifies('a CR inside', 'SSH-2.0-Te\rst\r\n'),
  identifies('two CR', 'SSH-2.0-Test\r\r\n'),
  identifies('no end yet', 'SSH-2.0-Test'),
  identifies('8192 bytes', `SSH-2.0-${'a'.repeat(8184)}\r\n`),
  identifies('8193 bytes', `SSH-2.0-${'a'.repeat(8185)}\r\n`),
  identifies('9000 bytes without an end', 'a'.repeat(9000)),
  identifies('high bytes', 'SSH-2.0-\xe4\xf6\xfc\r\n'),
  identifies('a prober', 'SSH-2.0-Probe-1\r\n'),
  identifies('a version mapper', 'SSH-2.0-SSH_Version_Mapper\r\n'),
  identifies('PuTTY 0.60', 'SSH-2.0-PuTTY_Release_0.60\r\n'),
  identifies('PuTTY 0.78', 'SSH-2.0-PuTTY_Release_0.78\r\n'),
  identifies('WinSCP 5.7.1', 'SSH-2.0-WinSCP_release_5.7.1\r\n'),
  identifies('WinSCP 5.7.5', 'SSH-2.0-WinSCP_release_5.7.5\r\n'),
  identifies('OpenSSH 6.6', 'SSH-2.0-OpenSSH_6.6\r\n'),
  identifies('OpenSSH 6.6.1', 'SSH-2.0-OpenSSH_6.6.1p1\r\n'),

  clear('length 0', () => [Buffer.alloc(8)]),
  clear('length 4', () => [rawPacket(4, 1, Buffer.alloc(3))]),
  clear('length 5', () => [rawPacket(5, 4, Buffer.alloc(8))]),
  clear('length 13, no multiple of 8', () => [rawPacket(13, 4, Buffer.alloc(32))]),
  clear('length 262145', () => [rawPacket(262145, 4, Buffer.alloc(32))]),
  clear('length 2^32 - 1', () => [rawPacket(0xffffffff, 255, Buffer.alloc(32))]),
  clear('length 262140, not all of it', () => [rawPacket(262140, 4, Buffer.alloc(32))]),
  clear('padding of 3', () => [rawPacket(12, 3, Buffer.from('0200000000000000000000', 'hex'))]),
  clear('padding longer than the packet', () => [rawPacket(12, 200, Buffer.alloc(11, 2))]),
  clear('no payload', () => [rawPacket(12, 11, Buffer.alloc(11))]),
  clear('type 0', [byte(0)]),
  clear('type 192', [byte(192)]),
  clear('type 255', [byte(255)]),
  clear('an HTTP request as a packet', () => [Buffer.from('GET / HTTP/1.1\r\n\r\n')]),
  clear('disconnect', [message(Message.disconnect, uint32(11), string('bye'), string('en'))]),
  clear('disconnect cut short', [byte(1)]),
  clear('ignore, debug and unimplemented', [ignore, debug, message(Message.unimplemented, uint32(0)), byte(21)]),
  clear('debug cut short', [byte(4)]),
  clear('unimplemented cut short', [byte(3)]),
  clear('new keys at once', [byte(21)]),
  clear('a key exchange value at once', [clientValue(Buffer.alloc(32, 9))]),
  clear('type 49', [byte(49)]),
  clear('a service request', [message(Message.serviceRequest, string('ssh-userauth'))]),
  clear('a log-in', [none]),
  clear('type 99', [byte(99)]),
  clear('many unknown messages', [byte(40), byte(41), byte(42), byte(6), byte(7)]),
  clear('KEXINIT cut short', [init().subarray(0, 60)]),
  clear('KEXINIT of one byte', [byte(20)]),
  clear('KEXINIT with a byte too many', [Buffer.concat([init(), byte(0)])]),
  clear('KEXINIT with a NUL', [init({ kex: ['curve25519-sha256\0x'] })]),
  clear('KEXINIT with empty lists', [init({ kex: [] })]),
  clear('KEXINIT twice', [init(), init()]),
  clear('no common key exchange', [init({ kex: ['diffie-hellman-group1-sha1'] })]),
  clear('no common host key', [init({ host_key: ['ssh-dss'] })]),
  clear('no common cipher', [init({ encryption_client_to_server: ['3des-cbc'] })]),
  clear('no common MAC', [init({ mac_server_to_client: ['hmac-md5'] })]),
  clear('no common compression', [init({ compression_client_to_server: ['zlib'] })]),
  clear('the server’s own strict marker', [init({ kex: ['kex-strict-s-v00@openssh.com'] })]),
  clear('strict, with a message in between', [init({ kex: ['curve25519-sha256', strict] }), ignore]),
  clear('strict, with a debug message in between', [init({ kex: ['curve25519-sha256', strict] }), debug]),
  clear('strict, with KEXINIT twice', [init({ kex: ['curve25519-sha256', strict] }), init()]),
  clear('strict, with KEXINIT second', [ignore, init({ kex: ['curve25519-sha256', strict] })]),
  clear('strict, then a log-in', [init({ kex: ['curve25519-sha256', strict] }), none]),
  clear('a wrong guess is dropped', [guessing({}), byte(30), byte(40)]),
  clear('a wrong guess of any type is dropped', [guessing({}), byte(45), byte(46)]),
  clear('a right guess is taken', [
    guessing({ kex: ['sntrup761x25519-sha512'], host_key: ['rsa-sha2-512'] }),
    clientValue(Buffer.alloc(3)),
  ]),
  clear('X25519 with 31 bytes', [init(), clientValue(Buffer.alloc(31, 9))]),
  clear('X25519 with zeros', [init(), clientValue(Buffer.alloc(32))]),
  clear('X25519 with one byte behind', [init(), Buffer.concat([clientValue(Buffer.alloc(32, 9)), byte(1)])]),
  clear('X25519', [init(), clientValue(Buffer.alloc(32, 9))]),
  clear('P-256 with a compressed point', [
    init({ kex: ['ecdh-sha2-nistp256'] }),
    clientValue(Buffer.concat([byte(2), Buffer.alloc(32, 9)])),
  ]),
  clear('P-256 with no point', [
    init({ kex: ['ecdh-sha2-nistp256'] }),
    clientValue(Buffer.concat([byte(4), Buffer.alloc(64, 9)])),
  ]),
  clear('the hybrid, too short', [
    init({ kex: ['sntrup761x25519-sha512@openssh.com'] }),
    clientValue(Buffer.alloc(1000, 9)),
  ]),
  clear('group 14 with 0', [group14, message(Message.kexClientValue, mpint(Buffer.alloc(0)))]),
  clear('group 14 with 1', [group14, message(Message.kexClientValue, mpint(byte(1)))]),
  clear('group 14 with few bits', [group14, message(Message.kexClientValue, mpint(byte(7)))]),
  clear('group 14 with a negative number', [group14, clientValue(byte(0x80))]),
  clear('group 14', [group14, message(Message.kexClientValue, mpint(Buffer.alloc(200, 9)))]),
  clear('group exchange: 2048', [gex, gexRequest(2048, 2048, 2048)]),
  clear('group exchange: 1024 to 8192, best 3000', [gex, gexRequest(1024, 3000, 8192)]),
  clear('group exchange: 8192', [gex, gexRequest(8192, 8192, 8192)]),
  clear('group exchange: 2048 to 16384, best 16384', [gex, gexRequest(2048, 16384, 16384)]),
  clear('group exchange: 1024 only', [gex, gexRequest(1024, 1024, 1024)]),
  clear('group exchange: upside down', [gex, gexRequest(4096, 2048, 1024)]),
  clear('group exchange: none of that size', [gex, gexRequest(2500, 2600, 2700)]),
  clear('group exchange: none, larger', [gex, gexRequest(5000, 5000, 5100)]),
  clear('group exchange: value before request', [gex, message(Message.gexInit, mpint(Buffer.alloc(200, 9)))]),
  clear('group exchange: the old request', [gex, message(Message.kexClientValue, uint32(2048))]),
  clear('group exchange: request cut short', [gex, message(Message.gexRequest, uint32(2048))]),
  clear('group exchange: request twice', [gex, gexRequest(2048, 2048, 2048), gexRequest(2048, 2048, 2048)]),

  keyed('nothing', []),
  keyed('ignore, debug and unimplemented', [ignore, debug, message(Message.unimplemented, uint32(3))]),
  keyed('unknown messages', [byte(40), byte(99), byte(191)]),
  keyed('type 0', [byte(0)]),
  keyed('type 192', [byte(192)]),
  keyed('a KEXINIT', [init()]),
  keyed('new keys', [byte(21)]),
  keyed('an EXT_INFO', [message(Message.extInfo, uint32(1), string('a'), string('b'))]),
  keyed('a log-in before the service', [none]),
  keyed('the connection service', [message(Message.serviceRequest, string('ssh-connection'))]),
  keyed('an empty service', [message(Message.serviceRequest, string(''))]),
  keyed('a service cut short', [byte(5)]),
  keyed('a service with a byte behind', [
    Buffer.concat([message(Message.serviceRequest, string('ssh-userauth')), byte(0)]),
  ]),
  keyed(
    'the service twice',
    [1, 2].map(() => message(Message.serviceRequest, string('ssh-userauth'))),
  ),
  keyed('a channel', [message(90, string('session'), uint32(0), uint32(1 << 20), uint32(1 << 15))]),
  keyed('a global request', [message(80, string('tcpip-forward'), boolean(true), string(''), uint32(0))]),
  ...['hmac-sha2-256', 'hmac-sha2-512-etm@openssh.com', 'umac-64@openssh.com', 'umac-128-etm@openssh.com'].map(mac =>
    sealedWrong(`a wrong tag, ${mac}`, damaged, both('aes256-ctr', mac)),
  ),
  ...['chacha20-poly1305@openssh.com', 'aes128-gcm@openssh.com'].map(cipher =>
    sealedWrong(`a wrong tag, ${cipher}`, damaged, both(cipher)),
  ),
  ...['aes128-ctr', 'aes128-gcm@openssh.com', 'chacha20-poly1305@openssh.com'].flatMap(cipher => [
    sealedWrong(
      `length 2^32 - 1, ${cipher}`,
      misframed(packet => packet.writeUInt32BE(0xffffffff)),
      both(cipher),
    ),
    sealedWrong(
      `length 27, ${cipher}`,
      misframed(packet => packet.writeUInt32BE(27)),
      both(cipher),
    ),
  ]),
  sealedWrong(
    'length 27, encrypt-then-MAC',
    misframed(packet => packet.writeUInt32BE(27)),
    {
      ...both('aes128-ctr', 'hmac-sha1-etm@openssh.com'),
    },
  ),
  sealedWrong(
    'padding of 3',
    misframed(packet => packet.writeUInt8(3, 4)),
  ),
  sealedWrong(
    'padding of 255',
    misframed(packet => packet.writeUInt8(255, 4)),
  ),
  ...['aes192-ctr', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com'].map(cipher =>
    keyed(
      `padding of the answers, ${cipher}`,
      [1, 2].map(() => byte(99)),
      both(cipher, 'umac-128-etm@openssh.com'),
    ),
  ),

  auth('none', [none]),
  auth('none seven times', Array(7).fill(none)),
  auth('none with a byte behind', [Buffer.concat([none, byte(0)])]),
  auth('none for an empty user', [userauth('', 'none')]),
  auth('none for another service', [message(50, string('root'), string('ssh-userauth'), string('none'))]),
  auth('a request cut short', [message(50, string('root'))]),
  auth('a NUL in the user', [userauth('ro\0ot', 'none')]),
  auth('a NUL behind the user', [userauth('root\0', 'none'), none]),
  auth('the user changes', [none, userauth('admin', 'none')]),
  auth('the service changes', [none, message(50, string('root'), string('other'), string('none'))]),
  auth('style and role', [none, userauth('root:style', 'none'), userauth('root/role', 'none')]),
  auth('an unknown method seven times', Array(7).fill(userauth('root', 'hostless')), 1),
  auth('hostbased and gssapi', [userauth('root', 'hostbased'), userauth('root', 'gssapi-with-mic')]),
  auth('keyboard-interactive, which is off', [userauth('root', 'keyboard-interactive', string(''), string(''))]),
  auth('an answer to no question', [message(Message.userauthInfoResponse, uint32(1), string('x'))]),
  auth('messages that are not for now', [byte(51), byte(52), byte(60), byte(63), byte(80), byte(100)]),
  auth('the service once more', [none, message(Message.serviceRequest, string('ssh-userauth')), none]),
  auth('a KEXINIT between', [none, init(), none]),
  auth('a key', [offerKey('ssh-ed25519', keyBlob)]),
  auth('a key six times', Array(6).fill(offerKey('ssh-ed25519', keyBlob)), 1),
  auth('a key of an unknown algorithm', [offerKey('ssh-unknown', Buffer.alloc(9))]),
  auth('a key that is none', [offerKey('ssh-ed25519', Buffer.alloc(9))]),
  auth('a key of another type', [offerKey('rsa-sha2-256', keyBlob)]),
  auth('a key with a byte behind', [Buffer.concat([offerKey('ssh-ed25519', keyBlob), byte(0)])]),
  auth('a key cut short', [userauth('root', 'publickey', boolean(false), string('ssh-ed25519'))]),
  auth('a key with a wrong signature', [signedBy(keyBlob)]),
  auth('a key with a signature cut short', [
    userauth('root', 'publickey', boolean(true), string('ssh-ed25519'), string(keyBlob)),
  ]),
  auth('an unknown key with a byte behind', [Buffer.concat([offerKey('ssh-unknown', Buffer.alloc(9)), byte(0)])]),
  auth('a key bound to another host', [
    userauth(
      'root',
      'publickey-hostbound-v00@openssh.com',
      boolean(false),
      string('ssh-ed25519'),
      string(keyBlob),
      string(keyBlob),
    ),
  ]),
  auth('a password', [passwordRequest('root', 'secret')], 5),
  auth('a password for nobody', [passwordRequest('nobody-here', 'secret')], 5),
  auth('an empty password', [passwordRequest('root', '')], 5),
  auth('a password of 1025 bytes', [passwordRequest('root', 'a'.repeat(1025))], 5),
  auth('a new password', [userauth('root', 'password', boolean(true), string('old'), string('new'))], 5),
  auth('a new password cut short', [userauth('root', 'password', boolean(true), string('old'))]),
  auth('a password with a NUL', [passwordRequest('root', 'a\0b')]),
  auth('a password with a byte behind', [Buffer.concat([passwordRequest('root', 'a'), byte(0)])]),
  auth('a password cut short', [userauth('root', 'password', boolean(false))]),
  auth('six passwords', Array(6).fill(passwordRequest('root', 'secret')), 5),
  auth('none and six passwords', [none, ...Array(6).fill(passwordRequest('root', 'secret'))], 5),
]
