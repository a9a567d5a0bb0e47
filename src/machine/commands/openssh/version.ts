import type { Persona } from '#persona/persona.ts'

/** Release dates of OpenSSL (its CHANGES.md), which its version text carries. */
const releases = new Map([
  ['3.0.2', '15 Mar 2022'],
  ['3.0.9', '30 May 2023'],
  ['3.0.11', '19 Sep 2023'],
  ['3.0.13', '30 Jan 2024'],
  ['3.0.14', '4 Jun 2024'],
  ['3.0.15', '3 Sep 2024'],
  ['3.0.16', '11 Feb 2025'],
  ['3.0.17', '1 Jul 2025'],
  ['3.0.18', '30 Sep 2025'],
  ['3.0.19', '27 Jan 2026'],
  ['3.0.20', '7 Apr 2026'],
  ['3.0.21', '9 Jun 2026'],
  ['3.0.22', '25 Aug 2026'],
])

/** `OpenSSL 3.0.22 25 Aug 2026`: OPENSSL_VERSION_TEXT of the machine's library. */
export const opensslText = ({ software }: Persona): string => {
  const { version } = software.openssl
  const date = releases.get(version)
  return `OpenSSL ${version}${date === undefined ? '' : ` ${date}`}`
}

/** `OpenSSH_9.2p1 Debian-2+deb12u10`: what ssh(1) says of itself, as sshd(8) does in its banner. */
export const opensshText = ({ software }: Persona): string => software.ssh.identification.replace(/^SSH-2\.0-/, '')
