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
    issue: 'Debian GNU/Linux 12',
  },
  software: {
    ssh: {
      product: 'OpenSSH',
      version: '9.2p1',
      package: '1:9.2p1-2+deb12u3',
      identification: 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3',
    },
    web: {
      product: 'nginx',
      version: '1.22.1',
      package: '1.22.1-9',
      server: 'nginx/1.22.1',
      index: {
        path: '/var/www/html/index.nginx-debian.html',
        bytes: 615,
        modifiedMicros: Date.UTC(2025, 2, 18, 12, 2, 31) * 1000,
      },
    },
    ftp: { product: 'vsFTPd', version: '3.0.3', package: '3.0.3-13+b2' },
    redis: {
      version: '7.0.15',
      package: '5:7.0.15-1~deb12u1',
      gitSha1: '00000000',
      buildId: 'a5f9e1c3d1b2f7e4',
      gcc: '12.2.0',
      jemalloc: '5.3.0',
    },
    telnet: { product: 'telnetd', package: '0.17+2.4-2+deb12u1', implementation: 'inetutils' },
    openssl: { version: '3.0.15', package: '3.0.15-1~deb12u1' },
    mail: { product: 'Postfix', version: '3.7.11', package: '3.7.11-0+deb12u1' },
    dovecot: { version: '2.3.19.1', package: '1:2.3.19.1+dfsg1-2.1+deb12u1' },
    sip: {
      product: 'Asterisk',
      asterisk: { version: '20.6.0', package: '20.6.0', server: 'Asterisk PBX 20.6.0' },
      kamailio: { version: '5.6.3', package: '5.6.3-2', server: 'kamailio (5.6.3 (x86_64/linux))' },
    },
    memcached: { version: '1.6.18', package: '1.6.18-1', libevent: '2.1.12-stable' },
    etcd: { version: '3.4.23', package: '3.4.23-4+b4', go: 'go1.19.8' },
    tftp: { product: 'tftpd-hpa', version: '5.2', package: '5.2+20150808-1.4' },
    dns: {
      product: 'BIND',
      version: '9.18.28',
      package: '1:9.18.28-1~deb12u2',
      identification: '9.18.28-1~deb12u2-Debian',
    },
    snmp: { product: 'Net-SNMP', version: '5.9.3', package: '5.9.3+dfsg-2' },
    upnp: { product: 'MiniUPnPd', version: '2.3.1', package: '2.3.1-1', built: '20221221' },
    mysql: { product: 'MariaDB', version: '10.11.11', package: '1:10.11.11-0+deb12u1' },
    postgresql: { version: '15.13', package: '15.13-0+deb12u1' },
    xorg: { version: '21.1.7', package: '2:21.1.7-3+deb12u9' },
    squid: { version: '5.7', package: '5.7-2+deb12u2' },
    ngircd: { version: '26.1', package: '26.1-1+deb12u1' },
    prosody: { version: '0.12.3', package: '0.12.3-1' },
    ldap: { product: 'OpenLDAP', version: '2.5.13', package: '2.5.13+dfsg-5' },
    nntp: { product: 'INN', version: '2.7.1', package: '2.7.1-1' },
    ident: { product: 'oidentd', version: '2.5.0', package: '2.5.0-1+b1' },
    rsync: { version: '3.2.7', package: '3.2.7-1+deb12u2', protocol: 31 },
    git: { version: '2.39.5', package: '1:2.39.5-0+deb12u2' },
    cups: { version: '2.4.2', package: '2.4.2-3+deb12u8' },
    mosquitto: { version: '2.0.11', package: '2.0.11-1.2+deb12u1' },
    rabbitmq: { version: '3.10.8', package: '3.10.8-1.1', erlang: '25.2.3' },
    zookeeper: {
      version: '3.8.0',
      package: '3.8.0-11+deb12u2',
      banner: `3.8.0-\${mvngit.commit.id}, built on 2024-12-29 17:54 UTC`,
      java: '17.0.15',
    },
    kafka: { version: '2.8.1' },
    oracle: { version: '21.0.0.0.0', sid: 'XE', pluggable: 'XEPDB1', fieldVersion: 16 },
    mongodb: {
      version: '7.0.14',
      package: '7.0.14',
      git: 'ce59cfc6a3c5e5c067dca0d30697edd68d4f5188',
      distmod: 'debian12',
    },
    mssql: {
      product: 'SQL Server 2022',
      version: '16.0.4175.1',
      update: 'RTM-CU17',
      kb: 'KB5048038',
      built: 'Dec 13 2024 09:01:53',
    },
  },
  cpu: { model: 'Intel Xeon Processor (Skylake, IBRS)', cores: 2, megahertz: 2294.608 },
  memory: 2 * 1024 ** 3,
  disk: 40e9,
  mac: '52:54:00:6b:1e:92',
  interface: 'ens3',
  machineId: '6f1d0c9a52b84e37a1c40d9be7f23586',
  bootedAt: Date.UTC(2025, 11, 2, 8, 14, 51),
  installedAt: Date.UTC(2025, 2, 18, 11, 40, 7),
  upgradedAt: Date.UTC(2025, 2, 18, 11, 40, 7),
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
