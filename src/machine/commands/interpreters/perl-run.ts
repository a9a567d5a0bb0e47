import { errorText } from '../../errors.ts'
import { connectTexts, lookup, reach } from '../../internet/reach.ts'
import { saysOf } from '../../release.ts'
import { type Process, SystemError } from '../../system.ts'
import { attached } from '../network/relay.ts'
import { listOperators, madeBy, onFiles, textWith } from './perl-functions.ts'
import { missingModule, operatorLevels, PerlFault, perlOperators, Stop, Unknown } from './perl-operators.ts'
import { type PerlToken, perlTokens } from './perl-tokens.ts'

type About = { name: string; args: readonly string[]; newline: boolean; variables?: Map<string, string> }

/** Operands within each other. */
const deepest = 200

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
  const calculus = perlOperators(process, about.name)
  const { numeric, shown, truth, bounded, operated, format } = calculus
  const interpolated = (text: string): string => bounded(textWith(text, scalars, arrays))

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
      scalars.set('!', connectTexts[made.refused])
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
      case 'unlink':
      case 'rmdir':
      case 'mkdir':
      case 'chmod':
      case 'chdir':
        return [onFiles(process, name, args, why => void scalars.set('!', why))]
      case 'connect': {
        const [host, port] = (args.at(-1) ?? '').split('\x00')
        if (host && port) return [await connect(host, Number(port))]
        throw new Unknown()
      }
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
    const made = madeBy(process, calculus, name, one, args)
    if (made !== undefined) return [made]
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
      if (token.text === '!') return [truth((await primary()).at(-1) ?? '') ? '' : '1']
      if (token.text === '-') return [shown(-numeric((await primary()).at(-1) ?? ''))]
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

  const level = async (index: number): Promise<string[]> => {
    if (index >= operatorLevels.length) return primary()
    let left = await level(index + 1)
    while (
      peek() &&
      (peek()!.kind === 'op' || peek()!.kind === 'word') &&
      operatorLevels[index]!.includes(peek()!.text)
    ) {
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
          throw missingModule(module.text, about.name, saysOf(process.host.persona).perl.replace(/^.* /, ''))
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
  try {
    await statements()
  } catch (error) {
    if (!(error instanceof Unknown)) throw error
  }
  return 0
}
