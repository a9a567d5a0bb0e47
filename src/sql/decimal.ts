/** An exact number: `digits` / 10^`scale`, as DECIMAL and numeric keep it. */
export class Decimal {
  readonly digits: bigint
  readonly scale: number

  constructor(digits: bigint, scale: number) {
    this.digits = digits
    this.scale = scale
  }
  toString(): string {
    const text = String(this.digits < 0n ? -this.digits : this.digits).padStart(this.scale + 1, '0')
    const sign = this.digits < 0n ? '-' : ''
    return this.scale === 0 ? sign + text : `${sign}${text.slice(0, -this.scale)}.${text.slice(-this.scale)}`
  }
  toNumber(): number {
    return Number(this.toString())
  }
}

/** Digits that an exact number may have: more become the largest there is (DECIMAL(65)). */
const MOST = 10n ** 65n
const power = (n: number): bigint => 10n ** BigInt(n)

/** `12.50` → 1250 / 10²; `undefined` when the text is no plain number. */
export function decimalOf(text: string): Decimal | undefined {
  const found = /^([+-]?)(\d{0,80})(?:\.(\d{0,40}))?$/.exec(text)
  if (!found) return undefined
  const [, sign, whole = '', fraction = ''] = found
  if (whole === '' && fraction === '') return undefined
  const digits = BigInt(whole + fraction)
  return new Decimal(sign === '-' ? -digits : digits, fraction.length)
}

/** The same value with `scale` digits behind the point, halves away from zero. */
export function rescale(value: Decimal, scale: number): Decimal {
  const by = Math.max(0, Math.min(scale, 60)) - value.scale
  if (by === 0) return value
  if (by > 0) return clamp(new Decimal(value.digits * power(by), value.scale + by))
  const unit = power(-by)
  const half = value.digits < 0n ? -unit / 2n : unit / 2n
  return new Decimal((value.digits + half) / unit, value.scale + by)
}

/** Towards zero. */
export function truncated(value: Decimal, scale: number): Decimal {
  return scale >= value.scale ? value : new Decimal(value.digits / power(value.scale - scale), scale)
}

const clamp = (value: Decimal): Decimal => {
  if (value.digits < MOST && value.digits > -MOST) return value
  return new Decimal(value.digits < 0n ? 1n - MOST : MOST - 1n, value.scale)
}

export const add = (a: Decimal, b: Decimal): Decimal => {
  const scale = Math.max(a.scale, b.scale)
  return clamp(new Decimal(rescale(a, scale).digits + rescale(b, scale).digits, scale))
}
export const negate = (a: Decimal): Decimal => new Decimal(-a.digits, a.scale)
export const multiply = (a: Decimal, b: Decimal): Decimal =>
  rescale(clamp(new Decimal(a.digits * b.digits, a.scale + b.scale)), Math.min(30, a.scale + b.scale))

/** `extra` more digits than the dividend has (div_precision_increment); `undefined` for a divisor of zero. */
export function divide(a: Decimal, b: Decimal, scale: number): Decimal | undefined {
  if (b.digits === 0n) return undefined
  const shifted = a.digits * power(scale + b.scale + 1)
  return rescale(clamp(new Decimal(shifted / b.digits, a.scale + scale + 1)), scale)
}
export const remainder = (a: Decimal, b: Decimal): Decimal | undefined => {
  if (b.digits === 0n) return undefined
  const scale = Math.max(a.scale, b.scale)
  return new Decimal(rescale(a, scale).digits % rescale(b, scale).digits, scale)
}
export function compareDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale)
  const [x, y] = [a.digits * power(scale - a.scale), b.digits * power(scale - b.scale)]
  return x < y ? -1 : x > y ? 1 : 0
}
