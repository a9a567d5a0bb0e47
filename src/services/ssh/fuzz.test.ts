import assert from 'node:assert/strict'
import test from 'node:test'
import { Cursor } from '#codec/cursor.ts'
import { Hangup, Malformed } from '#sensor/endings.ts'
import { listeningRecorder } from '../testing/play.ts'
import { type Authentication, authenticate } from './auth.ts'
import { ciphers, macs, plainOpen, plainSeal } from './ciphers.ts'
import { kexInit, kexInitTail, negotiate, readKexInit } from './kexinit.ts'
import { Message } from './messages.ts'
import { frame, readPayload } from './packets.ts'
import { both, connect, offer, passwordRequest, TestClient, userauth } from './testing.ts'
import { dice, mutate, times } from './testing-fuzz.ts'
import type { Transport } from './transport.ts'
import { boolean, message, string, uint32 } from './wire.ts'

// A million mutated messages and packets: none may end in anything but a refusal, a hang-up or a `Malformed`.
// What those say who are logged in stands in sessions.fuzz.test.ts.

const harmless = (error: unknown) => {
  if (!(error instanceof Malformed) && !(error instanceof Hangup)) throw error
}

const requests = [
  userauth('root', 'none'),
  passwordRequest('root', 'secret'),
  userauth('root', 'password', boolean(true), string('old'), string('new')),
  userauth('root', 'keyboard-interactive', string(''), string('pam')),
  message(Message.userauthInfoResponse, uint32(1), string('secret')),
  userauth('root', 'publickey', boolean(false), string('ssh-ed25519'), string(keyBlob())),
  userauth(
    'root',
    'publickey',
    boolean(true),
    string('ssh-ed25519'),
    string(keyBlob()),
    string(Buffer.concat([string('ssh-ed25519'), string(Buffer.alloc(64))])),
  ),
  message(Message.serviceRequest, string('ssh-userauth')),
]
function keyBlob() {
  return Buffer.concat([string('ssh-ed25519'), string(Buffer.alloc(32, 5))])
}

test(`${times(400_000)} mutated authentication messages`, async () => {
  const roll = dice(1)
  for (let left = times(400_000); left > 0; ) {
    const payloads = [message(Message.serviceRequest, string('ssh-userauth'))]
    for (let i = 0; i < 8; i++) payloads.push(mutate(requests[roll(requests.length)]!, roll))
    left -= 8
    const transport = {
      sessionId: Buffer.alloc(32),
      hostKeyBlob: keyBlob(),
      flush: async () => undefined,
      send: (payload: Buffer) => assert.ok(payload.length > 0),
      disconnect: async () => undefined,
      unimplemented: () => undefined,
      receive: async () => {
        const payload = payloads.shift()
        if (!payload) throw new Hangup('eof')
        return { type: payload[0]!, sequence: 0, payload, body: new Cursor(payload.subarray(1)) }
      },
    } as unknown as Transport
    const how: Authentication = {
      transport,
      record: listeningRecorder().record,
      random: bytes => Buffer.alloc(bytes),
      pause: async () => undefined,
      timingSecret: Buffer.alloc(8),
      keyboardInteractive: true,
      access: {
        password: () => false,
        publicKeys: 'refuse',
        known: false,
        letIn: () => undefined,
        changed: () => undefined,
      },
      computer: () => assert.fail('Nobody is let in'),
    }
    await authenticate(how).catch(harmless)
  }
})

test(`${times(200_000)} mutated offers`, () => {
  const roll = dice(2)
  const payload = kexInit(Buffer.alloc(16), kexInitTail(offer({ kex: ['curve25519-sha256', 'ext-info-c'] })))
  for (let i = 0; i < times(200_000); i++)
    try {
      const { offer: read, guess } = readKexInit(new Cursor(mutate(payload, roll).subarray(1)))
      negotiate(read, offer(), guess, () => false)
    } catch (error) {
      harmless(error)
    }
})

test(`${times(380_000)} mutated packets under every cipher`, async () => {
  const roll = dice(3)
  const payload = passwordRequest('root', 'secret')
  const keys = { iv: Buffer.alloc(16, 1), key: Buffer.alloc(64, 2), mac: Buffer.alloc(64, 3) }
  const pairs = [...ciphers].flatMap(([, cipher]) =>
    (cipher.aead ? [undefined] : [...macs.values()]).map(mac => {
      const cut = {
        iv: keys.iv.subarray(0, cipher.ivBytes),
        key: keys.key.subarray(0, cipher.keyBytes),
        mac: keys.mac.subarray(0, mac?.keyBytes ?? 0),
      }
      return { seal: () => cipher.seal(cut, mac), open: () => cipher.open(cut, mac) }
    }),
  )
  pairs.push({ seal: () => plainSeal, open: () => plainOpen })
  for (let i = 0; i < times(380_000); i++) {
    const { seal, open } = pairs[i % pairs.length]!
    const sealing = seal()
    const bytes = mutate(
      sealing.seal(
        0,
        frame(payload, sealing, () => undefined),
      ),
      roll,
    )
    let at = 0
    const read = async (n: number) => {
      if (at + n > bytes.length) throw new Hangup('eof')
      at += n
      return bytes.subarray(at - n, at)
    }
    const opening = open()
    await read(opening.firstBytes)
      .then(first => readPayload(first, read, opening, 0))
      .catch(harmless)
  }
})

test(`${times(20_000)} mutated packets at a whole conversation, clear and sealed`, async () => {
  const roll = dice(4)
  for (let i = 0; i < times(400); i++) {
    const own = offer(both(['aes128-ctr', 'chacha20-poly1305@openssh.com', 'aes256-gcm@openssh.com'][i % 3]!))
    const { conn, ending } = connect({ options: { keyboardInteractive: true } })
    const client = new TestClient(conn)
    if (i % 2) await client.handshake(own)
    else await conn.write('SSH-2.0-Fuzz\r\n')
    const clear = [
      kexInit(Buffer.alloc(16), kexInitTail(own)),
      message(Message.kexClientValue, string(Buffer.alloc(32, 9))),
    ]
    const choice = i % 2 ? requests : [...clear, ...requests]
    const sent = [...(i % 2 ? [client.packet(requests.at(-1)!)] : [])]
    for (let n = 0; n < 5; n++) {
      const packet = roll(4) ? client.packet(mutate(choice[roll(choice.length)]!, roll)) : undefined
      sent.push(packet ?? mutate(client.packet(choice[roll(choice.length)]!), roll))
    }
    await conn.write(Buffer.concat(sent)).catch(harmless)
    await conn.end()
    await ending
  }
})
