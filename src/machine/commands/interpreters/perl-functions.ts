import { errorText } from '../../errors.ts'
import { type Process, SystemError } from '../../system.ts'
import { absolute } from '../paths.ts'
import type { PerlOperators } from './perl-operators.ts'

/** unlink, mkdir and their like: how many it did, as Perl says it. */
export const onFiles = (
  process: Process,
  name: string,
  args: readonly string[],
  failed: (why: string) => void,
): string => {
  let done = 0
  const paths = name === 'chmod' ? args.slice(1) : name === 'mkdir' ? args.slice(0, 1) : args
  for (const path of paths.slice(0, 1000)) {
    process.step()
    try {
      const place = absolute(process, path)
      if (name === 'unlink') process.fs.unlink(place, process.who)
      else if (name === 'rmdir') process.fs.rmdir(place, process.who)
      else if (name === 'mkdir') process.fs.mkdir(place, 0o777 & ~process.umask, process.who)
      else if (name === 'chmod') process.fs.chmod(place, Number(args[0] ?? 0) & 0o7777, process.who)
      else if (process.fs.stat(place, process.who).type === 'directory') process.cwd = place
      done++
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      failed(errorText(error))
    }
  }
  return done === 0 ? '' : String(done)
}

/** Functions that make a value of values; `undefined` where there is none of that name. */
export const madeBy = (
  process: Process,
  { numeric, shown, packed }: PerlOperators,
  name: string,
  one: string,
  args: string[],
): string | undefined => {
  const simple: Readonly<Record<string, () => string>> = {
    fork: () => '0',
    time: () => String(Math.floor(process.now() / 1000)),
    inet_aton: () => one,
    lc: () => one.toLowerCase(),
    uc: () => one.toUpperCase(),
    ucfirst: () => one.slice(0, 1).toUpperCase() + one.slice(1),
    lcfirst: () => one.slice(0, 1).toLowerCase() + one.slice(1),
    length: () => String(one.length),
    int: () => String(Math.trunc(numeric(one))),
    ord: () => String(one.charCodeAt(0) || 0),
    chr: () => String.fromCharCode(numeric(one) & 0xff),
    hex: () => String(Number.parseInt(one.replace(/^0x/i, ''), 16) || 0),
    oct: () => String(/^0x/i.test(one) ? Number(one) : Number.parseInt(one, 8) || 0),
    abs: () => shown(Math.abs(numeric(one))),
    sqrt: () => shown(Math.sqrt(numeric(one))),
    index: () => String(one.indexOf(args[1] ?? '')),
    substr: () =>
      one.slice(
        numeric(args[1] ?? '0'),
        args[2] === undefined ? undefined : numeric(args[1] ?? '0') + numeric(args[2]),
      ),
    defined: () => (args.length > 0 ? '1' : ''),
    scalar: () => String(args.length),
    rand: () => String((process.random(4).readUInt32LE(0) / 2 ** 32) * (numeric(one) || 1)),
    pack: () => packed(args),
  }
  return Object.hasOwn(simple, name) ? simple[name]!() : undefined
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', e: '\x1b', a: '\x07' }

/** A string in double quotes: escapes, and variables by their value. */
export const textWith = (
  text: string,
  scalars: ReadonlyMap<string, string>,
  arrays: ReadonlyMap<string, readonly string[]>,
): string =>
  text.replace(
    /\\(x\{?([0-9a-fA-F]{1,4})\}?|[\s\S])|\$\{?(\w+)\}?(?:\[(\d+)\])?|@\{?(\w+)\}?|\$([$@!&])/g,
    (whole, escaped, hex, name, index, array, special) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16) & 0xff)
      if (escaped !== undefined) return Object.hasOwn(escapes, escaped) ? escapes[escaped]! : escaped
      if (array !== undefined) return arrays.has(array) ? arrays.get(array)!.join(' ') : whole
      if (index !== undefined) return arrays.get(name)?.[Number(index)] ?? ''
      return scalars.get(name ?? special) ?? ''
    },
  )

/** Names that take the list behind them. */
export const listOperators = new Set(
  'print printf say system exec sleep exit die warn join lc uc length int ord chr reverse push unlink rmdir mkdir chmod chdir open close socket connect fork scalar defined sprintf pack unpack inet_aton sockaddr_in getprotobyname hex oct abs sqrt rand time ucfirst lcfirst index substr split keys values map grep sort eval unshift shift pop binmode select kill getppid umask localtime require STDIN STDOUT'.split(
    ' ',
  ),
)
