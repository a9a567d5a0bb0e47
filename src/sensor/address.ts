import { Malformed } from './endings.ts'

/**
 * One spelling an address: `::ffff:192.0.2.1` is `192.0.2.1`, IPv6 is in its canonical form (RFC 5952) and without the
 * zone that a link-local one comes with (`fe80::1%eth0`).
 */
export function plainAddress(address: string): string {
  if (!address.includes(':')) return address
  const ip = address.replace(/%.*$/, '')
  if (ip.startsWith('::ffff:') && ip.includes('.')) return ip.slice(7)
  try {
    const canonical = new URL(`http://[${ip}]`).hostname.slice(1, -1)
    const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical)
    if (!mapped) return canonical
    const [high, low] = [Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16)]
    return [high >> 8, high & 255, low >> 8, low & 255].join('.')
  } catch {
    throw new Malformed(`No IPv6 address: ${JSON.stringify(ip)}`)
  }
}

/**
 * What one attacker commands: an IPv4 address, or the /64 around an IPv6 one, of which any host may take as many
 * addresses as it likes. `ip` in plain form.
 */
export function networkOf(ip: string): string {
  if (!ip.includes(':')) return ip
  const [left = '', right] = ip.split('::')
  const groups = left === '' ? [] : left.split(':')
  if (right !== undefined) while (groups.length < 4) groups.push('0')
  return `${groups.slice(0, 4).join(':')}::/64`
}
