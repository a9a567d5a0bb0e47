import { latin } from './login.ts'
import type { Ftp } from './session.ts'
import { closeData, listenPassive } from './transfer.ts'
import { parseExtendedPort, parsePort } from './wire.ts'

/**
 * Takes note of where the client wants to be connected to; nobody ever is. An address other than its own is a bounce
 * attempt (CVE-1999-0017), which the real daemons refuse too, as they do ports below 1024.
 */
export function chooseActive(ftp: Ftp, target: { ip: string; port: number }, said: string): 'chosen' | 'refused' {
  const own = target.ip === ftp.cx.source.ip
  if (!own) ftp.cx.record.exploit({ id: 'CVE-1999-0017', name: 'FTP bounce', evidence: latin(said.slice(0, 256)) })
  if (!own || target.port < 1024) return 'refused'
  closeData(ftp)
  ftp.data = 'active'
  return 'chosen'
}

/** The wordings around PORT, EPRT, PASV and EPSV. */
export type ChannelWords = {
  onlyExtended(verb: string): string
  passive(numbers: string): string
  noPort: string
  extendedPassive(port: number): string
  allExtended: string
  /** The four numbers that PASV makes of the address connected to, which may be one of IPv6. */
  address(ip: string): string
  wrongFamily(verb: 'EPSV' | 'EPRT'): string
  badPort(arg: string): string
  badExtendedPort(arg: string): string
  refused(verb: string): string
  chosen(verb: 'PORT' | 'EPRT'): string
}

/** The four commands that agree on a data connection, in one product's words. */
export const channelVerbs = (words: ChannelWords) => ({
  passive: (ftp: Ftp) => {
    if (ftp.epsvOnly) return words.onlyExtended('PASV')
    const port = listenPassive(ftp)
    if (port === undefined) return words.noPort
    const host = words.address(ftp.cx.options.passiveAddress ?? ftp.cx.destination.ip)
    return words.passive(`${host},${port >> 8},${port & 255}`)
  },
  extendedPassive: (ftp: Ftp, arg: string) => {
    if (/^ALL$/i.test(arg)) {
      ftp.epsvOnly = true
      return words.allExtended
    }
    // 1: IPv4, 2: IPv6 (RFC 2428 §2); Debian's set-ups listen to both with one socket and take either from anybody.
    if (arg !== '' && arg !== '1' && arg !== '2') return words.wrongFamily('EPSV')
    const port = listenPassive(ftp)
    return port === undefined ? words.noPort : words.extendedPassive(port)
  },
  port: (ftp: Ftp, arg: string) => {
    if (ftp.epsvOnly) return words.onlyExtended('PORT')
    const target = parsePort(arg)
    if (!target) return words.badPort(arg)
    return chooseActive(ftp, target, `PORT ${arg}`) === 'refused' ? words.refused('PORT') : words.chosen('PORT')
  },
  extendedPort: (ftp: Ftp, arg: string) => {
    if (ftp.epsvOnly) return words.onlyExtended('EPRT')
    const target = parseExtendedPort(arg)
    if (!target) return words.badExtendedPort(arg)
    if (target.family !== 1 && target.family !== 2) return words.wrongFamily('EPRT')
    return chooseActive(ftp, target, `EPRT ${arg}`) === 'refused' ? words.refused('EPRT') : words.chosen('EPRT')
  },
})
