/**
 * What is sent to the real daemon and to ours, each from an address that sent nothing before. Numbers are of RFC 5905
 * §7.3 (header), §7.5 (extension fields) and RFC 1305 appendix B (control); mode 7 is ntpd's own.
 */
const header = (version: number, mode: number, { leap = 0, poll = 0, precision = 0 } = {}): Buffer => {
  const packet = Buffer.alloc(48)
  packet[0] = (leap << 6) | (version << 3) | mode
  packet[2] = poll
  packet.writeInt8(precision, 3)
  packet.writeBigUInt64BE(0x0123456789abcdefn, 40)
  return packet
}
const after = (packet: Buffer, ...more: (Buffer | number)[]) =>
  Buffer.concat([packet, ...more.map(piece => (typeof piece === 'number' ? Buffer.alloc(piece, 0x5a) : piece))])
const extension = (type: number, length: number, claimed = length): Buffer => {
  const field = Buffer.alloc(length)
  field.writeUInt16BE(type, 0)
  field.writeUInt16BE(claimed, 2)
  return field
}
const key = (id: number, digest: number): Buffer => {
  const mac = Buffer.alloc(4 + digest, 0xab)
  mac.writeUInt32BE(id)
  return mac
}
const control = (opcode: number, { version = 2, data = '', response = 0 } = {}): Buffer => {
  const packet = Buffer.alloc(12)
  packet[0] = (version << 3) | 6
  packet[1] = response | opcode
  packet.writeUInt16BE(1, 2)
  packet.writeUInt16BE(data.length, 10)
  return Buffer.concat([packet, Buffer.from(data), Buffer.alloc((4 - (data.length % 4)) % 4)])
}
const client = header(4, 3)
const filled = Buffer.from(client).fill(0x77, 1, 40)

export const datagrams: Record<string, Buffer> = {
  ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map(version => [`client, version ${version}`, header(version, 3)])),
  ...Object.fromEntries([0, 1, 2, 4, 5].map(mode => [`version 4, mode ${mode}`, header(4, mode)])),
  ...Object.fromEntries([0, 1, 2, 4, 5].map(mode => [`version 3, mode ${mode}`, header(3, mode)])),
  ...Object.fromEntries([0, 1, 2, 4, 5, 6, 7].map(mode => [`version 1, mode ${mode}`, header(1, mode)])),
  'version 1, 6 bytes more': after(header(1, 3), 6),
  'version 1, MD5 of an unknown key': after(header(1, 3), key(1, 16)),
  'version 1, 47 bytes': header(1, 0).subarray(0, 47),
  'version 1, 60 bytes': after(header(1, 3), 12),
  'version 2, mode 1': header(2, 1),
  'version 0, mode 0': header(0, 0),
  'as ntpdate asks': header(4, 3, { leap: 3, poll: 3, precision: -6 }),
  'as systemd-timesyncd asks': Buffer.concat([Buffer.of(0x23), Buffer.alloc(39), client.subarray(40)]),
  'as port scanners ask': Buffer.from(`e30004fa0001000000010000${'00'.repeat(28)}c54f234b71b152f3`, 'hex'),
  'every field filled': filled,
  'poll 17': header(4, 3, { poll: 17 }),
  'no transmit timestamp': Buffer.concat([client.subarray(0, 40), Buffer.alloc(8)]),
  nothing: Buffer.alloc(0),
  'one byte': client.subarray(0, 1),
  '47 bytes': client.subarray(0, 47),
  '49 bytes': after(client, 1),
  '51 bytes': after(client, 3),
  'crypto-NAK': after(client, key(0, 0)),
  'key id without a digest': after(client, key(7, 0)),
  'key id without a digest, version 2': after(header(2, 3), key(7, 0)),
  '6 bytes more, version 2': after(header(2, 3), 6),
  '6 bytes more, version 4': after(client, 6),
  '8 bytes more': after(client, 8),
  '12 bytes more': after(client, 12),
  'MD5 of an unknown key': after(client, key(1, 16)),
  'MD5 of an unknown key, version 3': after(header(3, 3), key(1, 16)),
  'MD5 of an unknown key, version 2': after(header(2, 3), key(1, 16)),
  'MD5 of key 0': after(client, key(0, 16)),
  'SHA-1 of an unknown key': after(client, key(10, 20)),
  'SHA-1 of an unknown key, symmetric': after(header(4, 1), key(10, 20)),
  'a domain account, empty digest': after(header(3, 3), Buffer.from(`f4010000${'00'.repeat(16)}`, 'hex')),
  'extended MS-SNTP authenticator': after(header(3, 3), 72),
  '72 bytes more, version 4': after(client, 72),
  'one extension field': after(client, extension(0x0104, 28)),
  'two extension fields': after(client, extension(0x0104, 36), extension(0x0204, 100)),
  'an extension field of 16': after(client, extension(0x0104, 16)),
  'an extension field of 24': after(client, extension(0x0104, 24)),
  'an extension field, version 3': after(header(3, 3), extension(0x0104, 28)),
  'an extension field and an unknown key': after(client, extension(0x0104, 28), key(1, 16)),
  'an extension field that claims more': after(client, extension(0x0104, 28, 64)),
  'an extension field of odd length': after(client, extension(0x0104, 32, 30)),
  'an extension field of length 0': after(client, extension(0x0104, 32, 0)),
  'an extension field of 1 kB': after(client, extension(0x0104, 1024)),
  '1,000 bytes of nonsense': after(client, 952),
  'control: readstat': control(1),
  'control: readvar': control(2),
  'control: readvar, version 3': control(2, { version: 3, data: 'version,system' }),
  'control: configure': control(8, { data: 'trap 192.0.2.1' }),
  'control: mrulist': control(10, { data: 'nonce=0, frags=32' }),
  'control: request nonce': control(12),
  'control: a response': control(2, { response: 0x80 }),
  'control: cut off': control(2).subarray(0, 6),
  'control: one byte': Buffer.of(0x16),
  'private: MON_GETLIST_1': Buffer.from('1700032a00000000', 'hex'),
  'private: MON_GETLIST_1, 48 bytes': Buffer.from(`1700032a${'00'.repeat(44)}`, 'hex'),
  'private: MON_GETLIST_1, 192 bytes': Buffer.from(`1700032a${'00'.repeat(188)}`, 'hex'),
  'private: MON_GETLIST': Buffer.from('1700021400000000', 'hex'),
  'private: version 4': Buffer.from('2700032a00000000', 'hex'),
  'private: one byte': Buffer.of(0x17),
}

/** Sent from one address as fast as they are answered: where the limits of `limited kod` are. */
export const burst: Buffer[] = Array.from({ length: 45 }, () => client)
/** The same with fields that a kiss-o'-death gives back. */
export const filledBurst: Buffer[] = Array.from({ length: 22 }, () => filled)
/** Refused queries do not count. */
export const mixedBurst: Buffer[] = [...Array.from({ length: 25 }, () => control(2)), ...burst.slice(0, 22)]
