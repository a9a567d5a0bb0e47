import type { SqlServerBuild } from './mssql.ts'

/** An entry of a package's history: the day it reached the archive (ISO, UTC), and what it is called. */
export type Dated<T> = readonly [since: string, what: T]

/** Oldest first; a package that never changed has one entry. */
export type History<T = string> = readonly Dated<T>[]

export type Kernel = { release: string; version: string }
export type RedisBuild = { package: string; buildId: string; gcc: string; jemalloc: string }

export type MongoBuild = { package: string; git: string }

export const releaseIds = ['debian-12', 'debian-11', 'ubuntu-22.04', 'ubuntu-20.04'] as const
export type ReleaseId = (typeof releaseIds)[number]

/** A distribution's release as its machines look from outside: every combination taken from one is a real one. */
export type Release = {
  id: ReleaseId
  os: { id: 'debian' | 'ubuntu'; version: string; codename: string }
  /** PRETTY_NAME of /etc/os-release, which names Ubuntu's point releases. */
  pretty: History
  /** Between these days machines were installed with it. */
  installable: readonly [from: string, to: string]
  /** `uname -r` and `-v`: kernels of which the cloud images and the installer ship. */
  kernels: History<Kernel>
  packages: {
    openssh: History
    nginx: History
    apache: History
    vsftpd: History
    proftpd: History
    telnetd: History
    openssl: History
    postfix: History
    exim: History
    opensmtpd: History
    dovecot: History
    redis: History<RedisBuild>
    memcached: History
    etcd: History
    tftpd: History
    bind: History
    snmpd: History
    /** The day is that of the build, which its description gives as a model number. */
    miniupnpd: History
    /** Debian 12 ships none: there, what owners built from source, the long-term branch. */
    asterisk: History
    kamailio: History
    /** mariadb-server on Debian, mysql-server on Ubuntu: what `mysql` installs there. */
    mysql: History
    postgresql: History
    /** xserver-xorg-core, and Xvfb of the same source. */
    xorg: History
    squid: History
    ngircd: History
    prosody: History
    slapd: History
    inn: History
    oidentd: History
    rsync: History
    cups: History
    git: History
    mosquitto: History
    /** With the Erlang that this release's virtual machine tells of itself. */
    rabbitmq: History<{ package: string; erlang: string }>
    /** `built` as its banner says; `java`: the release's default-jre. */
    zookeeper: History<{ package: string; built: string; java: string }>
    /** mongodb-org of MongoDB's own archive for this release, one series as owners keep it: `git` is buildInfo's gitVersion. */
    mongodb: History<MongoBuild>
    /** Not the distribution's: Microsoft's repository for it, or for its next of kin. */
    mssql: History<SqlServerBuild>
  }
  /** Bytes of the page that stands in /var/www/html after installing the web server. */
  index: { nginx: number; apache: number }
  /** What `openssl req -x509` of this release adds on its own to the extensions asked for. */
  addsSubjectKeyIdentifier: boolean
}

/** The newest entry of that moment; the oldest known when all are newer. */
export const asOf = <T>(history: History<T>, milliseconds: number): T => {
  const entry = history.findLast(([since]) => Date.parse(since) <= milliseconds) ?? history[0]
  if (!entry) throw new Error('Cannot choose from an empty history')
  return entry[1]
}

/** `1:9.2p1-2+deb12u7` → upstream `9.2p1`, revision `2+deb12u7` (Debian Policy §5.6.12). */
export const packageVersion = (full: string): { upstream: string; revision: string } => {
  const withoutEpoch = full.replace(/^\d+:/, '')
  const dash = withoutEpoch.lastIndexOf('-')
  return { upstream: withoutEpoch.slice(0, dash), revision: withoutEpoch.slice(dash + 1) }
}
