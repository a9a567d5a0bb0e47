import type { Process, Program } from '../../../system.ts'
import { glibcVersion } from '../../package-version.ts'
import { calledAs, say, textOf } from '../facts.ts'

/** Databases that are files of rows: where, the separator of fields, and which field is the number. */
const rowFiles: ReadonlyMap<string, string> = new Map([
  ['passwd', '/etc/passwd'],
  ['group', '/etc/group'],
  ['shadow', '/etc/shadow'],
  ['gshadow', '/etc/gshadow'],
])
const tables: ReadonlyMap<string, string> = new Map([
  ['services', '/etc/services'],
  ['protocols', '/etc/protocols'],
  ['rpc', '/etc/rpc'],
  ['networks', '/etc/networks'],
  ['ethers', '/etc/ethers'],
])
const hint = "Try `getent --help' or `getent --usage' for more information.\n"

/** getent(1) of the GNU C library 2.36 over Debian's nsswitch.conf: files, then the names that the network knows. */
export const getent: Program = async process => {
  const words = process.argv
    .slice(1)
    .filter((word, index, all) => !/^-(s|i|-service|-no-idn)/.test(word) && all[index - 1] !== '-s')
  if (words[0] === '--version' || words[0] === '-V') return say(process, `getent ${glibcVersion(process)}\n`)
  if (words[0] === '--help' || words[0] === '-?')
    return say(process, 'Usage: getent [OPTION...] database [key ...]\nGet entries from administrative database.\n')
  const [database, ...keys] = words
  if (database === undefined) {
    await process.stderr.write(`${calledAs(process)}: wrong number of arguments\n`)
    await process.stdout.write(hint)
    return 1
  }
  const rows = rowFiles.get(database)
  if (rows !== undefined) return fromRows(process, rows, keys)
  const table = tables.get(database)
  if (table !== undefined) return fromTable(process, database, table, keys)
  if (database === 'hosts') return hosts(process, keys)
  if (database === 'ahosts' || database === 'ahostsv4' || database === 'ahostsv6')
    return ahosts(process, database, keys)
  if (database === 'initgroups' || database === 'netgroup' || database === 'aliases') return keys.length === 0 ? 1 : 2
  await process.stderr.write(`Unknown database: ${database}\n`)
  await process.stdout.write(hint)
  return 1
}

const linesOf = (process: Process, path: string): string[] =>
  (textOf(process, path) ?? '').split('\n', 5000).filter(line => line.trim() !== '' && !line.startsWith('#'))

const fromRows = async (process: Process, path: string, keys: readonly string[]): Promise<number> => {
  const lines = linesOf(process, path).filter(line => line.includes(':'))
  const numbered = path === '/etc/passwd' || path === '/etc/group'
  if (keys.length === 0) return say(process, lines.map(line => `${line}\n`).join(''))
  let status = 0
  for (const key of keys) {
    process.step(lines.length)
    const found = lines.find(line => {
      const fields = line.split(':')
      return fields[0] === key || (numbered && /^\d+$/.test(key) && fields[2] === key)
    })
    if (found === undefined) status = 2
    else await process.stdout.write(`${found}\n`)
  }
  return status
}

const fromTable = async (
  process: Process,
  database: string,
  path: string,
  keys: readonly string[],
): Promise<number> => {
  const entries = linesOf(process, path).map(line => line.replace(/#.*/, '').trim().split(/\s+/))
  const show = ([name = '', value = '', ...aliases]: string[]): string =>
    `${name.padEnd(21)} ${[value, ...aliases].join(' ')}\n`
  if (keys.length === 0) return say(process, entries.map(show).join(''))
  let status = 0
  for (const key of keys) {
    const [name, protocol] = key.split('/')
    const found = entries.find(([first, value = '', ...aliases]) => {
      if (database === 'services') {
        const [port, kind] = value.split('/')
        return (
          (first === name || aliases.includes(name!) || port === name) && (protocol === undefined || kind === protocol)
        )
      }
      return first === key || aliases.includes(key) || value === key
    })
    if (found) await process.stdout.write(show(found))
    else status = 2
  }
  return status
}

/** Addresses of a name by /etc/hosts, then by the network that is not there. IPv6 first, as getaddrinfo(3) sorts. */
const resolve = (process: Process, name: string): { address: string; names: string[] }[] => {
  const found: { address: string; names: string[] }[] = []
  for (const line of linesOf(process, '/etc/hosts')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (names.includes(name) || address === name) found.push({ address, names })
  }
  if (found.length > 0)
    return found.toSorted((a, b) => Number(b.address.includes(':')) - Number(a.address.includes(':')))
  const there = process.host.internet.resolve(name)
  if (!there) return []
  return [...(there.v6 ? [there.v6] : []), there.v4].map(address => ({ address, names: [name] }))
}

const hosts = async (process: Process, keys: readonly string[]): Promise<number> => {
  if (keys.length === 0) {
    for (const line of linesOf(process, '/etc/hosts')) {
      const [address = '', ...names] = line.trim().split(/\s+/)
      if (!address.includes(':') || names.length === 0)
        await process.stdout.write(`${address.padEnd(15)} ${names.join(' ')}\n`)
    }
    return 0
  }
  let status = 0
  for (const key of keys) {
    const [first] = resolve(process, key)
    if (first) await process.stdout.write(`${first.address.padEnd(15)} ${first.names.join(' ')}\n`)
    else status = 2
  }
  return status
}

const ahosts = async (process: Process, database: string, keys: readonly string[]): Promise<number> => {
  let status = 0
  for (const key of keys) {
    const found = resolve(process, key).filter(
      ({ address }) => database === 'ahosts' || address.includes(':') === (database === 'ahostsv6'),
    )
    if (found.length === 0) status = 2
    for (const [index, { address, names }] of found.entries())
      await process.stdout.write(
        `${address.padEnd(15)} STREAM ${index === 0 ? (names[0] ?? '') : ''}\n${address.padEnd(15)} DGRAM  \n${address.padEnd(15)} RAW    \n`,
      )
  }
  return status
}
