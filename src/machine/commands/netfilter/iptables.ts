import type { Process, Program } from '../../system.ts'
import { upstreamVersion } from '../package-version.ts'
import { readAll } from '../paths.ts'
import { listChain } from './listing.ts'
import { Mistake, readRule } from './rule.ts'
import {
  type Chain,
  type Family,
  mostChains,
  mostRules,
  type Rule,
  rulesOf,
  specOf,
  type Table,
  tablesOf,
} from './tables.ts'

/** What the kernel refuses; the exit status is iptables' own. */
class Refused extends Error {
  readonly status: number
  constructor(message: string, status = 1) {
    super(message)
    this.status = status
  }
}
const noSuchChain = 'No chain/target/match by that name.'

/** What is asked of a table: the command's letter, its words, and the words that make a rule. */
type Order = { command: string; words: string[]; rest: string[]; table: string; listing: Set<string> }

const commands: ReadonlyMap<string, { letter: string; takes: number; may?: true }> = new Map(
  (
    [
      ['-A', '--append', 1],
      ['-C', '--check', 1],
      ['-D', '--delete', 1],
      ['-I', '--insert', 1],
      ['-R', '--replace', 2],
      ['-L', '--list', 0],
      ['-S', '--list-rules', 0],
      ['-F', '--flush', 0],
      ['-Z', '--zero', 0],
      ['-N', '--new-chain', 1],
      ['-X', '--delete-chain', 0],
      ['-E', '--rename-chain', 2],
      ['-P', '--policy', 2],
    ] as const
  ).flatMap(([short, long, takes]) => {
    const about = { letter: short[1]!, takes }
    return [short, long].map(name => [name, about] as const)
  }),
)
const quiet = new Map([
  ['-n', 'numeric'],
  ['--numeric', 'numeric'],
  ['-v', 'verbose'],
  ['--verbose', 'verbose'],
  ['-x', 'exact'],
  ['--exact', 'exact'],
  ['--line-numbers', 'numbered'],
  ['-w', 'wait'],
  ['--wait', 'wait'],
  ['-4', 'four'],
  ['-6', 'six'],
])

/** iptables(8) and ip6tables(8) 1.8.9 over nftables: rules that are kept, listed and never filter anything. */
export const iptables: Program = async process => {
  const called = (process.argv[0] ?? '').replace(/^.*\//, '')
  const family: Family = called.startsWith('ip6') ? 'ip6' : 'ip'
  const name = family === 'ip6' ? 'ip6tables' : 'iptables'
  const version = upstreamVersion(process, 'iptables')
  try {
    if (/-save$/.test(called)) return await save(process, family)
    if (/-restore$/.test(called)) return await restore(process, family)
    return await carryOut(process, family, readOrder(process.argv.slice(1)), name)
  } catch (error) {
    if (error instanceof Mistake) {
      const module = error.message.endsWith('\n') ? '' : '\n'
      await process.stderr.write(
        `${name} v${version} (nf_tables): ${error.message}${module}Try \`${name} -h' or '${name} --help' for more information.\n`,
      )
      return 2
    }
    if (!(error instanceof Refused)) throw error
    await process.stderr.write(
      error.message.startsWith(' ')
        ? `${name} v${version} (nf_tables):${error.message}\n`
        : `${name}: ${error.message}\n`,
    )
    return error.status
  }
}

function readOrder(argv: readonly string[]): Order {
  const order: Order = { command: '', words: [], rest: [], table: 'filter', listing: new Set() }
  // Clusters of letters such as -nvL are one word each.
  const args = argv.flatMap(word =>
    /^-[nvxLSFXZ]{2,}$/.test(word) ? [...word.slice(1)].map(letter => `-${letter}`) : [word],
  )
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!
    const command = commands.get(word)
    if (word === '-t' || word === '--table') order.table = args[++at] ?? ''
    else if (word === '-V' || word === '--version') order.command = 'V'
    else if (word === '-h' || word === '--help') order.command = 'h'
    else if (command && order.command === '') {
      order.command = command.letter
      const most = command.takes + ('LSFZXDI'.includes(command.letter) ? 1 : 0)
      while (order.words.length < most && args[at + 1] !== undefined && !/^[-!]/.test(args[at + 1]!)) {
        // A number behind -D and -I is a place in the chain.
        if ('DI'.includes(command.letter) && order.words.length === 1 && !/^\d+$/.test(args[at + 1]!)) break
        order.words.push(args[++at]!)
      }
    } else order.rest.push(word)
  }
  return order
}

