import { compileRegex } from '../../../regex/regex.ts'
import type { Process, Program } from '../../../system.ts'
import { getopt, type Option } from '../../getopt.ts'
import { systemdVersion } from '../../package-version.ts'
import { say } from '../facts.ts'
import { journalOf, type Record, shortLine } from './journal.ts'
import { fullName } from './units.ts'

const flags: readonly [short: string | undefined, long: string][] = [
  ['a', 'all'],
  ['f', 'follow'],
  ['e', 'pager-end'],
  ['x', 'catalog'],
  ['q', 'quiet'],
  ['r', 'reverse'],
  ['m', 'merge'],
  ['k', 'dmesg'],
  ['l', 'full'],
  [undefined, 'no-full'],
  [undefined, 'no-pager'],
  [undefined, 'no-tail'],
  [undefined, 'no-hostname'],
  [undefined, 'utc'],
  [undefined, 'list-boots'],
  [undefined, 'disk-usage'],
  [undefined, 'rotate'],
  [undefined, 'flush'],
  [undefined, 'sync'],
  [undefined, 'verify'],
  [undefined, 'system'],
  [undefined, 'user'],
  ['h', 'help'],
  [undefined, 'version'],
  ['N', 'fields'],
  [undefined, 'header'],
  [undefined, 'show-cursor'],
  [undefined, 'update-catalog'],
  [undefined, 'list-catalog'],
]
const valued: readonly [short: string | undefined, long: string][] = [
  ['u', 'unit'],
  ['S', 'since'],
  ['U', 'until'],
  ['p', 'priority'],
  ['t', 'identifier'],
  ['o', 'output'],
  ['g', 'grep'],
  ['F', 'field'],
  ['D', 'directory'],
  ['c', 'cursor'],
  ['M', 'machine'],
  [undefined, 'user-unit'],
  [undefined, 'file'],
  [undefined, 'vacuum-size'],
  [undefined, 'vacuum-time'],
  [undefined, 'vacuum-files'],
  [undefined, 'facility'],
  [undefined, 'output-fields'],
]
const options: Option[] = [
  ...flags.map(([short, long]) => (short ? { short, long } : { long })),
  ...valued.map(([short, long]) => ({ ...(short ? { short } : {}), long, argument: 'required' as const })),
  { short: 'n', long: 'lines', argument: 'optional' },
  { short: 'b', long: 'boot', argument: 'optional' },
  { long: 'case-sensitive', argument: 'optional' },
]

