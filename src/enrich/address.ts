/** An IP address as its 4 or 16 bytes; undefined for what is none. IPv4 in IPv6 clothes (mapped, NAT64) is undressed. */
export function addressBytes(text: string): Uint8Array | undefined {
  const zone = text.indexOf('%')
  const bare = zone < 0 ? text : text.slice(0, zone)
  if (!bare.includes(':')) return v4(bare)
  const bytes = v6(bare)
  return bytes !== undefined && embedsV4(bytes) ? bytes.subarray(12) : bytes
}

function v4(text: string): Uint8Array | undefined {
  const parts = text.split('.', 5)
  if (parts.length !== 4 || !parts.every(part => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined
  return Uint8Array.from(parts, Number)
}

/** RFC 4291 §2.2: eight groups, `::` for a run of zeros, the last two perhaps in dotted form. */
function v6(text: string): Uint8Array | undefined {
  const halves = text.split('::', 3)
  if (halves.length > 2 || text.length > 45) return undefined
  const [head, tail] = halves.map((half, i) => (half === '' ? [] : groups(half.split(':', 9), i === halves.length - 1)))
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  const zeros = 8 - head.length - (tail?.length ?? 0)
  if (tail === undefined ? zeros !== 0 : zeros < 1) return undefined
  const all = [...head, ...Array<number>(zeros).fill(0), ...(tail ?? [])]
  return Uint8Array.from(all.flatMap(group => [group >> 8, group & 255]))
}

function groups(parts: string[], endsAddress: boolean): number[] | undefined {
  const found: number[] = []
  for (const [index, part] of parts.entries()) {
    const dotted = endsAddress && index === parts.length - 1 && part.includes('.') ? v4(part) : undefined
    if (dotted !== undefined) found.push((dotted[0]! << 8) | dotted[1]!, (dotted[2]! << 8) | dotted[3]!)
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) found.push(Number.parseInt(part, 16))
    else return undefined
  }
  return found
}

const mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] // ::ffff:0:0/96, RFC 4291 §2.5.5.2
const nat64 = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0] // 64:ff9b::/96, RFC 6052 §2.1
const embedsV4 = (bytes: Uint8Array) => [mapped, nat64].some(prefix => prefix.every((byte, i) => bytes[i] === byte))

/** The blocks of the IANA special-purpose registries (RFC 6890) that no country can be told of. */
const special: [prefix: string, bits: number, label: string][] = [
  ['0.0.0.0', 8, 'this network'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'carrier NAT'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'reserved'],
  ['192.0.2.0', 24, 'documentation'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'benchmarking'],
  ['198.51.100.0', 24, 'documentation'],
  ['203.0.113.0', 24, 'documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['255.255.255.255', 32, 'broadcast'],
  ['240.0.0.0', 4, 'reserved'],
  ['::', 128, 'unspecified'],
  ['::1', 128, 'loopback'],
  ['100::', 64, 'discard-only'],
  ['2001:db8::', 32, 'documentation'],
  ['3fff::', 20, 'documentation'],
  ['fc00::', 7, 'private'],
  ['fe80::', 10, 'link-local'],
  ['ff00::', 8, 'multicast'],
]
const blocks = special.map(([prefix, bits, label]) => ({ prefix: addressBytes(prefix)!, bits, label }))

/** What kind of place an address is when it is not on the public Internet. */
export function specialUse(address: Uint8Array): string | undefined {
  return blocks.find(({ prefix, bits }) => within(address, prefix, bits))?.label
}

function within(address: Uint8Array, prefix: Uint8Array, bits: number): boolean {
  if (address.length !== prefix.length) return false
  const whole = bits >> 3
  for (let i = 0; i < whole; i++) if (address[i] !== prefix[i]) return false
  const mask = 0xff & ~(0xff >> (bits & 7))
  return mask === 0 || (address[whole]! & mask) === (prefix[whole]! & mask)
}
