import { createHmac, generateKeyPairSync } from 'node:crypto'
import type { Persona } from '#persona/persona.ts'

const pem = {
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
} as const
let keys: Persona['hostKeys'] | undefined

/** The machine of every recorded talk. */
export const testPersona: Persona = {
  hostname: 'relay3',
  domain: 'hayase-works.example',
  fqdn: 'relay3.hayase-works.example',
  os: {
    id: 'debian',
    pretty: 'Debian GNU/Linux 12 (bookworm)',
    version: '12',
    codename: 'bookworm',
    kernel: '6.1.0-28-amd64',
    kernelVersion: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)',
    arch: 'x86_64',
  },
  software: {
    ssh: { product: 'OpenSSH', version: '9.2p1', identification: 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3' },
    web: { product: 'nginx', version: '1.22.1', server: 'nginx/1.22.1' },
    ftp: { product: 'vsFTPd', version: '3.0.3' },
    redis: { version: '7.0.15', gitSha1: '00000000', buildId: 'a5f9e1c3d1b2f7e4', gcc: '12.2.0' },
    telnet: { product: 'telnetd' },
  },
  cpu: { model: 'Intel Xeon Processor (Skylake, IBRS)', cores: 2, megahertz: 2294.608 },
  memory: 2 << 30,
  mac: '52:54:00:6b:1e:92',
  bootedAt: Date.UTC(2025, 11, 2, 8, 14, 51),
  installedAt: Date.UTC(2025, 2, 18, 11, 40, 7),
  clockSkew: 0,
  timezone: { name: 'Asia/Tokyo', offset: 540 },
  users: [
    { name: 'root', uid: 0, home: '/root', shell: '/bin/bash' },
    { name: 'haruto', uid: 1000, home: '/home/haruto', shell: '/bin/bash' },
  ],
  get hostKeys() {
    keys ??= {
      ed25519: generateKeyPairSync('ed25519', pem).privateKey,
      ecdsa: generateKeyPairSync('ec', { namedCurve: 'P-256', ...pem }).privateKey,
      rsa: generateKeyPairSync('rsa', { modulusLength: 2048, ...pem }).privateKey,
    }
    return keys
  },
  certificate() {
    throw new Error('Talks are in plain text')
  },
  derive: (label, bytes) => {
    const block = (i: number) => createHmac('sha256', 'talk persona').update(`${label} ${i}`).digest()
    return Buffer.concat(Array.from({ length: Math.ceil(bytes / 32) }, (_, i) => block(i))).subarray(0, bytes)
  },
}