async function carryOut(process: Process, family: Family, order: Order, name: string): Promise<number> {
  const { command, words, listing } = order
  const version = upstreamVersion(process, 'iptables')
  const tables = tablesOf(process.host, family)
  const common = (option: string, next: () => string): boolean => {
    if (option === '-c' || option === '--set-counters') return next() !== '' && next() !== ''
    const about = quiet.get(option)
    if (about !== undefined) listing.add(about)
    return about !== undefined
  }
  if (command === 'V') return print(process, `${name} v${version} (nf_tables)\n`)
  if (command === 'h')
    return print(process, `${name} v${version}\n\nUsage: ${name} -[ACD] chain rule-specification [options]\n`)
  const table = tables.get(order.table)
  if (!table) {
    await process.stderr.write(
      `${name} v${version} (nf_tables): table '${order.table}' does not exist\nPerhaps ${name} or your kernel needs to be upgraded.\n`,
    )
    return 3
  }
  const rule = readRule(order.rest, family, new Set(table.chains.keys()), common)
  if (command === '') throw new Mistake('no command specified')
  if (process.who.uid !== 0)
    throw new Refused(' Could not fetch rule set generation id: Permission denied (you must be root)', 4)
  process.step(table.chains.size)
  if (command === 'L' || command === 'S') return print(process, listed(table, command, words[0], listing, family))
  table.touched = true
  change(table, order, rule)
  return 0
}

const print = async (process: Process, text: string): Promise<number> => {
  await process.stdout.write(text)
  return 0
}

function listed(
  table: Table,
  command: string,
  name: string | undefined,
  how: ReadonlySet<string>,
  family: Family,
): string {
  const all = [...table.chains.values()]
  const wanted = name === undefined ? all : all.filter(chain => chain.name === name)
  if (wanted.length === 0) {
    if (command === 'L') throw new Refused(` chain \`${name}' in table \`filter' is incompatible, use 'nft' tool.`)
    throw new Refused(noSuchChain)
  }
  if (command === 'S') return `${wanted.map(declared).join('')}${rulesOf(wanted)}`
  const numeric = how.has('numeric')
  const about = { numeric, verbose: how.has('verbose'), numbered: how.has('numbered'), family }
  return wanted.map(chain => listChain(chain, all, about)).join('\n')
}

const declared = ({ name, policy }: Chain): string => (policy === undefined ? `-N ${name}\n` : `-P ${name} ${policy}\n`)

