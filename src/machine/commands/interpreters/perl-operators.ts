import type { Process } from '../../system.ts'

/** exit. */
export class Stop extends Error {
  readonly status: number
  constructor(status: number) {
    super()
    this.status = status & 0xff
  }
}
/** die, or a mistake of the compiler's: what is written, and the status. */
export class PerlFault extends Error {
  readonly status: number
  constructor(message: string, status = 255) {
    super(message)
    this.status = status
  }
}
/** Beyond what is known here. */
export class Unknown extends Error {}

/** Bytes of one value. */
const mostText = 1 << 20
type Scalar = string

/** What Perl does with values; `name` is the script, which its messages tell. */
export const perlOperators = (process: Process, name: string) => {
  const numeric = (value: Scalar): number => {
    const found = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?/i.exec(value)
    return found ? Number(found[0]) : 0
  }
  const shown = (value: number): Scalar =>
    Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(15)))
  const truth = (value: Scalar): boolean => value !== '' && value !== '0'
  const bounded = (value: string): string => {
    if (value.length > mostText) throw new PerlFault('Out of memory!\n', 1)
    process.step(value.length >> 8)
    return value
  }
  const flag = (value: boolean): string => (value ? '1' : '')
  const operated = (operator: string, a: string, b: string): string => {
    const [x, y] = [numeric(a), numeric(b)]
    switch (operator) {
      case '||':
      case '//':
        return b
      case '&&':
        return truth(a) ? b : a
      case '.':
        return bounded(a + b)
      case 'x':
        if (a.length * y > mostText) throw new PerlFault('Out of memory!\n', 1)
        return a.repeat(Math.max(0, Math.floor(y)))
      case 'eq':
        return flag(a === b)
      case 'ne':
        return flag(a !== b)
      case 'lt':
        return flag(a < b)
      case 'gt':
        return flag(a > b)
      case 'le':
        return flag(a <= b)
      case 'ge':
        return flag(a >= b)
      case 'cmp':
        return String(a < b ? -1 : a > b ? 1 : 0)
      case '==':
        return flag(x === y)
      case '!=':
        return flag(x !== y)
      case '<=>':
        return String(Math.sign(x - y))
      case '<':
        return flag(x < y)
      case '>':
        return flag(x > y)
      case '<=':
        return flag(x <= y)
      case '>=':
        return flag(x >= y)
      case '+':
        return shown(x + y)
      case '-':
        return shown(x - y)
      case '*':
        return shown(x * y)
      case '/':
        if (y === 0) throw new PerlFault(`Illegal division by zero at ${name} line 1.\n`)
        return shown(x / y)
      case '%':
        if (y === 0) throw new PerlFault(`Illegal modulus zero at ${name} line 1.\n`)
        return shown(x - Math.floor(x / y) * y)
      case '**':
        return shown(x ** y)
    }
    throw new Unknown()
  }

  const format = ([pattern = '', ...args]: string[]): string =>
    bounded(
      pattern.replace(
        /%([-0+ ]*)(\d{1,4})?(?:\.(\d{1,3}))?([sdiufxXoceg%])/g,
        (_, flags: string, width, precision, kind: string) => {
          if (kind === '%') return '%'
          const value = args.shift() ?? ''
          let text = value
          if ('diu'.includes(kind)) text = String(Math.trunc(numeric(value)))
          else if (kind === 'f') text = numeric(value).toFixed(Number(precision ?? 6))
          else if (kind === 'x' || kind === 'X') text = Math.trunc(numeric(value)).toString(16)
          else if (kind === 'o') text = Math.trunc(numeric(value)).toString(8)
          else if (kind === 'c') text = String.fromCharCode(numeric(value) & 0xff)
          else if (kind === 's' && precision !== undefined) text = value.slice(0, Number(precision))
          const size = Number(width ?? 0)
          if (kind === 'X') text = text.toUpperCase()
          return flags.includes('-') ? text.padEnd(size) : text.padStart(size, flags.includes('0') ? '0' : ' ')
        },
      ),
    )

  const packed = ([template = '', ...values]: string[]): string => {
    if (/^H\*?$/.test(template)) return Buffer.from(values[0] ?? '', 'hex').toString('latin1')
    if (/^C\*?$/.test(template)) return Buffer.from(values.map(value => numeric(value) & 0xff)).toString('latin1')
    throw new Unknown()
  }

  const _depth = 0
  return { numeric, shown, truth, bounded, operated, format, packed }
}

export type PerlOperators = ReturnType<typeof perlOperators>

/** A module that Debian's perl does not bring. */
export const missingModule = (module: string, name: string, version: string): PerlFault => {
  const minor = version.replace(/\.\d+$/, '')
  return new PerlFault(
    `Can't locate ${module.replaceAll('::', '/')}.pm in @INC (you may need to install the ${module} module) (@INC contains: /etc/perl /usr/local/lib/x86_64-linux-gnu/perl/${version} /usr/local/share/perl/${version} /usr/lib/x86_64-linux-gnu/perl5/${minor} /usr/share/perl5 /usr/lib/x86_64-linux-gnu/perl-base /usr/lib/x86_64-linux-gnu/perl/${minor} /usr/share/perl/${minor} /usr/local/lib/site_perl) at ${name} line 1.\nBEGIN failed--compilation aborted at ${name} line 1.\n`,
    2,
  )
}

/** Operators between two values, those that bind least first. */
export const operatorLevels: readonly (readonly string[])[] = [
  ['||', '//'],
  ['&&'],
  ['==', '!=', 'eq', 'ne', '<=>', 'cmp'],
  ['<', '>', '<=', '>=', 'lt', 'gt', 'le', 'ge'],
  ['+', '-', '.'],
  ['*', '/', '%', 'x'],
  ['**'],
]
