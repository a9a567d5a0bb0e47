import { createHmac } from 'node:crypto'
import { type PublicKey, parsePublic } from './key.ts'

/** Lines that are looked at. */
const mostLines = 5000

/** A line of known_hosts (sshd(8)); `names` as they stand there. */
export type KnownHost = { line: number; text: string; names: string; key: PublicKey | undefined }

export const knownHosts = (text: string): KnownHost[] =>
  text
    .replace(/\n$/, '')
    .split('\n', mostLines)
    .map((line, index) => {
      const [, names = '', rest = ''] = /^\s*(?:@\S+\s+)?(\S+)\s+(.*)$/s.exec(line) ?? []
      const isRemark = line.trim() === '' || line.trimStart().startsWith('#')
      return {
        line: index + 1,
        text: line,
        names: isRemark ? '' : names,
        key: isRemark ? undefined : parsePublic(rest),
      }
    })

const hashed = (host: string, salt: Buffer): string =>
  `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(host, 'latin1').digest('base64')}`

/** `HashKnownHosts yes`, which Debian has: the name itself is not to be read. */
export const hashedName = (host: string, random: (bytes: number) => Buffer): string => hashed(host, random(20))

/** The line is about this host: by name, or by the hash of it. */
export const isAbout = ({ names }: KnownHost, host: string): boolean => {
  if (names.startsWith('|1|')) return hashed(host, Buffer.from(names.split('|')[2] ?? '', 'base64')) === names
  return names.toLowerCase().split(',').includes(host.toLowerCase())
}

/** Names and addresses as known_hosts has them: the port with them unless it is the usual one. */
export const hostWithPort = (host: string, port: number): string => (port === 22 ? host : `[${host}]:${port}`)
