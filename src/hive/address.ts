import { isIP } from 'node:net'

/** The 4 or 16 octets of an address in text; a zone (`%eth0`) is left out. Throws for anything else. */
export function addressOctets(address: string): Buffer {
  const [ip = ''] = address.split('%')
  const version = isIP(ip)
  if (version === 4) return Buffer.from(ip.split('.').map(Number))
  if (version !== 6) throw new Error(`Not an IP address: ${JSON.stringify(address)}`)
  // RFC 4291 §2.2: `::` stands for the groups left out, and the last 32 bits may be written as an IPv4 address.
  const groups = (part = '') =>
    part.split(':').flatMap(group => {
      if (!group.includes('.')) return group === '' ? [] : [Number.parseInt(group, 16)]
      const v4 = addressOctets(group)
      return [v4.readUInt16BE(0), v4.readUInt16BE(2)]
    })
  const [head, tail] = ip.split('::')
  const [left, right] = [groups(head), groups(tail)]
  const octets = Buffer.alloc(16)
  for (const [i, group] of left.entries()) octets.writeUInt16BE(group, 2 * i)
  for (const [i, group] of right.entries()) octets.writeUInt16BE(group, 16 - 2 * (right.length - i))
  return octets
}

const MAPPED = Buffer.from('00000000000000000000ffff', 'hex')

/** What counts as one source: an IPv4 address (also when written IPv4-mapped), or the /64 of IPv6 that one customer has. */
export function sourceKey(address: string): string {
  if (isIP(address.split('%')[0]!) === 0) return 'unknown'
  const octets = addressOctets(address)
  const mapped = octets.length === 16 && octets.subarray(0, 12).equals(MAPPED)
  return (mapped ? octets.subarray(12) : octets.subarray(0, octets.length === 16 ? 8 : 4)).toString('hex')
}
