import { Decimal, decimalOf } from '#sql/decimal.ts'
import { floatText, type Value } from '#sql/value.ts'

/** Windows-1252's characters from 0x80 on that are not Latin-1's. */
const windows = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

/** A text as varchar has it under the server's collation: code page 1252, `?` for what is not in it. */
export const narrow = (text: string): Buffer =>
  Buffer.from(
    text.replace(/[\x80-\uffff]/g, c => {
      const at = windows.indexOf(c)
      if (at >= 0) return String.fromCharCode(0x80 + at)
      return c > '\xff' || c < '\xa0' ? '?' : c
    }),
    'latin1',
  )
export const widened = (bytes: Buffer): string =>
  bytes.toString('latin1').replace(/[\x80-\x9f]/g, c => windows[c.charCodeAt(0) - 0x80]!)

/** A value as text, where no type says how: numbers as they are written. */
export function textOf(value: Exclude<Value, null>): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return floatText(value).replace(/e/, 'e+').replace('e+-', 'e-')
  return String(value)
}

/** A number out of anything; `undefined` where it is none. */
export function numberOf(value: Exclude<Value, null>): bigint | number | Decimal | undefined {
  if (typeof value === 'bigint' || typeof value === 'number' || value instanceof Decimal) return value
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (text === '') return 0n
  if (/^[+-]?\d{1,38}$/.test(text)) return BigInt(text.replace('+', ''))
  if (/^[+-]?(?:\d{1,38}(?:\.\d{0,38})?|\.\d{1,38})$/.test(text)) return decimalOf(text.replace(/^\+/, '')) ?? undefined
  const float = /^[+-]?(?:\d{1,38}(?:\.\d{0,38})?|\.\d{1,38})[eE][+-]?\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(float) ? float : undefined
}
export const plainNumber = (value: Exclude<Value, null>): number => Number(String(numberOf(value) ?? Number.NaN))
