import type { Process, Program } from '../../../system.ts'
import { readAll } from '../../paths.ts'
import { calledAs, ctime, localTime, say, textOf } from '../facts.ts'
import {
  type Chain,
  chainsOf,
  mostRules,
  parseRule,
  savedRule,
  shownAddress,
  shownProtocol,
  type Tables,
  tableNames,
} from './rules.ts'

const version = 'v1.8.9'

/** iptables, ip6tables and their -save and -restore, 1.8.9 over nf_tables. Rules are kept, and change nothing. */
export const iptables: Program = async process => {
  const program = calledAs(process)
  const v6 = program.startsWith('ip6')
  const kind = program.includes('legacy') ? 'legacy' : 'nf_tables'
  const tables: Tables = process.host.state(`${v6 ? 'ip6' : 'ip'}tables`, () => new Map())
  if (process.who.uid !== 0) {
    await process.stderr.write(
      `${program.replace(/-(nft|legacy)$/, '')} ${version} (${kind}): Could not fetch rule set generation id: Permission denied (you must be root)\n`,
    )
    return 4
  }
  const name = program.replace(/-(nft|legacy)/, '')
  if (name.endsWith('-save')) return save(process, tables, v6)
  if (name.endsWith('-restore')) return restore(process, tables, v6)
  if (/arptables|ebtables|translate|monitor/.test(program)) return 0
  return command(process, process.argv.slice(1), { tables, v6, name, kind })
}

type About = { tables: Tables; v6: boolean; name: string; kind: string }

