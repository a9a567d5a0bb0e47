/**
 * Who the sensor pretends to be. One graph, made from one persisted seed, from which every service draws: so no two
 * sensors share a constant and no two services of one sensor contradict each other.
 */
export type Persona = {
  hostname: string
  /** DNS suffix of the pretended organisation. */
  domain: string
  fqdn: string
  os: {
    id: 'debian' | 'ubuntu'
    /** As in /etc/os-release: `Debian GNU/Linux 12 (bookworm)`. */
    pretty: string
    version: string
    codename: string
    /** `uname -r` and `uname -v`. */
    kernel: string
    kernelVersion: string
    arch: 'x86_64'
  }
  /** The packages as that release ships them. */
  software: {
    /** `identification` without CRLF: `SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3`. */
    ssh: { product: 'OpenSSH'; version: string; identification: string }
    /** `server` is the value of the Server header. */
    web: { product: 'nginx' | 'Apache'; version: string; server: string }
    ftp: { product: 'vsFTPd' | 'ProFTPD'; version: string }
    redis: { version: string; gitSha1: string; buildId: string; gcc: string }
    telnet: { product: 'telnetd' }
  }
  cpu: { model: string; cores: number; megahertz: number }
  /** Bytes. */
  memory: number
  mac: string
  /** Milliseconds since the epoch. */
  bootedAt: number
  installedAt: number
  /** Milliseconds to add to our clock wherever a service shows a time. */
  clockSkew: number
  /** Minutes east of UTC. */
  timezone: { name: string; offset: number }
  users: readonly { name: string; uid: number; home: string; shell: string }[]
  /** PKCS#8 PEM. */
  hostKeys: { ed25519: string; ecdsa: string; rsa: string }
  /** PEM, as the named product's package or its usual set-up would have made it. */
  certificate(purpose: 'web' | 'ftp' | 'mail' | 'other'): { key: string; cert: string }
  /** Stable pseudo-random bytes for whatever else must not be a constant: HMAC of the seed. */
  derive(label: string, bytes: number): Buffer
}
