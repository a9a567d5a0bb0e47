import { errorText } from '../../errors.ts'
import { lookup, reach } from '../../internet/reach.ts'
import { type Process, SystemError } from '../../system.ts'
import { attached } from '../network/relay.ts'
import { absolute } from '../paths.ts'
import { type PerlToken, perlTokens } from './perl-tokens.ts'

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
class Unknown extends Error {}

type Scalar = string
type About = { name: string; args: readonly string[]; newline: boolean; variables?: Map<string, string> }

const mostText = 1 << 20
/** Operands within each other. */
const deepest = 200
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', e: '\x1b', a: '\x07' }
const listOperators = new Set(
  'print printf say system exec sleep exit die warn join lc uc length int ord chr reverse push unlink rmdir mkdir chmod chdir open close socket connect fork scalar defined sprintf pack unpack inet_aton sockaddr_in getprotobyname hex oct abs sqrt rand time ucfirst lcfirst index substr split keys values map grep sort eval unshift shift pop binmode select kill getppid umask localtime require STDIN STDOUT'.split(
    ' ',
  ),
)

/** Runs Perl as a script does: statement after statement, until one is not known here. */
export const runPerl = async (process: Process, source: string, about: About): Promise<number> => {
  const tokens = perlTokens(source)
  if (!tokens) throw new PerlFault(`Can't find string terminator '"' anywhere before EOF at ${about.name} line 1.\n`)
  const scalars = about.variables ?? new Map<string, string>()
  const arrays = new Map<string, string[]>([['ARGV', [...about.args]]])
  scalars.set('0', about.name)
  scalars.set('$', String(process.pid))
  let at = 0
  let line: { address: string } | undefined

  const peek = (ahead = 0): PerlToken | undefined => tokens[at + ahead]
  const is = (text: string): boolean => peek()?.text === text && (peek()!.kind === 'op' || peek()!.kind === 'word')
  const accept = (text: string): boolean => {
    if (!is(text)) return false
    at++
    return true
  }
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
  const interpolated = (text: string): string =>
    bounded(
      text.replace(
        /\\(x\{?([0-9a-fA-F]{1,4})\}?|[\s\S])|\$\{?(\w+)\}?(?:\[(\d+)\])?|@\{?(\w+)\}?|\$([$@!&])/g,
        (whole, escaped, hex, name, index, array, special) => {
          if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16) & 0xff)
          if (escaped !== undefined) return Object.hasOwn(escapes, escaped) ? escapes[escaped]! : escaped
          if (array !== undefined) return arrays.has(array) ? arrays.get(array)!.join(' ') : whole
          if (index !== undefined) return arrays.get(name)?.[Number(index)] ?? ''
          return scalars.get(name ?? special) ?? ''
        },
      ),
    )

  const shell = async (words: readonly string[], capture: boolean): Promise<{ status: number; output: string }> => {
    const argv = words.length === 1 ? ['/bin/sh', '-c', words[0]!] : [...words]
    let output = ''
    const stdout = {
      async write(data: Buffer | string) {
        output = bounded(output + (typeof data === 'string' ? data : data.toString('latin1')))
      },
    }
    try {
      if (line && !capture)
        return { status: await attached(process, line.address, argv, { write: async () => {} }), output: '' }
      return { status: await process.run(argv, capture ? { stdout, cwd: process.cwd } : { cwd: process.cwd }), output }
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      scalars.set('!', errorText(error))
      return { status: 255, output: '' }
    }
  }

  /** Arguments up to what ends a list. */
  const list = async (): Promise<string[]> => {
    const values: string[] = []
    if (is(',')) return values
    const closed = accept('(')
    while (
      peek() &&
      !(closed
        ? is(')')
        : is(';') ||
          is('}') ||
          is(')') ||
          /^(if|unless|for|foreach|while|or|and)$/.test(peek()!.kind === 'word' ? peek()!.text : ''))
    ) {
      values.push(...(await expression()))
      if (!accept(',') && !accept('=>')) break
    }
    if (closed && !accept(')')) throw new Unknown()
    return values
  }

  const connect = async (host: string, port: number): Promise<string> => {
    process.host.witness.connection({ host, port, tool: 'perl' })
    const address = lookup(process, host, 4)?.[0]
    const made = address === undefined ? undefined : reach(process, address, port)
    if (!made || !address) return ''
    await process.sleep(made.seconds)
    if (made.refused) {
      scalars.set(
        '!',
        {
          ECONNREFUSED: 'Connection refused',
          ETIMEDOUT: 'Connection timed out',
          EHOSTUNREACH: 'No route to host',
          ENETUNREACH: 'Network is unreachable',
        }[made.refused],
      )
      return ''
    }
    line = { address }
    return '1'
  }

  const call = async (name: string): Promise<string[]> => {
    process.step(5)
    // A file handle, or a block that names one, before what is written.
    let handle = ''
    if (/^(print|printf|say|open|close|socket|connect)$/.test(name)) {
      const open = is('(') ? 1 : 0
      const next = peek(open)
      if (next?.kind === 'word' && /^[A-Z]+$/.test(next.text)) {
        handle = next.text
        tokens.splice(at + open, 1)
        if (peek(open)?.text === ',') tokens.splice(at + open, 1)
      } else if (next?.text === '{') throw new Unknown()
    }
    const ahead = peek(is('(') ? 1 : 0)
    const args = await list()
    const [first = ''] = args
    if (name === 'scalar' && ahead?.kind === 'word') return [ahead.text === 'reverse' ? first : (args.at(-1) ?? '')]
    switch (name) {
      case 'print':
      case 'say':
      case 'printf': {
        const text =
          name === 'printf'
            ? format(args)
            : (args.length > 0 ? args.join('') : (scalars.get('_') ?? '')) +
              (name === 'say' || about.newline ? '\n' : '')
        if (handle === 'STDERR') await process.stderr.write(text)
        else if (handle === '' || handle === 'STDOUT') await process.stdout.write(text)
        return ['1']
      }
      case 'system':
        return [String((await shell(args, false)).status << 8)]
      case 'exec':
        throw new Stop((await shell(args, false)).status)
      case 'exit':
        throw new Stop(numeric(first))
      case 'sleep':
        await process.sleep(Math.max(0, numeric(first)))
        return [first]
      case 'die':
        throw new PerlFault(
          `${args.join('') || 'Died'}${args.join('').endsWith('\n') ? '' : ` at ${about.name} line 1.\n`}`,
        )
      case 'warn':
        await process.stderr.write(
          `${args.join('')}${args.join('').endsWith('\n') ? '' : ` at ${about.name} line 1.\n`}`,
        )
        return ['1']
      case 'join':
        return [bounded(args.slice(1).join(first))]
      case 'reverse':
        return args.length === 1 && ahead?.kind !== 'array' ? [[...first].toReversed().join('')] : args.toReversed()
      case 'sprintf':
        return [format(args)]
      case 'fork':
        return ['0']
      case 'time':
        return [String(Math.floor(process.now() / 1000))]
      case 'unlink':
      case 'rmdir':
      case 'mkdir':
      case 'chmod':
      case 'chdir':
        return [onFiles(name, args)]
      case 'connect': {
        const [host, port] = (args.at(-1) ?? '').split('\x00')
        if (host && port) return [await connect(host, Number(port))]
        throw new Unknown()
      }
      case 'inet_aton':
        return [first]
      case 'sockaddr_in':
        return [`${args[1] ?? ''}\x00${first}`]
      case 'socket':
      case 'open':
      case 'close':
      case 'binmode':
      case 'select':
      case 'getprotobyname':
        return ['1']
      case 'eval':
        if (first !== '') await runPerl(process, first, { ...about, variables: scalars })
        return ['1']
    }
    const one = args.length > 0 ? first : (scalars.get('_') ?? '')
    const simple: Readonly<Record<string, () => string>> = {
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
    if (Object.hasOwn(simple, name)) return [simple[name]!()]
    throw new Unknown()
  }

  const onFiles = (name: string, args: string[]): string => {
    let done = 0
    const paths = name === 'chmod' ? args.slice(1) : name === 'mkdir' ? args.slice(0, 1) : args
    for (const path of paths.slice(0, 1000)) {
      process.step()
      try {
        const place = absolute(process, path)
        if (name === 'unlink') process.fs.unlink(place, process.who)
        else if (name === 'rmdir') process.fs.rmdir(place, process.who)
        else if (name === 'mkdir') process.fs.mkdir(place, 0o777 & ~process.umask, process.who)
        else if (name === 'chmod') process.fs.chmod(place, numeric(args[0] ?? '0') & 0o7777, process.who)
        else if (process.fs.stat(place, process.who).type === 'directory') process.cwd = place
        done++
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        scalars.set('!', errorText(error))
      }
    }
    return done === 0 ? '' : String(done)
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

  let depth = 0
  const primary = async (): Promise<string[]> => {
    process.step()
    if (++depth > deepest) throw new Unknown()
    try {
      return await operand()
    } finally {
      depth--
    }
  }
  const operand = async (): Promise<string[]> => {
    const token = peek()
    if (!token) throw new Unknown()
    at++
    if (token.kind === 'number') return [shown(Number(token.text.replaceAll('_', '')))]
    if (token.kind === 'string') {
      const text = token.interpolates ? interpolated(token.text) : token.text.replace(/\\(['\\])/g, '$1')
      return [token.runs ? (await shell([text], true)).output : text]
    }
    if (token.kind === 'words') return token.text.trim().split(/\s+/)
    if (token.kind === 'array') return [...(arrays.get(token.text) ?? [])]
    if (token.kind === 'scalar') return scalar(token.text)
    if (token.kind === 'op') {
      if (token.text === '(') {
        const values: string[] = []
        while (!accept(')')) {
          values.push(...(await expression()))
          if (!accept(',') && !accept('=>') && !is(')')) throw new Unknown()
        }
        return values
      }
      if (token.text === '!') return [truth((await unaryOperand()).at(-1) ?? '') ? '' : '1']
      if (token.text === '-') return [shown(-numeric((await unaryOperand()).at(-1) ?? ''))]
      throw new Unknown()
    }
    if (token.kind !== 'word') throw new Unknown()
    if (token.text === 'my' || token.text === 'our' || token.text === 'local') return primary()
    if (token.text === 'new' && peek()?.text === 'IO::Socket::INET') return socket()
    if (token.text === 'IO::Socket::INET' && accept('->')) return socket()
    if (token.text === 'shift' || token.text === 'pop') {
      if (is('(')) at += peek(1)?.text === ')' ? 2 : 0
      const from = arrays.get(peek()?.kind === 'array' ? tokens[at++]!.text : 'ARGV') ?? []
      return [(token.text === 'shift' ? from.shift() : from.pop()) ?? '']
    }
    if (is('=>')) return [token.text]
    if (listOperators.has(token.text)) return call(token.text)
    // A constant of Socket, or a bare word that names something.
    if (/^[A-Z]\w*$/.test(token.text)) return [/[a-z]/.test(token.text) ? token.text : '1']
    throw new Unknown()
  }
  const unaryOperand = (): Promise<string[]> => primary()

  const scalar = async (name: string): Promise<string[]> => {
    if (accept('[')) {
      const index = numeric((await expression()).at(-1) ?? '')
      if (!accept(']')) throw new Unknown()
      return [arrays.get(name)?.at(index) ?? '']
    }
    if (name === 'ENV' && accept('{')) {
      const key = peek()?.kind === 'word' ? tokens[at++]!.text : ((await expression()).at(-1) ?? '')
      if (!accept('}')) throw new Unknown()
      return [process.env.get(key) ?? '']
    }
    if (is('->') || is('{')) throw new Unknown()
    if (accept('++')) {
      const value = scalars.get(name) ?? '0'
      scalars.set(name, shown(numeric(value) + 1))
      return [value]
    }
    return [scalars.get(name) ?? '']
  }

  /** new IO::Socket::INET(PeerAddr, "host:port") in its ways of writing. */
  const socket = async (): Promise<string[]> => {
    if (peek()?.text === 'IO::Socket::INET') at++
    accept('new')
    const args = await list()
    const of = (name: RegExp): string | undefined => args[args.findIndex(one => name.test(one)) + 1]
    const whole =
      args.length === 1
        ? args[0]
        : args.some(one => /^Peer(Addr|Host)$/i.test(one))
          ? of(/^Peer(Addr|Host)$/i)
          : undefined
    if (whole === undefined) throw new Unknown()
    const [host = '', port = args.some(one => /^PeerPort$/i.test(one)) ? of(/^PeerPort$/i) : '0'] = whole.split(':')
    return [await connect(host, Number(port) || 0)]
  }

  const levels: readonly (readonly string[])[] = [
    ['||', '//'],
    ['&&'],
    ['==', '!=', 'eq', 'ne', '<=>', 'cmp'],
    ['<', '>', '<=', '>=', 'lt', 'gt', 'le', 'ge'],
    ['+', '-', '.'],
    ['*', '/', '%', 'x'],
    ['**'],
  ]
  const level = async (index: number): Promise<string[]> => {
    if (index >= levels.length) return primary()
    let left = await level(index + 1)
    while (peek() && (peek()!.kind === 'op' || peek()!.kind === 'word') && levels[index]!.includes(peek()!.text)) {
      const operator = tokens[at++]!.text
      const a = left.at(-1) ?? ''
      if (operator === '||' && truth(a)) {
        await level(index + 1)
        continue
      }
      const right = await level(index + 1)
      left = [operated(operator, a, right.at(-1) ?? '')]
    }
    return left
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
        if (y === 0) throw new PerlFault(`Illegal division by zero at ${about.name} line 1.\n`)
        return shown(x / y)
      case '%':
        if (y === 0) throw new PerlFault(`Illegal modulus zero at ${about.name} line 1.\n`)
        return shown(x - Math.floor(x / y) * y)
      case '**':
        return shown(x ** y)
    }
    throw new Unknown()
  }

  const expression = async (): Promise<string[]> => {
    const target = peek()
    const next = peek(1)?.text
    if (
      (target?.kind === 'scalar' || target?.kind === 'array') &&
      next !== undefined &&
      /^(=|\.=|\+=|-=|\*=)$/.test(next)
    ) {
      at += 2
      const values = await expression()
      if (target.kind === 'array') arrays.set(target.text, values)
      else {
        const value = values.at(-1) ?? ''
        scalars.set(target.text, next === '=' ? value : operated(next[0]!, scalars.get(target.text) ?? '', value))
      }
      return values
    }
    if (target?.kind === 'word' && /^(my|our|local)$/.test(target.text)) {
      at++
      return expression()
    }
    const value = await level(0)
    if (accept('?')) {
      const yes = truth(value.at(-1) ?? '')
      const then = await expression()
      if (!accept(':')) throw new Unknown()
      const other = await expression()
      return yes ? then : other
    }
    if (accept('..')) {
      const [from, to] = [numeric(value.at(-1) ?? ''), numeric((await level(0)).at(-1) ?? '')]
      return Array.from({ length: Math.max(0, Math.min(10_000, to - from + 1)) }, (_, index) => String(from + index))
    }
    if (accept('or')) {
      if (!truth(value.at(-1) ?? '')) return expression()
      skip()
    }
    return value
  }

  /** To the end of the statement. */
  const skip = (): void => {
    while (peek() && !is(';') && !is('}')) at++
  }

  const statements = async (): Promise<void> => {
    while (peek()) {
      process.step()
      if (accept(';') || accept('}')) continue
      if (is('use') || is('no') || is('package')) {
        const module = peek(1)
        if (module?.kind === 'word' && /^(LWP|HTTP|JSON|DBI|Net::SSH|MIME::Lite)/.test(module.text))
          throw missing(module.text)
        skip()
        continue
      }
      if (peek()?.kind === 'word' && /^(if|unless|while|for|foreach|sub|until)$/.test(peek()!.text)) await conditional()
      else await simple()
    }
  }
  /** A statement with what may stand behind it. The condition is looked at first. */
  const simple = async (): Promise<void> => {
    const start = at
    let end = at
    let depth = 0
    let modifier = -1
    for (; end < tokens.length; end++) {
      const { text, kind } = tokens[end]!
      if (kind === 'op' && '([{'.includes(text)) depth++
      else if (kind === 'op' && ')]}'.includes(text) && --depth < 0) break
      else if (kind === 'op' && text === ';' && depth === 0) break
      else if (kind === 'word' && depth === 0 && /^(if|unless|for|foreach)$/.test(text)) modifier = end
    }
    if (modifier > start) {
      const word = tokens[modifier]!.text
      at = modifier + 1
      const values = await expression()
      if (word === 'for' || word === 'foreach') {
        for (const value of values) {
          scalars.set('_', value)
          at = start
          await expression()
        }
      } else if (truth(values.at(-1) ?? '') === (word === 'if')) {
        at = start
        await expression()
      }
      at = end
      return
    }
    const before = at
    await expression()
    while (accept(',')) await expression()
    if (at === before) throw new Unknown()
    if (peek() && !is(';') && !is('}')) throw new Unknown()
  }
  const conditional = async (): Promise<void> => {
    const word = tokens[at++]!.text
    if (word !== 'if' && word !== 'unless') throw new Unknown()
    if (!accept('(')) throw new Unknown()
    const value = truth((await expression()).at(-1) ?? '')
    if (!accept(')') || !accept('{')) throw new Unknown()
    // What is not to be run is passed over up to its bracket.
    if (value === (word === 'if')) return
    for (let depth = 1; peek() && depth > 0; at++) {
      if (is('{')) depth++
      else if (is('}')) depth--
    }
    if (accept('else')) accept('{')
  }
  const missing = (module: string): PerlFault =>
    new PerlFault(
      `Can't locate ${module.replaceAll('::', '/')}.pm in @INC (you may need to install the ${module} module) (@INC contains: /etc/perl /usr/local/lib/x86_64-linux-gnu/perl/5.36.0 /usr/local/share/perl/5.36.0 /usr/lib/x86_64-linux-gnu/perl5/5.36 /usr/share/perl5 /usr/lib/x86_64-linux-gnu/perl-base /usr/lib/x86_64-linux-gnu/perl/5.36 /usr/share/perl/5.36 /usr/local/lib/site_perl) at ${about.name} line 1.\nBEGIN failed--compilation aborted at ${about.name} line 1.\n`,
      2,
    )

  try {
    await statements()
  } catch (error) {
    if (!(error instanceof Unknown)) throw error
  }
  return 0
}
