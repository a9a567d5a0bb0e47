import { type Draw, drawFrom } from './draw.ts'
import { coresFor, hostingsIn, macAddress, memoryTotal } from './hosting.ts'
import { inventHostname, inventOrganisation, inventUsers } from './names.ts'
import type { PersonaOverrides } from './overrides.ts'
import { regions } from './regions.ts'
import { type Release, type ReleaseId, releaseOf, releases } from './releases/index.ts'

export type MailServer = 'Postfix' | 'Exim' | 'OpenSMTPD'

/**
 * What was chosen for this sensor, once and for all. Kept beside the seed, so that the tables of a later version of the
 * program cannot turn the machine into another one that has the same keys.
 */
export type Facts = {
  release: ReleaseId
  web: 'nginx' | 'Apache'
  ftp: 'vsFTPd' | 'ProFTPD'
  mail: MailServer
  sip: 'Asterisk' | 'Kamailio'
  hosting: string
  hostname: string
  domain: string
  organisation: { name: string; country: string; state: string; town: string }
  users: { name: string; uid: number }[]
  mac: string
  interface: string
  cpu: { model: string; cores: number; megahertz: number }
  /** Bytes. */
  memory: number
  disk: number
  timezone: string
  clockSkew: number
  installedAt: number
  /** Upgrades with every reboot; otherwise it runs what it was installed with. */
  upgrades: boolean
  /** Debian's kernel for virtual machines, which its cloud images have. */
  cloudKernel: boolean
  tls: {
    /** What the web and the FTP server were given: ssl-cert's own certificate, or one its owner made. */
    web: 'snakeoil' | 'own'
    ftp: 'snakeoil' | 'own'
    /** The snakeoil's name: `hostname -f` finds no domain on many machines. */
    qualified: boolean
    /** Of the owner's certificate. */
    days: number
    fields: 'name' | 'some' | 'all'
    commonName: 'fqdn' | 'domain' | 'hostname'
  }
}

const day = 86_400_000

/** Pure: the same arguments give the same facts. `now` bounds how long the machine can have existed. */
export const chooseFacts = (seed: Buffer, now: number, overrides: PersonaOverrides = {}): Facts => {
  const draw = (fact: string): Draw => drawFrom(seed, fact)
  const region = draw('region').weighted(regions)
  const hosting = draw('hosting').weighted(hostingsIn(region.country))
  const release = overrides.os ?? draw('release').weighted(releases).id
  const [gib, disk] = draw('size').pick(hosting.sizes)
  const cores = coresFor(gib, draw('cores'))
  const [model, megahertz] = draw('cpu').pick(hosting.cpus)
  const invented = inventOrganisation(draw('organisation'), region)
  const [state, town] = draw('town').pick(region.towns)
  const hostname = inventHostname(draw('hostname'), hosting, region, { release, memory: gib, cores })
  const ownCertificate = draw('own certificate').chance(0.4)
  const installedAt = installation(draw('installed'), releaseOf(release), now)
  return {
    release,
    web: overrides.web ?? draw('web').weighted(webServers),
    ftp: overrides.ftp ?? draw('ftp').weighted(ftpServers),
    mail: overrides.mail ?? draw('mail').weighted(mailServers),
    sip: draw('sip').weighted(telephoneServers),
    hosting: hosting.id,
    hostname: overrides.hostname ?? hostname,
    domain: overrides.domain ?? invented.domain,
    organisation: { name: invented.name, country: region.country, state, town },
    users: inventUsers(draw('users'), region, release),
    mac: macAddress(draw('oui').pick(hosting.oui), draw('mac')),
    interface: draw('interface').pick(hosting.interfaces),
    cpu: { model, cores, megahertz: megahertz + draw('megahertz').below(1000) / 1000 },
    memory: memoryTotal(gib, draw('memory')),
    disk: disk * 1e9,
    // Cloud images come with UTC; most owners leave it.
    timezone: overrides.timezone ?? (region.zone && draw('timezone').chance(0.45) ? region.zone[0] : 'Etc/UTC'),
    clockSkew: clockSkew(draw('clock')),
    installedAt,
    upgrades: draw('upgrades').chance(0.4),
    cloudKernel: release.startsWith('debian') && draw('kernel').chance(0.5),
    tls: {
      web: ownCertificate ? 'own' : 'snakeoil',
      ftp: ownCertificate && draw('ftp certificate').chance(0.6) ? 'own' : 'snakeoil',
      qualified: draw('qualified').chance(0.35),
      days: draw('days').pick(validities.filter(days => installedAt + days * day > now + 180 * day)),
      fields: draw('fields').pick(['name', 'some', 'all']),
      commonName: draw('common name').weighted(commonNames),
    },
  }
}

const webServers = [
  [55, 'nginx'],
  [45, 'Apache'],
] as const
const ftpServers = [
  [62, 'vsFTPd'],
  [38, 'ProFTPD'],
] as const
const mailServers = [
  [68, 'Postfix'],
  [30, 'Exim'],
  [2, 'OpenSMTPD'],
] as const
const telephoneServers = [
  [78, 'Asterisk'],
  [22, 'Kamailio'],
] as const
const commonNames = [
  [55, 'fqdn'],
  [30, 'domain'],
  [15, 'hostname'],
] as const

/** Days that guides to `openssl req -x509` give; not 365, a mark of generated decoys. */
const validities = [730, 1095, 1825, 3650, 3650, 3650, 7300, 36500]

/** Some time while the release was being installed, recent times more often; at least five days ago. */
const installation = (draw: Draw, release: Release, now: number): number => {
  const from = Date.parse(release.installable[0])
  const to = Math.max(from, Math.min(Date.parse(release.installable[1]), now - 5 * day))
  const age = Math.min((draw.below(1e9) / 1e9) ** 1.6 * (to - from), 1300 * day)
  return Math.floor(to - age) - draw.below(1000)
}

/** Most machines keep time by NTP; some drift. Milliseconds. */
const clockSkew = (draw: Draw): number => {
  const sign = draw.chance(0.5) ? 1 : -1
  return sign * (draw.chance(0.75) ? draw.between(1, 40) : draw.between(50, 900))
}