const command = async (
  process: Process,
  argv: readonly string[],
  { tables, v6, name, kind }: About,
): Promise<number> => {
  const refuse = async (message: string, status = 2, hint = true): Promise<number> => {
    await process.stderr.write(
      `${name} ${version} (${kind}): ${message}\n${hint ? `Try \`${name} -h' or '${name} --help' for more information.\n` : ''}`,
    )
    return status
  }
  const missing = async (): Promise<number> => {
    await process.stderr.write(`${name}: No chain/target/match by that name.\n`)
    return 1
  }
  const noMatch = async (): Promise<number> => {
    await process.stderr.write(`${name}: Bad rule (does a matching rule exist in that chain?).\n`)
    return 1
  }
  let table = 'filter'
  let verb = ''
  let chain: string | undefined
  let number: number | undefined
  let extra: string | undefined
  const flags = new Set<string>()
  const rest: string[] = []
  const long: ReadonlyMap<string, string> = new Map([
    ['append', 'A'],
    ['delete', 'D'],
    ['insert', 'I'],
    ['replace', 'R'],
    ['list', 'L'],
    ['list-rules', 'S'],
    ['flush', 'F'],
    ['zero', 'Z'],
    ['new-chain', 'N'],
    ['new', 'N'],
    ['delete-chain', 'X'],
    ['policy', 'P'],
    ['rename-chain', 'E'],
    ['check', 'C'],
    ['version', 'V'],
    ['help', 'h'],
    ['table', 't'],
    ['numeric', 'n'],
    ['verbose', 'v'],
    ['line-numbers', '0'],
    ['wait', 'w'],
    ['exact', 'x'],
  ])
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!
    const letters = word.startsWith('--')
      ? (long.get(word.slice(2)) ?? '')
      : /^-[A-Za-z]+$/.test(word)
        ? word.slice(1)
        : ''
    const before = rest.length === 0
    if (
      letters === '' ||
      !/^[ADIRLSFZNXPECVhtnvw0x46]+$/.test(letters) ||
      (letters.length > 1 && /[^LnvxZFXS]/.test(letters))
    ) {
      rest.push(word)
      continue
    }
    for (const letter of letters) {
      const value = (): string | undefined =>
        argv[at + 1] !== undefined && !argv[at + 1]!.startsWith('-') && argv[at + 1] !== '!' ? argv[++at] : undefined
      if (letter === 't') table = argv[++at] ?? ''
      else if ('nvx0'.includes(letter)) flags.add(letter)
      else if (letter === 'w') {
        if (/^\d+$/.test(argv[at + 1] ?? '')) at++
      } else if (letter === 'V' || letter === 'h') verb = letter
      else if (letter === 'Z' && verb === 'L') continue
      else if (verb !== '' && before) return refuse(`Cannot use -${letter} with -${verb}\n`)
      else {
        verb = letter
        chain = value()
        if ('DIRLSZ'.includes(letter) && /^\d+$/.test(argv[at + 1] ?? '')) number = Number(argv[++at])
        if ('PE'.includes(letter)) extra = value()
      }
    }
  }
  if (verb === 'V') return say(process, `${name} ${version} (${kind})\n`)
  if (verb === 'h')
    return say(process, `${name} ${version}\n\nUsage: ${name} -[ACD] chain rule-specification [options]\n`)
  if (verb === '')
    return refuse(
      rest[0]?.startsWith('-')
        ? `unknown option "${rest[0]}"`
        : rest[0] === undefined
          ? 'no command specified'
          : `Bad argument \`${rest[0]}'`,
    )
  const chains = chainsOf(tables, table)
  if (!chains)
    return refuse(`table '${table}' does not exist\nPerhaps ${name} or your kernel needs to be upgraded.`, 3, false)
  const found = chains.find(one => one.name === chain)
  if ('ADIRCPE'.includes(verb) && chain === undefined) return refuse(`option "-${verb}" requires an argument`)
  if ('LSFZX'.includes(verb) && chain !== undefined && !found) {
    if (verb === 'L' || verb === 'S')
      return refuse(`chain \`${chain}' in table \`${table}' is incompatible, use 'nft' tool.\n`.trimEnd(), 1, false)
    return missing()
  }
  switch (verb) {
    case 'L':
      return say(process, listing(found ? [found] : chains, chains, { flags, v6 }))
    case 'S':
      return say(process, rulesText(found ? [found] : chains, found !== undefined))
    case 'F':
      for (const one of found ? [found] : chains) one.rules = []
      return 0
    case 'Z':
      return 0
    case 'X':
      if (found && found.policy !== undefined)
        return refuse(`CHAIN_DEL failed (Operation not supported): chain ${chain}`, 4, false)
      tables.set(
        table,
        chains.filter(one => one.policy !== undefined || (found !== undefined && one !== found)),
      )
      return 0
    case 'N':
      if (chain === undefined || chain === '') return refuse('option "-N" requires an argument')
      if (found) {
        await process.stderr.write(`${name}: Chain already exists.\n`)
        return 1
      }
      if (chain.length > 28) return refuse(`chain name \`${chain}' too long (must be under 29 chars)`)
      if (chains.length < 200) chains.push({ name: chain, policy: undefined, rules: [] })
      return 0
    case 'P':
      if (extra === undefined) return refuse('-P requires a chain and a policy')
      if (!found) return missing()
      if (extra !== 'ACCEPT' && extra !== 'DROP') {
        await process.stderr.write(`${name}: Bad policy name. Run \`dmesg' for more information.\n`)
        return 1
      }
      found.policy = extra
      return 0
    case 'E':
      if (!found || extra === undefined) return missing()
      found.name = extra
      return 0
    default:
      break
  }
  if (verb === 'D' && number !== undefined) {
    if (!found || number < 1 || number > found.rules.length) {
      if (!found) return missing()
      await process.stderr.write(`${name}: Index of deletion too big.\n`)
      return 1
    }
    found.rules.splice(number - 1, 1)
    return 0
  }
  const rule = parseRule(rest, chains, v6)
  if (typeof rule === 'string') return refuse(rule)
  if (!found) return missing()
  const index = found.rules.findIndex(one => savedRule(one) === savedRule(rule))
  process.step(found.rules.length)
  if (verb === 'C' || verb === 'D') {
    if (index < 0) return noMatch()
    if (verb === 'D') found.rules.splice(index, 1)
    return 0
  }
  if (chains.reduce((sum, one) => sum + one.rules.length, 0) >= mostRules) {
    await process.stderr.write(`${name}: Memory allocation problem.\n`)
    return 4
  }
  if (verb === 'A') found.rules.push(rule)
  else if (verb === 'I') {
    if ((number ?? 1) > found.rules.length + 1) {
      await process.stderr.write(`${name}: Index of insertion too big.\n`)
      return 1
    }
    found.rules.splice((number ?? 1) - 1, 0, rule)
  } else if (verb === 'R' && number !== undefined) found.rules[number - 1] = rule
  return 0
}

