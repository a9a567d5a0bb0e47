import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** Where bytes were met; `anything` patterns are looked for in all of them. */
export const places = [
  'anything',
  'name',
  'ssh-identification',
  'ssh-kexinit',
  'certificate',
  'ftp',
  'http',
  'memcached',
  'mysql',
  'redis',
  'shell',
  'smtp',
  'telnet',
  'vnc',
] as const
export type Place = (typeof places)[number]

type Entry = { in: Place; pattern: RegExp; why: string }

const file = JSON.parse(readFileSync(new URL('../data/denylist.json', import.meta.url), 'utf8')) as {
  entries: { in: Place; pattern: string; flags?: string; why: string }[]
}
/** data/denylist.json, compiled. */
export const entries: readonly Entry[] = file.entries.map(({ in: place, pattern, flags = '', why }) => ({
  in: place,
  pattern: new RegExp(pattern, flags),
  why,
}))

/** What `bytes` hold of the list, as sentences; `what` names them. */
export const findings = (bytes: Buffer | string, place: Place, what: string): string[] => {
  const text = typeof bytes === 'string' ? bytes : bytes.toString('latin1')
  return entries.flatMap(({ in: where, pattern, why }) => {
    if (where !== 'anything' && where !== place) return []
    const found = pattern.exec(text)
    return found ? [`${what}: ${JSON.stringify(found[0])} at ${found.index} (${why})`] : []
  })
}

/** For service tests: fails when anything in `bytes` that a decoy would send is on the list. */
export const assertClean = (bytes: Buffer | string, { place = 'anything', what = 'reply' }: Context = {}): void =>
  assert.deepEqual(findings(bytes, place, what), [])
type Context = { place?: Place; what?: string }

/** A certificate as the `certificate` patterns read it. */
export const describeCertificate = (pem: string): string => {
  const certificate = new X509Certificate(pem)
  const days = (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / 86_400_000
  const { modulusLength = 0 } = certificate.publicKey.asymmetricKeyDetails ?? {}
  return [
    `subject: ${certificate.subject.replaceAll('\n', ',')}`,
    `issuer: ${certificate.issuer.replaceAll('\n', ',')}`,
    `serial: ${certificate.serialNumber}`,
    `signature: ${certificate.signatureAlgorithm}`,
    `days: ${days}`,
    `bits: ${modulusLength}`,
  ].join('\n')
}

/**
 * Is that server's KEXINIT bound to hold `kex-strict-s-v00@openssh.com`? OpenSSH has it since 9.6, and the
 * distributions brought it back to these builds (CVE-2023-48795).
 */
export const hasStrictKex = (identification: string): boolean => {
  const [, major, minor, vendor, revision = ''] =
    /^SSH-2\.0-OpenSSH_(\d+)\.(\d+)(?:p\d+)?(?: (Debian|Ubuntu)-(\S+))?/.exec(identification) ?? []
  const version = `${major}.${minor}`
  if (Number(major) > 9 || (major === '9' && Number(minor) >= 6)) return true
  const patched: Record<string, number> = { 'Debian 9.2': 2, 'Debian 8.4': 3, 'Ubuntu 8.9': 6, 'Ubuntu 8.2': 11 }
  const first = patched[`${vendor} ${version}`]
  const build = /(?:deb\d+u|ubuntu0\.)(\d+)$/.exec(revision)?.[1]
  return first !== undefined && build !== undefined && Number(build) >= first
}

/** For the SSH service: what a server with that identification would never offer, or never leave out. */
export const assertAlgorithms = (identification: string, offered: readonly string[]): void => {
  assertClean(offered.join(','), { place: 'ssh-kexinit', what: `KEXINIT of ${identification}` })
  const [, major = '0', minor = '0'] = /OpenSSH_(\d+)\.(\d+)/.exec(identification) ?? []
  if (Number(major) > 7 || (major === '7' && Number(minor) >= 6))
    for (const gone of ['cast128-cbc', 'blowfish-cbc', 'arcfour', 'hmac-ripemd160', 'hmac-md5-96', 'ssh-dss'])
      assert.ok(!offered.includes(gone), `${identification} no longer has ${gone}`)
  assert.equal(
    offered.includes('kex-strict-s-v00@openssh.com'),
    hasStrictKex(identification),
    `kex-strict of ${identification}`,
  )
}
