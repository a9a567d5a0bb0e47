import { addressesOf } from '../../fs/addresses.ts'
import type { Program } from '../../system.ts'
import { mountOf, spaceOf } from '../files/mounted.ts'
import { fieldsOf, textOf } from '../system/facts.ts'

/** landscape-sysinfo(1): the figures of the log-in's greeting, in two columns. */
export const landscapeSysinfo: Program = async process => {
  const { host } = process
  const { persona } = host
  const memory = fieldsOf(textOf(process, '/proc/meminfo') ?? '')
  const kilobytes = (name: string): number => Number.parseInt(memory.get(name) ?? '0', 10)
  const [load = '0.00'] = (textOf(process, '/proc/loadavg') ?? '').split(' ')
  const space = spaceOf(process, mountOf(process, '/'))
  const total = (space.blocks * space.blockSize) / 2 ** 30
  const used = 1 - space.free / space.blocks
  const inUse = 1 - (kilobytes('MemFree') + kilobytes('Buffers') + kilobytes('Cached')) / kilobytes('MemTotal')
  const users = new Set(host.logins().map(({ user }) => user)).size
  const figures: [name: string, value: string][] = [
    ['System load', `${Number(load)}`.includes('.') ? `${Number(load)}` : `${Number(load)}.0`],
    ['Usage of /', `${(used * 100).toFixed(1)}% of ${total.toFixed(2)}GB`],
    ['Memory usage', `${Math.floor(inUse * 100)}%`],
    ['Swap usage', '0%'],
    ['Processes', `${host.processes.list().length}`],
    ['Users logged in', `${users}`],
    [`IPv4 address for ${persona.interface}`, addressesOf(persona, host.processes).v4],
  ]
  const half = Math.ceil(figures.length / 2)
  const [left, right] = [figures.slice(0, half), figures.slice(half)].map(column => {
    const width = Math.max(...column.map(([name]) => name.length)) + 2
    const cells = column.map(([name, value]) => `${`${name}:`.padEnd(width)}${value}`)
    return cells
  }) as [string[], string[]]
  const width = Math.max(...left.map(cell => cell.length))
  const rows = left.map(
    (cell, index) => `  ${right[index] === undefined ? cell : `${cell.padEnd(width)}   ${right[index]}`}\n`,
  )
  await process.stdout.write(`${rows.join('')}\n`)
  return 0
}