const listing = (
  shown: readonly Chain[],
  all: readonly Chain[],
  { flags, v6 }: { flags: Set<string>; v6: boolean },
): string => {
  const [numeric, verbose, numbered] = [flags.has('n'), flags.has('v'), flags.has('0')]
  return shown
    .map(({ name, policy, rules }) => {
      const references = all.reduce((sum, one) => sum + one.rules.filter(({ target }) => target === name).length, 0)
      const about =
        policy === undefined ? `${references} references` : `policy ${policy}${verbose ? ' 0 packets, 0 bytes' : ''}`
      const head = `${numbered ? 'num   ' : ''}${verbose ? ' pkts bytes ' : ''}target     prot opt ${verbose ? 'in     out     ' : ''}source               destination         `
      const rows = rules.map((rule, index) => {
        const matches = [...rule.matches.map(({ shown: text }) => text(numeric)).filter(Boolean)].join(' ')
        const address = (text: string): string => {
          const inverted = text.startsWith('!')
          return `${inverted ? '!' : ' '}${shownAddress(inverted ? text.slice(1) : text, numeric, v6).padEnd(19)}`
        }
        return [
          numbered ? `${index + 1}`.padEnd(4) : '',
          verbose ? `${numbered ? ' ' : ''}${'0'.padStart(numbered ? 5 : 5)} ${'0'.padStart(5)} ` : '',
          `${rule.target.padEnd(9)}  ${shownProtocol(rule.protocol, numeric).padEnd(4)} ${v6 ? '  ' : '--'} `,
          verbose
            ? ` ${(rule.in || (numeric ? '*' : 'any')).padEnd(6)} ${(rule.out || (numeric ? '*' : 'any')).padEnd(6)} `
            : '',
          `${address(rule.source)} ${address(rule.destination)}`,
          matches === '' ? '' : ` ${matches}`,
          rule.shownOptions,
        ].join('')
      })
      return `Chain ${name} (${about})\n${head}\n${rows.map(row => `${row}\n`).join('')}`
    })
    .join('\n')
}

const rulesText = (chains: readonly Chain[], one: boolean): string => {
  const heads = chains.map(({ name, policy }) => (policy === undefined ? `-N ${name}\n` : `-P ${name} ${policy}\n`))
  const sorted = one
    ? heads
    : [...heads.filter(text => text.startsWith('-P')), ...heads.filter(text => text.startsWith('-N'))]
  return (
    sorted.join('') + chains.flatMap(({ name, rules }) => rules.map(rule => `-A ${name}${savedRule(rule)}\n`)).join('')
  )
}

const save = async (process: Process, tables: Tables, v6: boolean): Promise<number> => {
  const only = process.argv.findIndex(word => word === '-t' || word === '--table')
  const wanted = only < 0 ? tableNames().filter(name => tables.has(name)) : [process.argv[only + 1] ?? '']
  const stamp = ctime(localTime(process, process.now()))
  const program = v6 ? 'ip6tables-save' : 'iptables-save'
  for (const name of wanted) {
    const chains = chainsOf(tables, name)
    if (!chains) continue
    const heads = chains.map(chain => `:${chain.name} ${chain.policy ?? '-'} [0:0]\n`)
    const rules = chains.flatMap(chain => chain.rules.map(rule => `-A ${chain.name}${savedRule(rule)}\n`))
    await process.stdout.write(
      `# Generated by ${program} ${version} (nf_tables) on ${stamp}\n*${name}\n${heads.join('')}${rules.join('')}COMMIT\n# Completed on ${stamp}\n`,
    )
  }
  return 0
}