/** Everything that changes a table. Throws `Refused`. */
function change(table: Table, { command, words }: Order, rule: Rule): void {
  const { chains } = table
  const [name, second] = words
  const chain = (): Chain => {
    const found = chains.get(name ?? '')
    if (!found) throw new Refused(noSuchChain)
    return found
  }
  switch (command) {
    case 'A':
    case 'I': {
      const own = chain()
      const { rules } = own
      const at = command === 'A' ? rules.length : Number(second ?? 1) - 1
      if (at < 0 || at > rules.length) throw new Refused('Index of insertion too big.')
      own.used = true
      if (rules.length < mostRules) rules.splice(at, 0, rule)
      return
    }
    case 'R': {
      const { rules, used } = chain()
      if (!used) throw new Refused(noSuchChain)
      if (!rules[Number(second) - 1]) throw new Refused('Index of replacement too big.')
      rules[Number(second) - 1] = rule
      return
    }
    case 'D':
    case 'C': {
      const byNumber = command === 'D' && second !== undefined
      if (byNumber && Number(second) < 1) throw new Mistake(`Invalid rule number \`${second}'`)
      // A rule that is not there is not in a chain that is not there either.
      const rules = byNumber ? chain().rules : (chains.get(name ?? '')?.rules ?? [])
      if (byNumber && !chain().used) throw new Refused(noSuchChain)
      const at = byNumber ? Number(second) - 1 : rules.findIndex(other => specOf(other) === specOf(rule))
      if (byNumber && !rules[at]) throw new Refused('Index of deletion too big.')
      if (at < 0) throw new Refused('Bad rule (does a matching rule exist in that chain?).')
      if (command === 'D') rules.splice(at, 1)
      return
    }
    case 'F':
      for (const one of name === undefined ? chains.values() : [chain()]) one.rules = []
      return
    case 'N':
      if (chains.has(name ?? '')) throw new Refused('Chain already exists.')
      if (chains.size < mostChains)
        chains.set(name ?? '', { name: name ?? '', policy: undefined, rules: [], used: true })
      return
    case 'X':
      for (const one of name === undefined ? [...chains.values()].filter(own => own.policy === undefined) : [chain()]) {
        if (one.policy !== undefined) throw new Refused(noSuchChain)
        if ([...chains.values()].some(({ rules }) => rules.some(({ target }) => target === one.name)))
          throw new Refused(`  CHAIN_DEL failed (Device or resource busy): chain ${one.name}`, 4)
        chains.delete(one.name)
      }
      return
    case 'E': {
      const found = chain()
      chains.delete(found.name)
      for (const { rules } of chains.values())
        for (const other of rules) if (other.target === found.name) other.target = second!
      found.name = second ?? found.name
      chains.set(found.name, found)
      return
    }
    case 'P': {
      const found = chains.get(name ?? '')
      if (found?.policy === undefined) throw new Refused('Bad built-in chain name.')
      if (second !== 'ACCEPT' && second !== 'DROP')
        throw new Refused("Bad policy name. Run `dmesg' for more information.")
      found.policy = second
    }
  }
}

const stamp = (process: Process): string =>
  new Date(process.now()).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1 $3 $2 $5 $4')

async function save(process: Process, family: Family): Promise<number> {
  const name = family === 'ip' ? 'iptables-save' : 'ip6tables-save'
  const version = upstreamVersion(process, 'iptables')
  for (const [table, { chains, touched }] of tablesOf(process.host, family)) {
    if (!touched) continue
    const heads = [...chains.values()].map(chain => `:${chain.name} ${chain.policy ?? '-'} [0:0]\n`)
    await process.stdout.write(
      `# Generated by ${name} v${version} (nf_tables) on ${stamp(process)}\n*${table}\n${heads.join('')}${rulesOf(chains.values())}COMMIT\n# Completed on ${stamp(process)}\n`,
    )
  }
  return 0
}

async function restore(process: Process, family: Family): Promise<number> {
  const tables = tablesOf(process.host, family)
  const lines = (await readAll(process.stdin, 1 << 20)).toString('latin1').split('\n')
  let table: Table | undefined
  for (const [index, line] of lines.entries()) {
    process.step()
    const [, name, policy] = /^:(\S+) (\S+)/.exec(line) ?? []
    if (line.startsWith('*')) {
      table = tables.get(line.slice(1).trim())
      if (table && !process.argv.includes('-n') && !process.argv.includes('--noflush'))
        for (const chain of table.chains.values()) chain.rules = []
    } else if (line === '' || line.startsWith('#') || line.startsWith('COMMIT')) continue
    else if (!table) throw new Refused(`line ${index + 1} failed`)
    else if (name !== undefined && table.chains.size < mostChains)
      table.chains.set(name, { name, policy: policy === '-' ? undefined : (policy ?? 'ACCEPT'), rules: [], used: true })
    else if (line.startsWith('-')) {
      const order = readOrder(line.match(/"[^"]*"|\S+/g)!.map(word => word.replace(/^"|"$/g, '')))
      const rule = readRule(order.rest, family, new Set(table.chains.keys()), option => quiet.has(option))
      change(table, order, rule)
    }
    if (table) table.touched = true
  }
  return 0
}
