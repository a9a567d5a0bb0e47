import { latin } from './login.ts'
import type { Ftp } from './session.ts'
import { closeData, listenPassive } from './transfer.ts'
import { parseExtendedPort, parsePort } from './wire.ts'

/** The numbers that PASV tells, or `undefined` when every data port is taken. An IPv6 server has no IPv4 to tell. */
export function announcePassive(ftp: Ftp): string | undefined {
  const port = listenPassive(ftp)
  if (port === undefined) return undefined
  const ip = ftp.cx.options.passiveAddress ?? ftp.cx.destination.ip
  return `${ip.includes(':') ? '0,0,0,0' : ip.replaceAll('.', ',')},${port >> 8},${port & 255}`
}

export const familyOf = (ip: string) => (ip.includes(':') ? 2 : 1)

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
  /** Protocol families (1: IPv4, 2: IPv6) that the daemon takes from a peer of that family. */
  families(own: number): readonly number[]
  wrongFamily(verb: 'EPSV' | 'EPRT'): string
  badPort: string
  badExtendedPort: string
  refused(verb: string): string
  chosen(verb: 'PORT' | 'EPRT'): string
}

/** The four commands that agree on a data connection, in one product's words. */
export const channelVerbs = (words: ChannelWords) => ({
  passive: (ftp: Ftp) => {
    if (ftp.epsvOnly) return words.onlyExtended('PASV')
    const numbers = announcePassive(ftp)
    return numbers === undefined ? words.noPort : words.passive(numbers)
  },
  extendedPassive: (ftp: Ftp, arg: string) => {
    if (/^ALL$/i.test(arg)) {
      ftp.epsvOnly = true
      return words.allExtended
    }
    const families = words.families(familyOf(ftp.cx.destination.ip))
    if (arg !== '' && !families.map(String).includes(arg)) return words.wrongFamily('EPSV')
    const port = listenPassive(ftp)
    return port === undefined ? words.noPort : words.extendedPassive(port)
  },
  port: (ftp: Ftp, arg: string) => {
    if (ftp.epsvOnly) return words.onlyExtended('PORT')
    const target = parsePort(arg)
    if (!target) return words.badPort
    return chooseActive(ftp, target, `PORT ${arg}`) === 'refused' ? words.refused('PORT') : words.chosen('PORT')
  },
  extendedPort: (ftp: Ftp, arg: string) => {
    if (ftp.epsvOnly) return words.onlyExtended('EPRT')
    const target = parseExtendedPort(arg)
    if (!target) return words.badExtendedPort
    if (!words.families(familyOf(ftp.cx.source.ip)).includes(target.family)) return words.wrongFamily('EPRT')
    return chooseActive(ftp, target, `EPRT ${arg}`) === 'refused' ? words.refused('EPRT') : words.chosen('EPRT')
  },
})
