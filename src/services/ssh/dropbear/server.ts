import type { Persona } from '#persona/persona.ts'
import type { Release } from '../algorithms.ts'
import { hostKeys } from '../hostkeys.ts'
import { serverOffer } from '../kexinit.ts'
import type { Manners, Starts } from '../manners.ts'
import { prepare, type Server } from '../server.ts'

const ciphers = ['chacha20-poly1305@openssh.com', 'aes128-ctr', 'aes256-ctr']
const macs = ['hmac-sha1', 'hmac-sha2-256']

/** Dropbear 2022.83 as Debian 12 builds it (default_options.h, common-algo.c), with its remedy for CVE-2023-48795. */
const release: Release = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp521',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp256',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group14-sha1',
    'kexguess2@matt.ucc.asn.au',
    'kex-strict-s-v00@openssh.com',
  ],
  rsa: ['rsa-sha2-256', 'ssh-rsa'],
  ciphers,
  macs,
  compression: ['zlib@openssh.com', 'none'],
  extensions: [
    [
      'server-sig-algs',
      'ssh-ed25519,sk-ssh-ed25519@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-256,ssh-rsa,ssh-dss',
    ],
  ],
}

/** Messages of the transport layer that may come while keys are exchanged (RFC 4253 §7.1), known or not. */
const duringExchange = (type: number): boolean => type >= 1 && type <= 49 && type !== 5 && type !== 6 && type !== 20

const manners: Manners = {
  hasty: true,
  explains: false,
  padsWithChance: true,
  // MIN_PACKET_LEN is 16 with the length itself; RECV_MAX_PACKET_LEN.
  packet: { least: 12, most: 35_000, padding: 0 },
  skims: true,
  tolerates: (type, exchanging) => !exchanging || duringExchange(type),
  rekeysEarly: true,
}

/** svr-chansession.c; what it execs for SFTP is not on such devices (SFTPSERVER_PATH). */
const starts: Starts = {
  extensions: false,
  subsystems: new Map([['sftp', '/usr/libexec/sftp-server']]),
  accepts: /(?!)/,
  daemon: () => ({ argv: ['/usr/sbin/dropbear'], exe: '/usr/sbin/dropbear' }),
  path: { root: '/usr/sbin:/usr/bin:/sbin:/bin', others: '/usr/bin:/bin' },
  pam: false,
  // DEFAULT_RECV_WINDOW, RECV_MAX_CHANNEL_DATA_LEN less its head, TRANS_MAX_PAYLOAD_LEN less its.
  flow: { window: 24_576, packet: 32_759, data: 16_375, eager: true },
}

const known = new WeakMap<Persona, Server>()

/** The sensor's Dropbear, worked out once. Its keys are the sensor's own, whichever server shows them. */
export function dropbearOf(persona: Persona): Server {
  const found = known.get(persona)
  if (found) return found
  const keys = hostKeys(persona, release.rsa)
  const order = ['ssh-ed25519', 'ecdsa-sha2-nistp256', ...release.rsa]
  const prepared = prepare(serverOffer(release, order))
  const server: Server = {
    identification: 'SSH-2.0-dropbear_2022.83',
    release,
    manners,
    starts,
    hostKeys: keys,
    timingSecret: Buffer.alloc(0),
    offerTo: () => prepared,
  }
  known.set(persona, server)
  return server
}
