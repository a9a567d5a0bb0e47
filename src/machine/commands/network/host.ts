import type { Process, Program } from '../../system.ts'
import { getopt, shortOptions } from '../getopt.ts'
import { bindVersion } from './dig.ts'
import { ask, type Resource, reverseName, served, serverOf } from './dns.ts'

const usage = `Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]
            [-R number] [-m flag] [-p port] hostname [server]
`
const worded: ReadonlyMap<string, (data: string) => string> = new Map([
  ['A', data => `has address ${data}`],
  ['AAAA', data => `has IPv6 address ${data}`],
  ['MX', data => `mail is handled by ${data}`],
  ['NS', data => `name server ${data}`],
  ['TXT', data => `descriptive text ${data}`],
  ['SOA', data => `has SOA record ${data}`],
  ['PTR', data => `domain name pointer ${data}`],
])

const line = ({ owner, type, data }: Resource): string =>
  `${owner.replace(/(?<=.)\.$/, '')} ${worded.get(type)?.(data) ?? `has ${type} record ${data}`}\n`

/** host(1) of BIND 9.18. */
export const host: Program = async process => {
  const parsed = getopt(process.argv, shortOptions('46aAc:CdilN:m:p:rR:st:TUvVwW:'), { posix: true })
  if (typeof parsed === 'string') {
    await process.stderr.write(
      `${parsed.replace(/invalid option -- '(.)'/, 'illegal option -- $1').replace(/option requires an argument -- '(.)'/, 'option requires an argument -- $1')}\n${usage}`,
    )
    return 1
  }
  if (parsed.has('V')) {
    await process.stderr.write(`host ${bindVersion(process)}\n`)
    return 0
  }
  const [name, given] = parsed.operands
  if (name === undefined) {
    await process.stderr.write(usage)
    return 1
  }
  process.host.witness.connection({ host: name, port: 53, tool: 'host' })
  const server = given ?? serverOf(process)
  const address = process.host.internet.resolve(server)?.v4 ?? server
  const state = served(process, address)
  if (state !== 'yes') return unanswered(process, address, state, 2)
  if (given !== undefined)
    await process.stdout.write(`Using domain server:\nName: ${given}\nAddress: ${address}#53\nAliases: \n\n`)
  await process.sleep(0.01)
  const reverse = reverseName(name)
  const wanted = reverse === undefined ? (parsed.value('t')?.toUpperCase() ?? (parsed.has('a') ? 'ANY' : '')) : 'PTR'
  const kinds = wanted === '' ? ['A', 'AAAA', 'MX'] : [wanted]
  const asked = reverse ?? name
  let found = false
  for (const kind of kinds) {
    const answer = ask(process, asked, kind)
    if (answer.status === 'NXDOMAIN') {
      await process.stdout.write(`Host ${asked}${reverse ? '.' : ''} not found: 3(NXDOMAIN)\n`)
      return 1
    }
    found ||= answer.answers.length > 0
    await process.stdout.write(answer.answers.map(line).join(''))
  }
  if (!found) await process.stdout.write(`${name} has no ${wanted || 'A'} record\n`)
  return 0
}

/** Nobody answers there: what host and nslookup say, as often as they ask. */
export const unanswered = async (
  process: Process,
  address: string,
  state: 'refused' | 'silent',
  tries: number,
): Promise<number> => {
  for (let turn = 0; turn < tries; turn++) {
    if (state === 'silent') await process.sleep(5)
    await process.stdout.write(
      `;; communications error to ${address}#53: ${state === 'refused' ? 'connection refused' : 'timed out'}\n`,
    )
  }
  await process.stdout.write(';; no servers could be reached\n')
  return 1
}
