import { type Account, groups } from '../../../accounts.ts'
import { type Process, SystemError } from '../../../system.ts'
import { kernel } from './database.ts'

/** One rule that is about this user. */
export type Rule = { runas: string; free: boolean; commands: string[] }

const most = 200

/** What /etc/sudoers and /etc/sudoers.d allow, in sudoers(5)'s order: the last one wins. */
export const rulesFor = (process: Process, account: Account): Rule[] => {
  const memberOf = new Set(
    groups(process.fs)
      .filter(({ gid, members }) => gid === account.gid || members.includes(account.name))
      .map(({ name }) => name),
  )
  const about = (who: string): boolean =>
    who === 'ALL' ||
    who === account.name ||
    who === `#${account.uid}` ||
    (who.startsWith('%') && memberOf.has(who.slice(1)))
  const rules: Rule[] = []
  for (const line of linesOf(process, '/etc/sudoers', 0)) {
    const [, who = '', rest = ''] = /^(\S+)\s+[^=]*=\s*(.*)$/.exec(line) ?? []
    if (rest === '' || !who.split(',').some(about)) continue
    const [, runas = 'root', tail = ''] = /^(?:\(([^)]*)\)\s*)?(.*)$/.exec(rest) ?? []
    const tags = /^((?:[A-Z_]+:\s*)*)(.*)$/.exec(tail)
    const free = /NOPASSWD:/.test(tags?.[1] ?? '')
    rules.push({ runas: runas.replace(/\s*:\s*/, ' : '), free, commands: (tags?.[2] ?? '').split(/\s*,\s*/) })
  }
  return rules
}

const linesOf = (process: Process, path: string, depth: number): string[] => {
  const { fs } = process
  const result: string[] = []
  try {
    const text = fs.readFile(path, kernel, { max: 65_536 }).toString('latin1').replaceAll('\\\n', ' ')
    for (const raw of text.split('\n', 2000)) {
      const include = /^[@#]includedir\s+(\S+)/.exec(raw)?.[1]
      if (include !== undefined && depth === 0) {
        const names = fs.readdir(include, kernel).filter(name => !name.includes('.') && !name.endsWith('~'))
        for (const name of names.toSorted().slice(0, 50)) result.push(...linesOf(process, `${include}/${name}`, 1))
        continue
      }
      const line = raw.replace(/(^|\s)#(?!\d).*/, '').trim()
      if (line !== '' && !/^(Defaults|@|User_Alias|Cmnd_Alias|Host_Alias|Runas_Alias)/.test(line)) result.push(line)
    }
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
  }
  return result.slice(0, most)
}
