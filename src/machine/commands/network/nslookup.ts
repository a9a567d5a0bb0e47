import type { Process, Program } from '../../system.ts'
import { readAll } from '../paths.ts'
import { bindVersion } from './dig.ts'
import { ask, reverseName, served, serverOf } from './dns.ts'
import { unanswered } from './host.ts'

/** nslookup(1) of BIND 9.18, with its questions on the command line or on standard input. */
export const nslookup: Program = async process => {
  const words = process.argv.slice(1)
  const settings = words.filter(word => word.startsWith('-') && word.length > 1)
  if (settings.some(word => /^-v(ersion)?$/.test(word))) {
    await process.stdout.write(`nslookup ${bindVersion(process)}\n`)
    return 0
  }
  const type = /^-(?:q|ty|type|querytype|query)=(\w+)$/i.exec(settings.at(-1) ?? '')?.[1]?.toUpperCase()
  const [name, server] = words.filter(word => !word.startsWith('-') || word === '-')
  if (name !== undefined && name !== '-') return question(process, name, server ?? serverOf(process), type)
  if (process.isatty[0]) await process.stdout.write('> ')
  let current = server ?? serverOf(process)
  let status = 0
  for (const line of (await readAll(process.stdin, 64 << 10)).toString('latin1').split('\n').slice(0, 100)) {
    const [word, ...rest] = line.trim().split(/\s+/)
    if (!word) continue
    if (word === 'exit') break
    if (word === 'server') current = rest[0] ?? current
    else if (word !== 'set') status = await question(process, word, current, type)
  }
  return status
}

const question = async (process: Process, name: string, server: string, type: string | undefined): Promise<number> => {
  process.host.witness.connection({ host: name, port: 53, tool: 'nslookup' })
  const address = process.host.internet.resolve(server)?.v4 ?? server
  const state = served(process, address)
  if (state !== 'yes') {
    const status = await unanswered(process, address, state, 3)
    await process.stdout.write('\n')
    return status
  }
  await process.sleep(0.01)
  const reverse = reverseName(name)
  await process.stdout.write(reverse && !type ? '' : `Server:\t\t${server}\nAddress:\t${address}#53\n\n`)
  const asked = reverse ?? name
  const kinds = reverse ? ['PTR'] : type ? [type] : ['A', 'AAAA']
  const answers = kinds.map(kind => ask(process, asked, kind))
  if (answers[0]!.status === 'NXDOMAIN') {
    await process.stdout.write(`** server can't find ${asked}: NXDOMAIN\n\n`)
    return 1
  }
  const records = answers.flatMap(answer => answer.answers)
  if (reverse)
    await process.stdout.write(records.map(({ owner, data }) => `${owner.slice(0, -1)}\tname = ${data}\n`).join(''))
  else if (records.length === 0)
    await process.stdout.write(`Non-authoritative answer:\n*** Can't find ${name}: No answer\n`)
  else {
    const lines = records.map(({ owner, type: kind, data }) => {
      const bare = owner.replace(/\.$/, '')
      if (kind === 'A' || kind === 'AAAA') return `Name:\t${bare}\nAddress: ${data}\n`
      if (kind === 'MX') return `${bare}\tmail exchanger = ${data}\n`
      return `${bare}\t${kind === 'NS' ? 'nameserver' : 'text'} = ${data}\n`
    })
    await process.stdout.write(`Non-authoritative answer:\n${lines.join('')}`)
  }
  await process.stdout.write('\n')
  return 0
}
