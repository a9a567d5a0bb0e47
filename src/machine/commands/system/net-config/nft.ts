import { saysOf } from '../../../release.ts'
import type { Process, Program } from '../../../system.ts'
import { type Family, type Table, tablesOf } from '../../netfilter/tables.ts'
import { upstreamVersion } from '../../package-version.ts'
import { say, textOf } from '../facts.ts'

const families: readonly Family[] = ['ip', 'ip6']

/** nft(8) 1.0.6 over the tables that iptables fills: lists and flushes them, and takes the rest as done. */
export const nft: Program = async process => {
  const words = process.argv.slice(1).filter(word => !/^-[ansjcy]+$/.test(word))
  if (words[0] === '-v' || words[0] === '--version')
    return say(process, `nftables v${upstreamVersion(process, 'nftables')} (${saysOf(process.host.persona).nft})\n`)
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
  if (words[0] === '-f')
    return words[1] === undefined || words[1] === '-' || textOf(process, words[1]) !== undefined ? 0 : 1
  const text = words.join(' ')
  if (text.startsWith('flush ruleset')) return flush(process)
  if (!/^list (ruleset|tables?|chains?)/.test(text)) return 0
  for (const family of families)
    for (const [name, table] of tablesOf(process.host, family)) {
      if (!inUse(table)) continue
      await process.stdout.write(
        text.startsWith('list tables') ? `table ${family} ${name}\n` : ruleset(family, name, table),
      )
    }
  return 0
}

const flush = (process: Process): number => {
  for (const family of families)
    for (const { chains } of tablesOf(process.host, family).values())
      for (const chain of chains.values()) {
        if (chain.policy === undefined) chains.delete(chain.name)
        else Object.assign(chain, { policy: 'ACCEPT', rules: [] })
      }
  return 0
}

const inUse = ({ chains }: Table): boolean =>
  [...chains.values()].some(({ rules, policy }) => rules.length > 0 || policy !== 'ACCEPT')

const ruleset = (family: Family, name: string, { chains }: Table): string => {
  const body = [...chains.values()]
    .filter(({ rules, policy }) => rules.length > 0 || policy !== 'ACCEPT')
    .map(chain => {
      const hook =
        chain.policy === undefined
          ? ''
          : `\t\ttype ${name === 'nat' ? 'nat' : 'filter'} hook ${chain.name.toLowerCase()} priority filter; policy ${chain.policy.toLowerCase()};\n`
      const rules = chain.rules.map(({ target = '' }) => `\t\tcounter packets 0 bytes 0 ${verdict(target)}\n`)
      return `\tchain ${chain.name} {\n${hook}${rules.join('')}\t}\n`
    })
  return `table ${family} ${name} {\n${body.join('\n')}}\n`
}

const verdict = (target: string): string =>
  /^[A-Z]+$/.test(target) ? target.toLowerCase() : target === '' ? '' : `jump ${target}`
