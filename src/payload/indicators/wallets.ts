import { createHash } from 'node:crypto'
import { keccak256 } from './keccak.ts'

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

/** The bytes of a base58 text; leading ones are zeros. */
function base58(text: string): Buffer | undefined {
  let value = 0n
  for (const char of text) {
    const digit = BASE58.indexOf(char)
    if (digit < 0) return undefined
    value = value * 58n + BigInt(digit)
  }
  const digits = value.toString(16)
  const body = value === 0n ? Buffer.alloc(0) : Buffer.from(digits.length % 2 ? `0${digits}` : digits, 'hex')
  return Buffer.concat([Buffer.alloc(/^1*/.exec(text)![0].length), body])
}

/** Version bytes of base58check addresses (chainparams of each coin). */
const versions = new Map([
  [0x00, 'bitcoin'],
  [0x05, 'bitcoin'],
  [0x30, 'litecoin'],
  [0x32, 'litecoin'],
  [0x41, 'tron'],
  [0x1e, 'dogecoin'],
])

function base58check(text: string): string | undefined {
  const bytes = base58(text)
  if (bytes?.length !== 25) return undefined
  const checksum = sha256(sha256(bytes.subarray(0, 21)))
  return checksum.subarray(0, 4).equals(bytes.subarray(21)) ? versions.get(bytes[0]!) : undefined
}

/** BIP 173 and BIP 350: the checksum's constant depends on the witness version. */
const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]

function bech32(text: string): string | undefined {
  const low = text.toLowerCase()
  if (low !== text && text.toUpperCase() !== text) return undefined
  const cut = low.lastIndexOf('1')
  const prefix = low.slice(0, cut)
  const data = [...low.slice(cut + 1)].map(char => BECH32.indexOf(char))
  if (data.length < 8 || data.includes(-1)) return undefined
  let sum = 1
  const step = (value: number) => {
    const top = sum >>> 25
    sum = ((sum & 0x1ffffff) << 5) ^ value
    for (let i = 0; i < 5; i++) if ((top >> i) & 1) sum ^= generator[i]!
  }
  for (const char of prefix) step(char.charCodeAt(0) >> 5)
  step(0)
  for (const char of prefix) step(char.charCodeAt(0) & 31)
  for (const value of data) step(value)
  if (sum !== (data[0] === 0 ? 1 : 0x2bc830a3)) return undefined
  return prefix === 'bc' ? 'bitcoin' : prefix === 'ltc' ? 'litecoin' : undefined
}

/** Monero's base58: blocks of eleven digits are eight bytes, the last seven digits are five; the checksum is Keccak's. */
function monero(text: string): string | undefined {
  const bytes: Buffer[] = []
  for (let i = 0; i < text.length; i += 11) {
    let value = 0n
    for (const char of text.slice(i, i + 11)) {
      const digit = BASE58.indexOf(char)
      if (digit < 0) return undefined
      value = value * 58n + BigInt(digit)
    }
    const size =
      i + 11 <= text.length
        ? 8
        : new Map([
            [7, 5],
            [2, 1],
          ]).get(text.length - i)
    if (size === undefined || value >> BigInt(8 * size) !== 0n) return undefined
    bytes.push(Buffer.from(value.toString(16).padStart(2 * size, '0'), 'hex'))
  }
  const all = Buffer.concat(bytes)
  return keccak256(all.subarray(0, -4)).subarray(0, 4).equals(all.subarray(-4)) ? 'monero' : undefined
}

/** EIP-55: letters in upper case where the hash of the address says so; in one case alone it says nothing. */
function ethereum(text: string): string | undefined {
  const digits = text.slice(2)
  if (/^0+$/.test(digits)) return undefined
  if (digits === digits.toLowerCase() || digits === digits.toUpperCase()) return 'ethereum'
  const hash = keccak256(Buffer.from(digits.toLowerCase())).toString('hex')
  for (let i = 0; i < 40; i++) {
    const char = digits[i]!
    if (/[a-f]/i.test(char) && (char === char.toUpperCase()) !== Number.parseInt(hash[i]!, 16) >= 8) return undefined
  }
  return 'ethereum'
}

/** Texts that may be addresses, by their form. */
const forms: readonly [form: RegExp, check: (text: string) => string | undefined][] = [
  [/\b(?:bc1|ltc1|BC1|LTC1)[a-zA-Z0-9]{8,87}\b/g, bech32],
  [/\b0x[0-9a-fA-F]{40}\b/g, ethereum],
  [/\b[48][1-9A-HJ-NP-Za-km-z]{94}(?:[1-9A-HJ-NP-Za-km-z]{11})?\b/g, monero],
  [/\b[13LMTD][1-9A-HJ-NP-Za-km-z]{25,33}\b/g, base58check],
]
const TRIED = 64

/** Addresses of coins whose checksum is right, in the order of the text within each kind of address. */
export function walletsIn(text: string): { coin: string; address: string }[] {
  const found: { coin: string; address: string }[] = []
  if (!/[A-Za-z0-9]{26}/.test(text)) return found
  for (const [form, check] of forms) {
    let tried = 0
    for (const [address] of text.matchAll(form)) {
      if (++tried > TRIED) break
      const coin = check(address)
      if (coin) found.push({ coin, address })
    }
  }
  return found
}