/** journalctl(1) of systemd 252, from what was logged since the machine started. */
export const journalctl: Program = async process => {
  // `-n 20` and `-b -1`: optional arguments may stand alone.
  const argv = process.argv.flatMap((word, index, all) => {
    if (index > 0 && /^(-n|-[a-mo-z]*n)$/.test(all[index - 1]!) && /^\d+$/.test(word)) return []
    return /^-[a-z]*n$/.test(word) && /^\d+$/.test(all[index + 1] ?? '') ? [`${word}${all[index + 1]}`] : [word]
  })
  const parsed = getopt(argv, options)
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n`)
    return 1
  }
  const { has, value } = parsed
  if (has('version')) return say(process, `systemd ${systemdVersion(process)}\n`)
  if (has('help')) return say(process, 'journalctl [OPTIONS...] [MATCHES...]\n\nQuery the journal.\n')
  const { bootedAt } = process.host.persona
  if (has('disk-usage')) return say(process, 'Archived and active journals take up 24.0M in the file system.\n')
  if (has('vacuum-size') || has('vacuum-time') || has('vacuum-files')) {
    await process.stderr.write(
      'Vacuuming done, freed 0B of archived journals from /run/log/journal.\nVacuuming done, freed 0B of archived journals from /var/log/journal.\n',
    )
    return 0
  }
  if (has('rotate') || has('flush') || has('sync') || has('update-catalog') || has('verify')) return 0
  if (process.who.uid !== 0 && !process.who.groups.some(gid => gid === 4 || gid === 999)) {
    await process.stderr.write(
      "Hint: You are currently not seeing messages from other users and the system.\n      Users in groups 'adm', 'systemd-journal' can see all messages.\n      Pass -q to turn off this notice.\nNo journal files were opened due to insufficient permissions.\n",
    )
    return 1
  }
  if (has('list-boots'))
    return say(
      process,
      `IDX BOOT ID                          FIRST ENTRY                 LAST ENTRY                 \n  0 ${process.host.persona.derive('boot id', 16).toString('hex')} ${stampText(process, bootedAt)} ${stampText(process, process.now())}\n`,
    )
  let records = journalOf(process)
  const units = parsed.given.filter(({ name }) => name === 'unit').map(one => fullName(one.value ?? ''))
  if (units.length > 0) records = records.filter(({ unit }) => units.includes(unit))
  const tags = parsed.given.filter(({ name }) => name === 'identifier').map(one => one.value)
  if (tags.length > 0) records = records.filter(({ who }) => tags.includes(who.replace(/\[.*/, '')))
  if (has('dmesg')) records = records.filter(({ who }) => who === 'kernel')
  const [since, until] = [timeOf(process, value('since')), timeOf(process, value('until'))]
  if (Number.isNaN(since) || Number.isNaN(until)) {
    await process.stderr.write(`Failed to parse timestamp: ${value(Number.isNaN(since) ? 'since' : 'until')}\n`)
    return 1
  }
  if (since !== undefined) records = records.filter(({ at }) => at >= since)
  if (until !== undefined) records = records.filter(({ at }) => at <= until)
  const pattern = value('grep')
  if (pattern !== undefined) {
    const regex = compileRegex(pattern, 'perl', { fold: pattern === pattern.toLowerCase() })
    if ('problem' in regex) {
      await process.stderr.write(`Bad pattern "${pattern}": ${regex.problem}\n`)
      return 1
    }
    records = records.filter(({ message }) => regex.test(message, cost => process.step(cost)))
  }
  const boot = value('boot')
  if (boot !== undefined && boot !== '0' && !/^[0-9a-f]{32}$/.test(boot)) {
    await process.stderr.write('Data from the specified boot is not available: No such boot ID in journal\n')
    return 1
  }
  const lines = value('lines')
  const last = has('lines') || has('follow') ? Number(lines ?? 10) : undefined
  if (last !== undefined && Number.isFinite(last)) records = last === 0 ? [] : records.slice(-last)
  if (has('reverse')) records = records.toReversed()
  if (records.length === 0 && !has('quiet') && !has('follow')) return say(process, '-- No entries --\n')
  const form = formOf(value('output') ?? 'short')
  if (form === undefined) {
    await process.stderr.write(`Unknown output format '${value('output')}'.\n`)
    return 1
  }
  for (const record of records) await process.stdout.write(`${form(process, record)}\n`)
  while (has('follow')) await process.sleep(3600)
  return 0
}

const stampText = (process: Process, at: number): string =>
  new Date(at + process.host.persona.timezone.offset * 60_000).toISOString().slice(0, 19).replace('T', ' ').padEnd(27)

const timeOf = (process: Process, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  const { offset } = process.host.persona.timezone
  const midnight = Math.floor((process.now() + offset * 60_000) / 86_400_000) * 86_400_000 - offset * 60_000
  if (text === 'today') return midnight
  if (text === 'yesterday') return midnight - 86_400_000
  if (text === 'now') return process.now()
  const [, count, unit] =
    /^-?(\d+)\s*(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?|w|weeks?)(?:\s+ago)?$/.exec(text) ?? []
  const sizes: Readonly<{ [unit: string]: number }> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
  if (count !== undefined) return process.now() - Number(count) * sizes[unit!.charAt(0)]! * 1000
  return /^\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?$/.test(text)
    ? Date.parse(`${text.replace(' ', 'T')}${text.length > 10 ? '' : 'T00:00'}Z`) - offset * 60_000
    : Number.NaN
}

const formOf = (name: string): ((process: Process, record: Record) => string) | undefined => {
  if (name === 'cat') return (_, { message }) => message
  if (name.startsWith('json'))
    return (_, { at, message, who }) =>
      JSON.stringify({
        __REALTIME_TIMESTAMP: `${Math.floor(at * 1000)}`,
        MESSAGE: message,
        SYSLOG_IDENTIFIER: who.replace(/\[.*/, ''),
      })
  if (name === 'short-iso')
    return (process, record) =>
      shortLine(process, record).replace(
        /^\w{3} \d\d [\d:]{8}/,
        `${new Date(record.at).toISOString().slice(0, 19)}+0000`,
      )
  return name.startsWith('short') || name === 'verbose' || name === 'with-unit' ? shortLine : undefined
}