const restore = async (process: Process, tables: Tables, v6: boolean): Promise<number> => {
  const file = process.argv.slice(1).find(word => !word.startsWith('-'))
  const text = file === undefined ? (await readAll(process.stdin, 1 << 20)).toString('latin1') : textOf(process, file)
  const keep = process.argv.includes('-n') || process.argv.includes('--noflush')
  const program = calledAs(process)
  if (text === undefined) {
    await process.stderr.write(`Can't open ${file}: No such file or directory\n`)
    return 1
  }
  let chains: Chain[] | undefined
  for (const [index, raw] of text.split('\n', 5000).entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('*')) {
      const name = line.slice(1).trim()
      if (!keep) tables.delete(name)
      chains = chainsOf(tables, name)
    } else if (line === 'COMMIT') chains = undefined
    else if (!chains) {
      await process.stderr.write(`${program}: line ${index + 1} failed\n`)
      return 1
    } else if (line.startsWith(':')) {
      const [name = '', policy = '-'] = line.slice(1).split(/\s+/)
      const found = chains.find(one => one.name === name)
      if (found && policy !== '-') found.policy = policy
      else if (!found && chains.length < 200) chains.push({ name, policy: undefined, rules: [] })
    } else {
      const words = (line.match(/"[^"]*"|\S+/g) ?? []).map(word => word.replace(/^"(.*)"$/, '$1'))
      const at = words.findIndex(word => word === '-A' || word === '-I')
      const target = chains.find(one => one.name === words[at + 1])
      const rule =
        at < 0
          ? ''
          : parseRule(
              words.filter((_, position) => position !== at && position !== at + 1),
              chains,
              v6,
            )
      if (at < 0 || !target || typeof rule === 'string') {
        await process.stderr.write(`${program}: line ${index + 1} failed\n`)
        return 1
      }
      if (target.rules.length < mostRules) target.rules.push(rule)
    }
  }
  return 0
}

/** nft(8) 1.0.6: lists what is there, takes the rest as done. */
export const nft: Program = async process => {
  const words = process.argv.slice(1).filter(word => !/^-[annsjcy]+$/.test(word))
  if (words[0] === '-v' || words[0] === '--version') return say(process, 'nftables v1.0.6 (Lester Gooch #5)\n')
  if (words[0] === '-f')
    return words[1] === undefined || words[1] === '-' || textOf(process, words[1]) !== undefined ? 0 : 1
  if (words.length === 0) {
    await process.stderr.write('nft: no command specified\n')
    return 1
  }
  if (process.who.uid !== 0) {
    await process.stderr.write(
      'Operation not permitted (you must be root)\nnetlink: Error: cache initialization failed: Operation not permitted\n',
    )
    return 1
  }
  const text = words.join(' ')
  const families = [
    ['ip', 'iptables'],
    ['ip6', 'ip6tables'],
  ] as const
  if (/^flush ruleset/.test(text)) {
    for (const [, key] of families) process.host.state(key, () => new Map() as Tables).clear()
    return 0
  }
  if (!/^list (ruleset|tables?|chains?)/.test(text)) return 0
  for (const [family, key] of families) {
    const tables: Tables = process.host.state(key, () => new Map())
    for (const [name, chains] of tables) {
      if (chains.every(({ rules, policy }) => rules.length === 0 && policy === 'ACCEPT')) continue
      if (/^list tables/.test(text)) {
        await process.stdout.write(`table ${family} ${name}\n`)
        continue
      }
      const body = chains
        .filter(({ rules, policy }) => rules.length > 0 || policy !== 'ACCEPT')
        .map(
          chain =>
            `\tchain ${chain.name} {\n${chain.policy === undefined ? '' : `\t\ttype ${name === 'nat' ? 'nat' : 'filter'} hook ${chain.name.toLowerCase()} priority filter; policy ${chain.policy.toLowerCase()};\n`}${chain.rules.map(rule => `\t\t${nftRule(rule.target)}\n`).join('')}\t}\n`,
        )
      await process.stdout.write(`table ${family} ${name} {\n${body.join('\n')}}\n`)
    }
  }
  return 0
}

const nftRule = (target: string): string =>
  `counter packets 0 bytes 0 ${target === 'MASQUERADE' ? 'masquerade' : target.toLowerCase() === target ? `jump ${target}` : target.toLowerCase()}`
