import type { Process, Program } from '../../system.ts'
import { gnuProgram } from '../coreutils.ts'
import { complain } from '../paths.ts'
import { quote } from '../quoting.ts'
import { linesOf } from './io.ts'

/** Larger numbers are refused: nobody's time should go into them. */
const largest = 1n << 128n

/** factor(1). */
export const factor: Program = gnuProgram(
  [{ short: 'h', long: 'exponents' }],
  async (process, parsed) => {
    let status = 0
    const show = async (text: string): Promise<void> => {
      const found = /^ *\+?([0-9]{1,60})$/.exec(text)
      if (!found) {
        await complain(process, `${quote(process, text)} is not a valid positive integer`)
        status = 1
        return
      }
      const number = BigInt(found[1]!)
      if (number >= largest) {
        await complain(process, `${quote(process, text)} is too large`)
        status = 1
        return
      }
      const factors = factorsOf(process, number).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      await process.stdout.write(`${number}:${shown(factors, parsed.has('exponents'))}\n`)
    }
    if (parsed.operands.length > 0) for (const text of parsed.operands) await show(text)
    else {
      const reader = linesOf(process, process.stdin)
      for (let line = await reader.line(); line; line = await reader.line())
        for (const text of line.text.split(/[\s]+/)) if (text !== '') await show(text)
    }
    return status
  },
  { usage: '[OPTION] [NUMBER]...' },
)

const shown = (factors: readonly bigint[], exponents: boolean): string => {
  if (!exponents) return factors.map(one => ` ${one}`).join('')
  const counts = new Map<bigint, number>()
  for (const one of factors) counts.set(one, (counts.get(one) ?? 0) + 1)
  return [...counts].map(([one, count]) => ` ${one}${count > 1 ? `^${count}` : ''}`).join('')
}

const power = (base: bigint, exponent: bigint, modulus: bigint): bigint => {
  let result = 1n
  let square = base % modulus
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

const bases = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n]

/** Miller and Rabin's test; right for all numbers up to 2^81 and very nearly so beyond. */
const isPrime = (n: bigint): boolean => {
  if (n < 2n) return false
  for (const p of bases) if (n % p === 0n) return n === p
  let odd = n - 1n
  let twos = 0
  while (!(odd & 1n)) {
    odd >>= 1n
    twos++
  }
  return bases.every(base => {
    let x = power(base, odd, n)
    if (x === 1n || x === n - 1n) return true
    for (let i = 1; i < twos; i++) {
      x = (x * x) % n
      if (x === n - 1n) return true
    }
    return false
  })
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b))

/** Small divisors, then Pollard's rho. */
const factorsOf = (process: Process, number: bigint): bigint[] => {
  const found: bigint[] = []
  if (number === 0n) return []
  let rest = number
  for (let p = 2n; p < 1000n && p * p <= rest; p += p === 2n ? 1n : 2n)
    while (rest % p === 0n) {
      found.push(p)
      rest /= p
    }
  const split = (n: bigint): void => {
    if (n === 1n) return
    if (isPrime(n)) {
      found.push(n)
      return
    }
    for (let c = 1n; ; c++) {
      let [x, y, d] = [2n, 2n, 1n]
      while (d === 1n) {
        process.step(3)
        x = (x * x + c) % n
        y = (y * y + c) % n
        y = (y * y + c) % n
        d = gcd(x > y ? x - y : y - x, n)
      }
      if (d === n) continue
      split(d)
      split(n / d)
      return
    }
  }
  split(rest)
  return found
}
