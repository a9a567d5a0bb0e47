import assert from 'node:assert/strict'
import test from 'node:test'
import { type Cipher, ciphers, type Keys, type Mac, macs, type Open, plainOpen, plainSeal } from './ciphers.ts'
import { frame, readPayload } from './packets.ts'

/** Keys of the longest kind, cut to what a cipher and a MAC take. */
const keysFor = (ivBytes: number, keyBytes: number, macBytes: number): Keys => ({
  iv: Buffer.alloc(ivBytes, 0xa1),
  key: Buffer.from(Array.from({ length: keyBytes }, (_, i) => i)),
  mac: Buffer.alloc(macBytes, 0x3c),
})
type Combination = { name: string; cipher: Cipher; mac: Mac | undefined }
const combinations: Combination[] = [...ciphers].flatMap<Combination>(([name, cipher]) =>
  cipher.aead
    ? [{ name, cipher, mac: undefined }]
    : [...macs].map(([macName, mac]) => ({ name: `${name} with ${macName}`, cipher, mac })),
)
const pair = ({ cipher, mac }: Combination) => {
  const keys = keysFor(cipher.ivBytes, cipher.keyBytes, mac?.keyBytes ?? 0)
  return { seal: cipher.seal(keys, mac), open: cipher.open(keys, mac) }
}
/** The payload of a packet that is there as a whole. */
async function payloadOf(bytes: Buffer, open: Open, sequence: number): Promise<Buffer> {
  let at = 0
  const read = async (n: number) => {
    assert.ok(at + n <= bytes.length, `Asked for ${n} bytes at ${at} of ${bytes.length}`)
    at += n
    return bytes.subarray(at - n, at)
  }
  return readPayload(await read(open.firstBytes), read, open, sequence)
}

test('there are 33 combinations of cipher and MAC', () => assert.equal(combinations.length, 33))

for (const combination of combinations)
  test(`${combination.name}: what is sealed opens, and a damaged tag does not`, async () => {
    const { seal, open } = pair(combination)
    for (const [sequence, size] of [1, 2, 15, 16, 17, 255, 1000, 5000].entries()) {
      const payload = Buffer.alloc(size, 20 + sequence)
      const packet = frame(payload, seal, bytes => Buffer.alloc(bytes, 0x55))
      const sealed = Buffer.from(seal.seal(sequence, packet))
      assert.deepEqual(await payloadOf(sealed, open, sequence), payload)
    }
    const damaged = Buffer.from(
      seal.seal(
        8,
        frame(Buffer.alloc(40, 2), seal, () => undefined),
      ),
    )
    damaged[damaged.length - 1]! ^= 0x80
    await assert.rejects(payloadOf(damaged, open, 8), /Corrupted MAC/)
  })

test('chacha20-poly1305@openssh.com agrees with an independent implementation', () => {
  const { seal } = pair({ name: '', cipher: ciphers.get('chacha20-poly1305@openssh.com')!, mac: undefined })
  const packet = frame(Buffer.from('\x15'), seal, () => undefined)
  assert.equal(seal.seal(7, packet).toString('hex'), 'a39afca22e5315434e832a5e14deb043f93d82fefa3abe63e95298b6')
})

test('aes128-ctr with hmac-sha2-256-etm agrees with an independent implementation', () => {
  const { seal } = pair(combinations.find(c => c.name === 'aes128-ctr with hmac-sha2-256-etm@openssh.com')!)
  assert.equal(
    seal
      .seal(
        3,
        frame(Buffer.from('\x15'), seal, () => undefined),
      )
      .toString('hex'),
    '00000010cd16b9c71ab721d5e6e8e00b5ad798d66e7cfce98fa8e7cc17706d40895e2233c52e6a1db9eedc1add059929ebfe0e21',
  )
})

test('before there are keys, packets are padded with zeros to a multiple of eight', async () => {
  const packet = frame(Buffer.from('\x15'), plainSeal, () => undefined)
  assert.equal(packet.toString('hex'), '0000000c0a1500000000000000000000')
  assert.deepEqual(await payloadOf(packet, plainOpen, 0), Buffer.from('\x15'))
})
