import { X509Certificate } from 'node:crypto'
import type { Persona } from '#persona/persona.ts'
import { type Release, releases } from '#persona/releases/index.ts'

/** What in a persona cannot be true of one machine at once, as sentences. `now` is the time of looking. */
export const contradictions = (persona: Persona, now: number): string[] => {
  const wrong: string[] = []
  const hold = (fact: boolean, sentence: string): void => void (fact || wrong.push(sentence))
  const release = releases.map(([, found]) => found).find(({ os }) => os.codename === persona.os.codename)
  if (!release) return [`No release is called ${persona.os.codename}`]
  packages(persona, release, hold)
  machine(persona, hold)
  times(persona, release, now, hold)
  for (const purpose of ['web', 'ftp', 'mail', 'other'] as const) certificate(persona, purpose, now, hold)
  return wrong
}
type Hold = (fact: boolean, sentence: string) => void

const packages = ({ os, software }: Persona, release: Release, hold: Hold): void => {
  const { ssh, web, ftp, mail, dovecot, redis, telnet, openssl } = software
  const known = release.packages
  const has = (history: readonly (readonly [string, unknown])[], what: unknown): boolean =>
    history.some(([, entry]) => JSON.stringify(entry) === JSON.stringify(what))
  const vendor = os.id === 'debian' ? 'Debian' : 'Ubuntu'
  hold(has(known.openssh, ssh.package), `${os.pretty} never had openssh ${ssh.package}`)
  hold(has(web.product === 'nginx' ? known.nginx : known.apache, web.package), `No ${web.product} ${web.package}`)
  hold(has(ftp.product === 'vsFTPd' ? known.vsftpd : known.proftpd, ftp.package), `No ${ftp.product} ${ftp.package}`)
  const mailers = { Postfix: known.postfix, Exim: known.exim, OpenSMTPD: known.opensmtpd }
  hold(has(mailers[mail.product], mail.package), `No ${mail.product} ${mail.package}`)
  hold(has(known.dovecot, dovecot.package), `No Dovecot ${dovecot.package}`)
  hold(has(known.telnetd, telnet.package), `No telnetd ${telnet.package}`)
  hold(has(known.openssl, openssl.package), `No openssl ${openssl.package}`)
  hold(
    known.redis.some(([, build]) => build.package === redis.package && build.buildId === redis.buildId),
    `No redis ${redis.package} with build ${redis.buildId}`,
  )
  hold(
    known.mongodb.some(([, build]) => build.package === software.mongodb.package && build.git === software.mongodb.git),
    `No MongoDB ${software.mongodb.package} of ${software.mongodb.git}`,
  )
  for (const { version, package: full } of [ssh, web, ftp, mail, dovecot, redis, openssl])
    hold(full.replace(/^\d+:/, '').startsWith(version), `Version ${version} is not of package ${full}`)
  hold(ssh.identification.includes(` ${vendor}-`), `${ssh.identification} on ${vendor}`)
  hold(ssh.identification.startsWith(`SSH-2.0-OpenSSH_${ssh.version} `), `${ssh.identification} of ${ssh.version}`)
  hold(web.server.startsWith(`${web.product}/${web.version}`), `Server ${web.server} of ${web.product} ${web.version}`)
  const named = /\((Debian|Ubuntu)\)/.exec(web.server)?.[1]
  hold(
    named === (web.product === 'nginx' && vendor === 'Debian' ? undefined : vendor),
    `Server ${web.server} on ${vendor}`,
  )
  hold(
    web.index.bytes === release.index[web.product === 'nginx' ? 'nginx' : 'apache'],
    `Page of ${web.index.bytes} bytes`,
  )
  hold(os.pretty.startsWith(vendor) && os.pretty.includes(os.version), `${os.pretty} is not ${vendor} ${os.version}`)
  hold(os.pretty.startsWith(os.issue), `issue.net says ${os.issue} of ${os.pretty}`)
  hold(
    release.kernels.some(
      ([, { release: name, version }]) =>
        version === os.kernelVersion && name === os.kernel.replace('-cloud-amd64', '-amd64'),
    ),
    `${os.pretty} never had kernel ${os.kernel} ${os.kernelVersion}`,
  )
}

