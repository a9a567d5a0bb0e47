import { ownersCertificate, snakeoil } from './certificates.ts'
import { derive, drawFrom } from './draw.ts'
import type { Facts } from './facts.ts'
import type { Persona, Telephony } from './persona.ts'
import { asOf, packageVersion, type Release, releaseOf } from './releases/index.ts'
import { kafkaReleases } from './releases/kafka.ts'
import type { SqlServerBuild } from './releases/mssql.ts'
import { oracleReleases } from './releases/oracle.ts'
import type { PersonaState } from './state.ts'

/** The persona of a state. Pure: the same state gives the same persona, whenever and wherever it is made. */
export const personaFrom = (state: PersonaState): Persona => {
  const { facts, bootedAt, keys } = state
  const seed = Buffer.from(state.seed, 'hex')
  const release = releaseOf(facts.release)
  // Who upgrades does so before a reboot; who does not runs what the installation brought.
  const upgradedAt = facts.upgrades ? bootedAt : facts.installedAt
  const kernel = asOf(release.kernels, upgradedAt)
  const pretty = asOf(release.pretty, upgradedAt)
  const certificates = new Map<string, { key: string; cert: string }>()
  return {
    hostname: facts.hostname,
    domain: facts.domain,
    fqdn: `${facts.hostname}.${facts.domain}`,
    os: {
      ...release.os,
      pretty,
      kernel: facts.cloudKernel ? kernel.release.replace(/-amd64$/, '-cloud-amd64') : kernel.release,
      kernelVersion: kernel.version,
      arch: 'x86_64',
      issue: pretty.replace(/ \(.*/, ''),
    },
    software: software(release, facts, upgradedAt, seed),
    cpu: { ...facts.cpu },
    memory: facts.memory,
    disk: facts.disk,
    mac: facts.mac,
    interface: facts.interface,
    machineId: derive(seed, 'machine-id', 16).toString('hex'),
    bootedAt,
    installedAt: facts.installedAt,
    upgradedAt,
    clockSkew: facts.clockSkew,
    timezone: { name: facts.timezone, offset: minutesEast(facts.timezone, bootedAt) },
    users: [
      { name: 'root', uid: 0, home: '/root', shell: '/bin/bash' },
      ...facts.users.map(({ name, uid }) => ({ name, uid, home: `/home/${name}`, shell: '/bin/bash' })),
    ],
    hostKeys: { ...keys.host },
    certificate(purpose) {
      const kind = purpose === 'web' || purpose === 'ftp' ? facts.tls[purpose] : 'snakeoil'
      const made = certificates.get(kind) ?? {
        key: keys[kind],
        cert: kind === 'own' ? ownersCertificate(facts, seed, keys.own) : snakeoil(facts, seed, keys.snakeoil),
      }
      certificates.set(kind, made)
      return made
    },
    derive: (label, bytes) => derive(seed, `service\0${label}`, bytes),
  }
}

const software = (release: Release, facts: Facts, at: number, seed: Buffer): Persona['software'] => {
  const { packages } = release
  const vendor = release.os.id === 'debian' ? 'Debian' : 'Ubuntu'
  const version = (full: string): string => packageVersion(full).upstream.replace(/\+dfsg\d*$/, '')
  const openssh = asOf(packages.openssh, at)
  const web = asOf(facts.web === 'nginx' ? packages.nginx : packages.apache, at)
  const ftp = asOf(facts.ftp === 'vsFTPd' ? packages.vsftpd : packages.proftpd, at)
  const redis = asOf(packages.redis, at)
  const telnetd = asOf(packages.telnetd, at)
  const openssl = asOf(packages.openssl, at)
  const mail = asOf({ Postfix: packages.postfix, Exim: packages.exim, OpenSMTPD: packages.opensmtpd }[facts.mail], at)
  const dovecot = asOf(packages.dovecot, at)
  const memcached = asOf(packages.memcached, at)
  const etcd = asOf(packages.etcd, at)
  const tftpd = asOf(packages.tftpd, at)
  const bind = asOf(packages.bind, at)
  const snmpd = asOf(packages.snmpd, at)
  const miniupnpd = asOf(packages.miniupnpd, at)
  const mysql = asOf(packages.mysql, at)
  const postgresql = asOf(packages.postgresql, at)
  const xorg = asOf(packages.xorg, at)
  const squid = asOf(packages.squid, at)
  const ngircd = asOf(packages.ngircd, at)
  const prosody = asOf(packages.prosody, at)
  const slapd = asOf(packages.slapd, at)
  const inn = asOf(packages.inn, at)
  const oidentd = asOf(packages.oidentd, at)
  const rsync = asOf(packages.rsync, at)
  const git = asOf(packages.git, at)
  const cups = asOf(packages.cups, at)
  const mosquitto = asOf(packages.mosquitto, at)
  const rabbitmq = asOf(packages.rabbitmq, at)
  const zookeeper = asOf(packages.zookeeper, at)
  const mongodb = asOf(packages.mongodb, at)
  return {
    ssh: {
      product: 'OpenSSH',
      version: version(openssh),
      package: openssh,
      identification: `SSH-2.0-OpenSSH_${version(openssh)} ${vendor}-${packageVersion(openssh).revision}`,
    },
    web: {
      product: facts.web,
      version: version(web),
      package: web,
      server: serverHeader(facts.web, version(web), vendor),
      index: {
        path: facts.web === 'nginx' ? '/var/www/html/index.nginx-debian.html' : '/var/www/html/index.html',
        bytes: facts.web === 'nginx' ? release.index.nginx : release.index.apache,
        modifiedMicros: (facts.installedAt + 600_000) * 1000 + drawFrom(seed, 'index page').below(5_400_000_000),
      },
    },
    ftp: { product: facts.ftp, version: version(ftp), package: ftp },
    redis: { version: version(redis.package), gitSha1: '00000000', ...redis },
    telnet: { product: 'telnetd', package: telnetd, implementation: /\+2\.\d/.test(telnetd) ? 'inetutils' : 'netkit' },
    openssl: { version: version(openssl), package: openssl },
    mail: { product: facts.mail, version: version(mail), package: mail },
    dovecot: { version: version(dovecot), package: dovecot },
    sip: {
      product: facts.sip,
      // It names the whole of its package but the epoch.
      asterisk: telephony(asOf(packages.asterisk, at), (_, full) => `Asterisk PBX ${full.replace(/^\d+:/, '')}`),
      kamailio: telephony(asOf(packages.kamailio, at), version => `kamailio (${version} (x86_64/linux))`),
    },
    memcached: {
      version: version(memcached),
      package: memcached,
      libevent: release.id === 'ubuntu-20.04' ? '2.1.11-stable' : '2.1.12-stable',
    },
    etcd: { version: version(etcd), package: etcd, go: etcdGo[release.id] },
    tftp: { product: 'tftpd-hpa', version: version(tftpd).replace(/\+.*/, ''), package: tftpd },
    dns: { product: 'BIND', version: version(bind), package: bind, identification: bindVersion(bind, vendor) },
    snmp: { product: 'Net-SNMP', version: version(snmpd), package: snmpd },
    upnp: {
      product: 'MiniUPnPd',
      version: version(miniupnpd),
      package: miniupnpd,
      built: packages.miniupnpd.find(([, name]) => name === miniupnpd)![0].replaceAll('-', ''),
    },
    mysql: { product: vendor === 'Debian' ? 'MariaDB' : 'MySQL', version: version(mysql), package: mysql },
    postgresql: { version: version(postgresql), package: postgresql },
    xorg: { version: version(xorg), package: xorg },
    squid: { version: version(squid), package: squid },
    ngircd: { version: version(ngircd), package: ngircd },
    prosody: { version: version(prosody), package: prosody },
    ldap: { product: 'OpenLDAP', version: version(slapd), package: slapd },
    nntp: { product: 'INN', version: version(inn), package: inn },
    ident: { product: 'oidentd', version: version(oidentd), package: oidentd },
    // 3.4 counted on so that patched daemons could be told apart.
    rsync: {
      version: version(rsync).replace(/\+ds\d*$/, ''),
      package: rsync,
      protocol: /^3\.[0-3]\./.test(rsync) ? 31 : 32,
    },
    git: { version: version(git), package: git },
    cups: { version: version(cups), package: cups },
    mosquitto: { version: version(mosquitto), package: mosquitto },
    rabbitmq: { version: version(rabbitmq.package), ...rabbitmq },
    zookeeper: {
      version: version(zookeeper.package),
      package: zookeeper.package,
      // 3.8's build left a variable of Maven where the revision should be.
      banner: zookeeper.package.startsWith('3.4.')
        ? `${zookeeper.package}--1, built on ${zookeeper.built}`
        : `${version(zookeeper.package)}-\${mvngit.commit.id}, built on ${zookeeper.built}`,
      java: zookeeper.java,
    },
    kafka: { version: asOf(kafkaReleases, facts.installedAt) },
    oracle: asOf(oracleReleases, facts.installedAt),
    mongodb: {
      version: mongodb.package,
      ...mongodb,
      distmod: release.id.replace(/[-.]/g, ''),
    },
    mssql: sqlServer(asOf(packages.mssql, at)),
  }
}

const sqlServer = (build: SqlServerBuild): Persona['software']['mssql'] => ({
  product: build.version.startsWith('15.') ? 'SQL Server 2019' : 'SQL Server 2022',
  ...build,
})

// Debian builds nginx without a vendor's name, Ubuntu with `--build=Ubuntu`; Apache's default ServerTokens is OS.
const serverHeader = (product: Facts['web'], version: string, vendor: string): string => {
  if (product === 'Apache') return `Apache/${version} (${vendor})`
  return vendor === 'Ubuntu' ? `nginx/${version} (Ubuntu)` : `nginx/${version}`
}

const telephony = (full: string, server: (version: string, full: string) => string): Telephony => {
  const version = /^(?:\d+:)?(\d+(?:\.\d+)+)/.exec(full)?.[1] ?? full
  return { version, package: full, server: server(version, full) }
}

/** The compiler that the release's etcd was built with. */
const etcdGo = {
  'debian-11': 'go1.15.9',
  'debian-12': 'go1.19.8',
  'ubuntu-20.04': 'go1.13.8',
  'ubuntu-22.04': 'go1.17.3',
} as const

// Until 9.16 the packages left their own revision out of it.
const bindVersion = (full: string, vendor: string): string => {
  const { upstream, revision } = packageVersion(full)
  return upstream.startsWith('9.16.') ? `${upstream}-${vendor}` : `${upstream}-${revision}-${vendor}`
}

const minutesEast = (zone: string, at: number): number => {
  const name = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
    .formatToParts(at)
    .find(part => part.type === 'timeZoneName')?.value
  const [, sign = '+', hours = '0', minutes = '0'] = /([+-])(\d+):(\d+)/.exec(name ?? '') ?? []
  return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1)
}
