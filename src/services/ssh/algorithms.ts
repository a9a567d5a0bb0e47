/** What a release of sshd offers and announces: facts that a scanner compares with the identification string. */
export type Release = {
  /** In the server's order, `kex-strict-s-v00@openssh.com` included where that build sends it. */
  kex: readonly string[]
  /** Algorithms for an RSA host key, which stands first among the host keys. */
  rsa: readonly string[]
  ciphers: readonly string[]
  macs: readonly string[]
  compression: readonly string[]
  /** The extensions of EXT_INFO (RFC 8308) in order. */
  extensions: readonly (readonly [name: string, value: string])[]
}

const sntrup = 'sntrup761x25519-sha512@openssh.com'
const elliptic = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
]
const gexSha256 = 'diffie-hellman-group-exchange-sha256'
const finite = [
  gexSha256,
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha256',
]
const strict = 'kex-strict-s-v00@openssh.com'

// The same from 8.2 to 9.2 (myproposal.h of each).
const ciphers = [
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
]
const macs = [
  'umac-64-etm@openssh.com',
  'umac-128-etm@openssh.com',
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha1-etm@openssh.com',
  'umac-64@openssh.com',
  'umac-128@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
  'hmac-sha1',
]
const compression = ['none', 'zlib@openssh.com']

const ecdsa = 'ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ecdsa-sha2-nistp256@openssh.com'
const rsaKeys = 'ssh-rsa,rsa-sha2-256,rsa-sha2-512'
const ed25519 = 'ssh-ed25519,sk-ssh-ed25519@openssh.com'
const webauthn = 'webauthn-sk-ecdsa-sha2-nistp256@openssh.com'
const hostbound = ['publickey-hostbound@openssh.com', '0'] as const

type Upstream = Omit<Release, 'kex' | 'ciphers' | 'macs' | 'compression'> & {
  kex: readonly string[]
  /** The first package revision with the remedy for CVE-2023-48795, and the one with `sntrup761x25519-sha512`. */
  strictSince: Record<string, number>
  plainSntrupSince: number
}
const old: Upstream = {
  kex: [...elliptic, ...finite],
  rsa: ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
  extensions: [['server-sig-algs', `${ed25519},${rsaKeys},ssh-dss,${ecdsa}`]],
  strictSince: { Ubuntu: 11 },
  plainSntrupSince: Number.POSITIVE_INFINITY,
}
const upstream = new Map<string, Upstream>([
  ['8.2', old],
  [
    '8.4',
    {
      ...old,
      extensions: [['server-sig-algs', `${ed25519},${rsaKeys},ssh-dss,${ecdsa},${webauthn}`]],
      strictSince: { Debian: 3 },
    },
  ],
  [
    '8.9',
    {
      ...old,
      kex: [...elliptic, sntrup, ...finite],
      rsa: ['rsa-sha2-512', 'rsa-sha2-256'],
      extensions: [['server-sig-algs', `${ed25519},${rsaKeys},ssh-dss,${ecdsa},${webauthn}`], hostbound],
      strictSince: { Ubuntu: 6 },
    },
  ],
  [
    '9.2',
    {
      kex: [sntrup, ...elliptic, ...finite],
      rsa: ['rsa-sha2-512', 'rsa-sha2-256'],
      extensions: [['server-sig-algs', `${ed25519},${ecdsa},${webauthn},ssh-dss,${rsaKeys}`], hostbound],
      strictSince: { Debian: 2 },
      plainSntrupSince: 4,
    },
  ],
])

/**
 * The release behind an identification string such as `SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7`. The package revision
 * matters: security updates added algorithm names. An unknown version is taken for the newest one known here.
 */
export function release(identification: string): Release {
  const [, version = '9.2', vendor = '', revision = ''] =
    /OpenSSH_(\d+\.\d+)p1(?: (Debian|Ubuntu)-(.*))?/.exec(identification) ?? []
  const { kex, strictSince, plainSntrupSince, ...rest } = upstream.get(version) ?? upstream.get('9.2')!
  // `2+deb12u7` → 7, `4ubuntu0.11` → 11.
  const update = Number(/(?:u|ubuntu0\.)(\d+)$/.exec(revision)?.[1] ?? 0)
  const names = [...(update >= plainSntrupSince ? ['sntrup761x25519-sha512'] : []), ...kex]
  if (update >= (strictSince[vendor] ?? Number.POSITIVE_INFINITY)) names.push(strict)
  return { ...rest, kex: names, ciphers, macs, compression }
}

/** What sshd leaves out of its offer for clients that are known to fail with it (compat.c), by software version. */
const withheld: readonly (readonly [client: RegExp, methods: readonly string[]])[] = [
  [/^OpenSSH_6\.6\.1/, []],
  [/^OpenSSH_6\.[56]/, ['curve25519-sha256@libssh.org']],
  [/^(?:PuTTY_Local:|PuTTY-Release-0\.5|PuTTY_Release_0\.(?:5|60|61|62|63|64)|FuTTY)/, [gexSha256]],
  [/^WinSCP_release_(?:4|5\.0|5\.1(?:$|\.)|5\.[56](?:$|\.)|5\.7(?:$|\.[1-4]$))/, [gexSha256]],
]

/** The key exchange methods offered to a client of this identification. */
export function kexFor(release: Release, client: string): readonly string[] {
  const software = client.slice(client.indexOf('-', 4) + 1)
  const methods = withheld.find(([pattern]) => pattern.test(software))?.[1] ?? []
  return methods.length === 0 ? release.kex : release.kex.filter(name => !methods.includes(name))
}
