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
    /** `embedded`: of a device, whose firmware has no name of its own. */
    id: 'debian' | 'ubuntu' | 'embedded'
    /** As in /etc/os-release: `Debian GNU/Linux 12 (bookworm)`. */
    pretty: string
    version: string
    codename: string
    /** `uname -r` and `uname -v`. */
    kernel: string
    kernelVersion: string
    arch: 'x86_64' | 'armv7l' | 'armv5tejl' | 'mips'
    /** /etc/issue.net without its line end, as telnetd shows it: `Debian GNU/Linux 12`. */
    issue: string
  }
  /** The packages as that release ships them. */
  software: {
    /** `identification` without CRLF: `SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7`. `package` is dpkg's version throughout. */
    ssh: { product: 'OpenSSH'; version: string; package: string; identification: string }
    /**
     * `server` is the value of the Server header. `index` is the page that installing the package put into
     * /var/www/html: bytes, and microseconds since the epoch (nginx's ETag has the seconds, Apache's all of it).
     */
    web: {
      product: 'nginx' | 'Apache'
      version: string
      package: string
      server: string
      index: { path: string; bytes: number; modifiedMicros: number }
    }
    ftp: { product: 'vsFTPd' | 'ProFTPD'; version: string; package: string }
    redis: { version: string; package: string; gitSha1: string; buildId: string; gcc: string; jemalloc: string }
    /** Debian 12's telnetd is that of GNU inetutils; before, and on these Ubuntus, Linux netkit's. */
    telnet: { product: 'telnetd'; package: string; implementation: 'inetutils' | 'netkit' }
    openssl: { version: string; package: string }
    /** What takes mail (SMTP), and what gives it out (POP3, IMAP). */
    mail: { product: 'Postfix' | 'Exim' | 'OpenSMTPD'; version: string; package: string }
    dovecot: { version: string; package: string }
    /** Either, as the release has it, and which one it runs. Debian 12 has no Asterisk: there it is its owner's build of that version. */
    sip: { product: 'Asterisk' | 'Kamailio'; asterisk: Telephony; kamailio: Telephony }
    /** `libevent` as memcached's statistics name it. */
    memcached: { version: string; package: string; libevent: string }
    /** `go`: the compiler's version, which etcd tells. */
    etcd: { version: string; package: string; go: string }
    tftp: { product: 'tftpd-hpa'; version: string; package: string }
    /** `identification` is what `version.bind` says. */
    dns: { product: 'BIND'; version: string; package: string; identification: string }
    snmp: { product: 'Net-SNMP'; version: string; package: string }
    /** `built`: the day of the build, `20221221`. */
    upnp: { product: 'MiniUPnPd'; version: string; package: string; built: string }
    /** Debian's default MySQL is MariaDB; `version` as upstream counts: `10.11.14`, `8.0.36`. */
    mysql: { product: 'MariaDB' | 'MySQL'; version: string; package: string }
    postgresql: { version: string; package: string }
    /** The X server; `version` as its release number counts: 21.1.7. */
    xorg: { version: string; package: string }
    squid: { version: string; package: string }
    ngircd: { version: string; package: string }
    prosody: { version: string; package: string }
    ldap: { product: 'OpenLDAP'; version: string; package: string }
    nntp: { product: 'INN'; version: string; package: string }
    ident: { product: 'oidentd'; version: string; package: string }
    /** `protocol` is the one that its greeting announces. */
    rsync: { version: string; package: string; protocol: number }
    git: { version: string; package: string }
    cups: { version: string; package: string }
    mosquitto: { version: string; package: string }
    /** `erlang`: the version of OTP that it runs on. */
    rabbitmq: { version: string; package: string; erlang: string }
    /** `banner` is the version that it tells; `java`: the one it runs on. */
    zookeeper: { version: string; package: string; banner: string; java: string }
    /** Of no package. */
    kafka: { version: string }
    /** Of no package: the listener's release, the instance, its pluggable database, and the version that TTC negotiates. */
    oracle: { version: string; sid: string; pluggable: string; fieldVersion: number }
    /** Of MongoDB's own archive, whose packages are called as the product is; `distmod` is the build's name for the release. */
    mongodb: { version: string; package: string; git: string; distmod: string }
    /** `version` in four parts; the rest as `@@VERSION` words it. */
    mssql: {
      product: 'SQL Server 2019' | 'SQL Server 2022'
      version: string
      update: string
      kb?: string
      built: string
    }
  }
  cpu: { model: string; cores: number; megahertz: number }
  /** Bytes: MemTotal. */
  memory: number
  /** Bytes. */
  disk: number
  mac: string
  /** The one network card: `eth0`, `ens3`. */
  interface: string
  /** /etc/machine-id. */
  machineId: string
  /** Milliseconds since the epoch. */
  bootedAt: number
  installedAt: number
  /** When packages were last upgraded: none is newer. */
  upgradedAt: number
  /** Milliseconds to add to our clock wherever a service shows a time. */
  clockSkew: number
  /** Minutes east of UTC. */
  timezone: { name: string; offset: number }
  /** root, then people and their like from uid 1000 up; the system's own accounts go without saying. */
  users: readonly { name: string; uid: number; home: string; shell: string }[]
  /** PKCS#8 PEM. */
  hostKeys: { ed25519: string; ecdsa: string; rsa: string }
  /** PEM, as the named product's package or its usual set-up would have made it. */
  certificate(purpose: 'web' | 'ftp' | 'mail' | 'other'): { key: string; cert: string }
  /** Stable pseudo-random bytes for whatever else must not be a constant: HMAC of the seed. */
  derive(label: string, bytes: number): Buffer
}

/** `server` is the value of the Server header. */
export type Telephony = { version: string; package: string; server: string }

export { personaFrom } from './graph.ts'