const machine = (persona: Persona, hold: Hold): void => {
  const { hostname, fqdn, domain, os, mac, cpu, memory, users, timezone } = persona
  hold(fqdn === `${hostname}.${domain}`, `${fqdn} is not ${hostname} in ${domain}`)
  hold(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(hostname), `${hostname} is no host name`)
  hold(/^[a-z0-9-]+(\.[a-z]+){1,2}$/.test(domain), `${domain} is no domain`)
  const named = /\b(debian|ubuntu)\b/.exec(hostname)?.[1]
  hold(!named || named === os.id, `Host ${hostname} runs ${os.pretty}`)
  const size = /-(\d+)gb\b/.exec(hostname)?.[1]
  hold(!size || Math.round(memory / 2 ** 30) === Number(size), `Host ${hostname} has ${memory} bytes`)
  const cores = /-(\d+)vcpu\b/.exec(hostname)?.[1]
  hold(!cores || cpu.cores === Number(cores), `Host ${hostname} has ${cpu.cores} cores`)
  hold(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac), `${mac} is no address`)
  hold((Number.parseInt(mac, 16) & 1) === 0, `${mac} is a group address`)
  const nominal = /@ ([\d.]+)GHz/.exec(cpu.model)?.[1]
  hold(!nominal || Math.abs(cpu.megahertz - Number(nominal) * 1000) < 20, `${cpu.model} at ${cpu.megahertz} MHz`)
  hold(memory > 400 * 2 ** 20 && memory % 1024 === 0, `${memory} bytes of memory`)
  hold(users[0]?.name === 'root' && users[0].uid === 0, 'No root')
  hold(new Set(users.map(user => user.name)).size === users.length, 'A user name twice')
  hold(new Set(users.map(user => user.uid)).size === users.length, 'A uid twice')
  hold(!users.some(({ name }) => /^(debian|ubuntu)$/.test(name) && name !== os.id), `Cloud user of another system`)
  hold(
    users.every(({ name }) => /^[a-z][a-z0-9-]{0,31}$/.test(name)),
    `User names ${users.map(user => user.name)}`,
  )
  const minutes = (Date.parse(zoned(timezone.name)) - Date.parse(zoned('UTC'))) / 60_000
  hold(minutes === timezone.offset, `${timezone.name} is ${minutes} minutes from UTC, not ${timezone.offset}`)
}
const zoned = (timeZone: string): string => new Date(Date.UTC(2026, 0, 15)).toLocaleString('en', { timeZone })

const times = ({ bootedAt, installedAt, software, os }: Persona, release: Release, now: number, hold: Hold): void => {
  const { index } = software.web
  hold(installedAt >= Date.parse(release.installable[0]), `${release.id} installed before it was released`)
  hold(installedAt <= bootedAt, 'Booted before it was installed')
  hold(bootedAt < now, 'Booted in the future')
  hold(index.modifiedMicros >= installedAt * 1000 && index.modifiedMicros <= now * 1000, 'Page older than the machine')
  const entry = release.kernels.find(([, kernel]) => kernel.version === os.kernelVersion)
  hold(!entry || Date.parse(entry[0]) <= bootedAt, `Kernel ${os.kernelVersion} is newer than the boot`)
  hold(redisIsNotNewerThan(software.redis.package, release, now), `Redis ${software.redis.package} is not out yet`)
}
const redisIsNotNewerThan = (full: string, { packages: { redis } }: Release, now: number): boolean =>
  redis.some(([since, build]) => build.package === full && Date.parse(since) <= now)

const certificate = (persona: Persona, purpose: 'web' | 'ftp' | 'mail' | 'other', now: number, hold: Hold): void => {
  const { cert, key } = persona.certificate(purpose)
  const parsed = new X509Certificate(cert)
  const name = /(?:^|\n)CN=(.*)/.exec(parsed.subject)?.[1] ?? ''
  const says = `Certificate for ${purpose}`
  hold([persona.hostname, persona.fqdn, persona.domain].includes(name), `${says} is ${name}'s`)
  hold(parsed.subject === parsed.issuer && parsed.verify(parsed.publicKey), `${says} is not signed by itself`)
  hold(parsed.validFromDate.getTime() >= persona.installedAt - 1000, `${says} is older than the machine`)
  hold(parsed.validFromDate.getTime() < now && parsed.validToDate.getTime() > now, `${says} is not valid now`)
  hold(parsed.subjectAltName === undefined || parsed.subjectAltName === `DNS:${name}`, `${says} names others`)
  hold(parsed.serialNumber.length > 30, `${says} has serial ${parsed.serialNumber}`)
  hold(!key.includes('PUBLIC') && key.includes('PRIVATE KEY'), `${says} has no private key`)
}
