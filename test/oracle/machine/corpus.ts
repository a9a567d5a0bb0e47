import fs from 'node:fs'
import path from 'node:path'

export type Line = { feature: string; line: string; script: string }
/** What a line answered; Latin-1. */
export type Answer = { stdout: string; stderr: string; status: number }

const folder = path.join(import.meta.dirname, 'corpus')

export const families = (): string[] =>
  fs
    .readdirSync(folder)
    .filter(name => name.endsWith('.txt'))
    .map(name => name.slice(0, -4))
    .toSorted()

/** One command line each, grouped by feature (`## name`); ␤ stands for a newline, `# ` begins a remark. */
export const corpus = (family: string): Line[] => {
  let feature = ''
  const found: Line[] = []
  for (const line of fs.readFileSync(path.join(folder, `${family}.txt`), 'utf8').split('\n')) {
    if (line.startsWith('## ')) feature = line.slice(3)
    else if (line !== '' && !line.startsWith('# ')) found.push({ feature, line, script: line.replaceAll('␤', '\n') })
  }
  return found
}

const weekdays = 'Mon|Tue|Wed|Thu|Fri|Sat|Sun'
const months = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec'

/** Takes out what differs between two real machines at two times: clocks, process ids, inode numbers, random names. */
export const masked = (text: string): string =>
  text
    .replace(new RegExp(`\\b(${weekdays}) (${months}) [ \\d]\\d \\d\\d:\\d\\d:\\d\\d (\\w+ )?20\\d\\d`, 'g'), 'DATE')
    .replace(new RegExp(`\\b(${months}) [ \\d]\\d ( 20\\d\\d|\\d\\d:\\d\\d)`, 'g'), 'DATE')
    .replace(/\b20\d\d-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?( ?[+-]\d\d:?\d\d|Z)?/g, 'DATE')
    .replace(/\bpid:? \d+/gi, 'pid N')
    .replace(/\((\d+)\) - (No such|Operation)/g, '(N) - $2')
    .replace(/\[(\d+)\] \d+$/gm, '[$1] N')
    .replace(/\b(tmp|mktemp|sed|tmp\.)\.?[A-Za-z0-9]{6,10}\b/g, 'TMP')

/** Lines whose answer differs, and why (excused/FAMILY.json); everything else has to be equal. */
export const excuses = (family: string): Record<string, string> => {
  const file = path.join(import.meta.dirname, 'excused', `${family}.json`)
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {}
}
