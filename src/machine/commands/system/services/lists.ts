import { type Process, SystemError } from '../../../system.ts'
import { kernel } from '../accounts/database.ts'
import { stampOf } from './times.ts'
import { byKind, enablement, type Live, liveOf, marksOf, presetOf, type Unit, unitFiles, unitOf } from './units.ts'

export type ListOptions = {
  all: boolean
  kinds: Set<string>
  states: Set<string>
  legend: boolean
  patterns: string[]
  plain: boolean
}

const matches = (name: string, patterns: readonly string[]): boolean =>
  patterns.length === 0 ||
  patterns.some(pattern => {
    const [head = '', ...rest] = pattern.split('*')
    if (rest.length === 0) return name === pattern || name === `${pattern}.service`
    return (
      name.startsWith(head) &&
      rest.every((part, index) => (index === rest.length - 1 ? name.endsWith(part) : name.includes(part)))
    )
  })

/** Columns as wide as their widest cell, the last as it is. */
const table = (head: readonly string[], rows: readonly (readonly string[])[], indent: string): string[] => {
  const visible = (text: string): number => text.replace(/[\x80-\xbf]/g, '').length
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => visible(row[column] ?? ''))))
  return [head, ...rows].map(
    row =>
      `${indent}${row.map((text, column) => (column === row.length - 1 ? text : text + ' '.repeat(widths[column]! - visible(text)))).join(' ')}`,
  )
}

/** `systemctl list-units`. */
export const listUnits = async (process: Process, options: ListOptions): Promise<number> => {
  const { all, kinds, states, legend, patterns } = options
  const names = new Set(unitFiles(process).filter(name => !name.includes('@.')))
  for (const name of ['getty@tty1.service', '-.mount', '-.slice', 'system.slice', 'user.slice', 'init.scope'])
    names.add(name)
  const found: [Unit, Live][] = []
  for (const name of [...names].toSorted(byKind)) {
    process.step()
    const unit = unitOf(process, name) ?? builtIn(name)
    if (!unit || unit.name !== name) continue
    const live: Live = builtIn(name)
      ? {
          active: 'active',
          sub: name.endsWith('mount') ? 'mounted' : name.endsWith('scope') ? 'running' : 'active',
          since: 1,
          main: undefined,
          processes: [],
        }
      : liveOf(process, unit)
    if (!all && states.size === 0 && live.active === 'inactive') continue
    if (kinds.size > 0 && !kinds.has(name.slice(name.lastIndexOf('.') + 1))) continue
    if (
      states.size > 0 &&
      !states.has(live.active) &&
      !states.has(live.sub) &&
      !states.has(unit.masked ? 'masked' : 'loaded')
    )
      continue
    if (matches(name, patterns)) found.push([unit, live])
  }
  const marks = marksOf(process)
  const rows = found.map(([unit, live]) => [
    unit.name,
    unit.masked ? 'masked' : 'loaded',
    live.active,
    live.sub,
    unit.description,
  ])
  const lines = table(['UNIT', 'LOAD', 'ACTIVE', 'SUB', 'DESCRIPTION'], rows, '').map((line, index) => {
    const live = found[index - 1]?.[1]
    return `${live?.active === 'failed' ? marks.on : ' '} ${line}`
  })
  const body = legend ? lines : lines.slice(1)
  await process.stdout.write(body.map(line => `${line}\n`).join(''))
  if (!legend) return 0
  const meaning =
    rows.length === 0
      ? ''
      : '\nLOAD   = Reflects whether the unit definition was properly loaded.\nACTIVE = The high-level unit activation state, i.e. generalization of SUB.\nSUB    = The low-level unit activation state, values depend on unit type.\n'
  const hint = all ? '' : ' Pass --all to see loaded but inactive units, too.'
  await process.stdout.write(
    `${meaning}${meaning === '' ? '' : ''}${rows.length} loaded units listed.${hint}\nTo show all installed unit files use 'systemctl list-unit-files'.\n`,
  )
  return 0
}

const builtIn = (name: string): Unit | undefined => {
  const described: ReadonlyMap<string, string> = new Map([
    ['-.mount', 'Root Mount'],
    ['-.slice', 'Root Slice'],
    ['system.slice', 'System Slice'],
    ['init.scope', 'System and Service Manager'],
  ])
  const description = described.get(name)
  return description === undefined
    ? undefined
    : { name, path: '', description, text: '', masked: false, values: () => [] }
}

/** `systemctl list-unit-files`. */
export const listUnitFiles = async (
  process: Process,
  { kinds, states, legend, patterns }: ListOptions,
): Promise<number> => {
  const rows: string[][] = []
  for (const name of unitFiles(process)) {
    process.step()
    if (kinds.size > 0 && !kinds.has(name.slice(name.lastIndexOf('.') + 1))) continue
    if (!matches(name, patterns)) continue
    const state = enablement(process, name)
    if (state === undefined || (states.size > 0 && !states.has(state))) continue
    rows.push([name, state, presetOf(state, name)])
  }
  const lines = table(['UNIT FILE', 'STATE', 'PRESET'], rows, '').map((line, index) => (index === 0 ? line : line))
  const width = Math.max(6, ...rows.map(row => row[2]!.length))
  const head = `${lines[0]!}${' '.repeat(width - 'PRESET'.length)}`
  await process.stdout.write(
    (legend ? [head.trimEnd(), ...lines.slice(1)] : lines.slice(1)).map(line => `${line}\n`).join(''),
  )
  if (legend) await process.stdout.write(`\n${rows.length} unit files listed.\n`)
  return rows.length === 0 && patterns.length > 0 ? 1 : 0
}

/** `systemctl list-timers`: when each is due, by the persona's own minutes. */
export const listTimers = async (process: Process, { all, legend }: ListOptions): Promise<number> => {
  const now = process.now()
  const day = 86_400_000
  const rows: { next: number; cells: string[] }[] = []
  let names: string[] = []
  try {
    names = process.fs.readdir('/etc/systemd/system/timers.target.wants', kernel)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
  }
  for (const name of [...names, 'systemd-tmpfiles-clean.timer']) {
    const noise = process.host.persona.derive(`timer ${name}`, 4).readUInt32BE()
    const period = /^(fstrim|e2scrub)/.test(name) ? 7 * day : day
    const offset = /^(dpkg-db|logrotate)/.test(name) ? 0 : noise % period
    const last = Math.floor((now - offset) / period) * period + offset
    const next = last + period
    const short = (span: number): string => {
      const minutes = Math.floor(span / 60_000)
      const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24]
      if (days > 1) return `${days} days`
      if (days === 1) return `1 day ${hours}h`
      return hours > 5 ? `${hours}h` : hours > 0 ? `${hours}h ${minutes % 60}min` : `${minutes}min`
    }
    rows.push({
      next,
      cells: [
        stampOf(process, next),
        `${short(next - now)} left`,
        stampOf(process, last),
        `${short(now - last)} ago`,
        name,
        name.replace(/\.timer$/, '.service'),
      ],
    })
  }
  const sorted = rows.toSorted((a, b) => a.next - b.next).map(({ cells }) => cells)
  const lines = table(['NEXT', 'LEFT', 'LAST', 'PASSED', 'UNIT', 'ACTIVATES'], sorted, '')
  await process.stdout.write((legend ? lines : lines.slice(1)).map(line => `${line}\n`).join(''))
  if (legend)
    await process.stdout.write(
      `\n${rows.length} timers listed.\n${all ? '' : 'Pass --all to see loaded but inactive timers, too.\n'}`,
    )
  return 0
}
