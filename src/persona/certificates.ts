import {
  authorityKeyIdentifier,
  basicConstraints,
  type Name,
  type SelfSigned,
  selfSigned,
  subjectAltName,
  subjectKeyIdentifier,
} from '#codec/x509.ts'
import { derive } from './draw.ts'
import type { Facts } from './facts.ts'
import { releaseOf } from './releases/index.ts'

const day = 86_400_000

/**
 * The certificate that Debian's package ssl-cert makes at installation (`make-ssl-cert generate-default-snakeoil`,
 * 1.1.2): the machine's name as subject and alternative name, RSA 2048, SHA-256, 3650 days. Postfix, Dovecot, vsFTPd
 * and both web servers' default TLS sites use it.
 */
export const snakeoil = (facts: Facts, seed: Buffer, key: string): string => {
  const fqdn = `${facts.hostname}.${facts.domain}`
  const host = facts.tls.qualified && fqdn.length <= 64 ? fqdn : facts.hostname
  return selfSigned(
    {
      serial: serialNumber(seed, `snakeoil ${host}`),
      name: [['CN', host]],
      ...validity(facts.installedAt + 95_000, 3650),
      extensions: [
        basicConstraints(false),
        subjectAltName(host),
        ...(releaseOf(facts.release).addsSubjectKeyIdentifier ? [subjectKeyIdentifier] : []),
      ],
    },
    key,
  )
}

/** What `openssl req -x509 -newkey rsa:2048 -nodes -days …` makes with the distribution's own openssl.cnf. */
export const ownersCertificate = (facts: Facts, seed: Buffer, key: string): string => {
  const name = ownersName(facts)
  return selfSigned(
    {
      serial: serialNumber(seed, `own ${JSON.stringify(name)}`),
      name,
      ...validity(
        facts.installedAt + 3_600_000 + (derive(seed, 'own since', 3).readUIntBE(0, 3) % 7_200) * 1000,
        facts.tls.days,
      ),
      extensions: [subjectKeyIdentifier, authorityKeyIdentifier, basicConstraints(true, true)],
    },
    key,
  )
}

const ownersName = ({ hostname, domain, organisation, tls }: Facts): Name => {
  const { country, state, town, name } = organisation
  const commonName = { fqdn: `${hostname}.${domain}`, domain, hostname }[tls.commonName]
  const common = ['CN', commonName.length <= 64 ? commonName : hostname] as const
  if (tls.fields === 'name') return [common]
  const place = [
    ['C', country],
    ['ST', state],
    ['L', town],
    ['O', name],
  ] as const
  if (tls.fields === 'some') return [...place, common]
  return [...place, ['OU', 'IT'], common, ['emailAddress', `admin@${domain}`]]
}

const validity = (from: number, days: number): Pick<SelfSigned, 'notBefore' | 'notAfter'> => ({
  notBefore: from,
  notAfter: from + days * day,
})

// OpenSSL's rand_serial: 159 random bits, so that 20 octets hold it with its sign.
const serialNumber = (seed: Buffer, label: string): Buffer => {
  const serial = Buffer.from(derive(seed, `serial ${label}`, 20))
  serial[0]! &= 0x7f
  return serial
}
