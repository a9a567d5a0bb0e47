/** An IPv4 address as a number, from the forms inet_aton(3) takes: `1.2.3.4`, `1.2.772`, `0x7f000001`, `2130706433`. */
export const ipv4Of = (text: string): number | undefined => {
  const parts = text.split('.')
  if (parts.length > 4) return undefined
  const values: number[] = []
  for (const part of parts) {
    if (/^0x[0-9a-f]{1,8}$/i.test(part)) values.push(Number.parseInt(part.slice(2), 16))
    else if (/^0[0-7]{0,11}$/.test(part)) values.push(Number.parseInt(part, 8))
    else if (/^[1-9][0-9]{0,9}$/.test(part)) values.push(Number(part))
    else return undefined
  }
  const last = values.pop()!
  if (last >= 256 ** (4 - values.length) || values.some(value => value > 255)) return undefined
  return values.reduce((sum, value, index) => sum + value * 256 ** (3 - index), 0) + last
}

export const dotted = (address: number): string =>
  [24, 16, 8, 0].map(shift => Math.floor(address / 2 ** shift) % 256).join('.')

/** An IPv6 address in the short form of RFC 5952, or `undefined` where the text is none. Zones are left away. */
export const ipv6Of = (text: string): string | undefined => {
  let bare = text.replace(/%[\w.-]{1,16}$/, '').toLowerCase()
  if (!/^[0-9a-f:.]{2,45}$/.test(bare) || !bare.includes(':')) return undefined
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(bare)
  if (embedded) {
    const v4 = ipv4Of(embedded[2]!)
    if (v4 === undefined) return undefined
    bare = `${embedded[1]}${Math.floor(v4 / 65_536).toString(16)}:${(v4 % 65_536).toString(16)}`
  }
  const halves = bare.split('::')
  if (halves.length > 2 || bare.includes('.')) return undefined
  const groups = halves.map(half => (half === '' ? [] : half.split(':')))
  const count = groups.reduce((sum, half) => sum + half.length, 0)
  if (groups.flat().some(group => !/^[0-9a-f]{1,4}$/.test(group))) return undefined
  if (halves.length === 1 ? count !== 8 : count > 7) return undefined
  const [head = [], tail = []] = groups
  const all = halves.length === 1 ? head : [...head, ...Array<string>(8 - count).fill('0'), ...tail]
  return shortest(all.map(group => Number.parseInt(group, 16)))
}

const shortest = (groups: readonly number[]): string => {
  let best = { at: -1, length: 1 }
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (at + length < 8 && groups[at + length] === 0) length++
    if (length > best.length) best = { at, length }
  }
  const hex = (part: readonly number[]): string => part.map(group => group.toString(16)).join(':')
  return best.at < 0 ? hex(groups) : `${hex(groups.slice(0, best.at))}::${hex(groups.slice(best.at + best.length))}`
}

/** What kind of place an address is, as a host in a data centre sees it. */
export type Place = 'public' | 'loopback' | 'private' | 'link-local' | 'multicast' | 'reserved' | 'metadata' | 'any'

const blocks: readonly (readonly [network: string, bits: number, place: Place])[] = [
  ['0.0.0.0', 32, 'any'],
  ['0.0.0.0', 8, 'reserved'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'private'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.169.254', 32, 'metadata'],
  ['169.254.0.0', 16, 'link-local'],
  ['172.16.0.0', 12, 'private'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'private'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
]

/** IANA's special-purpose registries (RFC 6890); addresses for documentation count as public, since tests use them. */
export const placeOf = (address: string): Place => {
  if (address.includes(':')) {
    if (address === '::1') return 'loopback'
    if (address === '::') return 'any'
    if (address.startsWith('::ffff:')) {
      const [high = 0, low = 0] = address
        .slice(7)
        .split(':')
        .map(group => Number.parseInt(group, 16))
      return placeOf(dotted(high * 65_536 + low))
    }
    if (/^fe[89ab]/.test(address)) return 'link-local'
    if (/^f[cd]/.test(address)) return 'private'
    if (address.startsWith('ff')) return 'multicast'
    return /^[23]/.test(address) ? 'public' : 'reserved'
  }
  const value = ipv4Of(address)
  if (value === undefined) return 'reserved'
  const found = blocks.find(([network, bits]) => {
    const size = 2 ** (32 - bits)
    return Math.floor(value / size) === Math.floor(ipv4Of(network)! / size)
  })
  return found?.[2] ?? 'public'
}
