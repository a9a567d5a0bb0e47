import type { Process, Program } from '../../../system.ts'
import { getopt, type Option } from '../../getopt.ts'
import { accountBy, loginName, may, months, say, two, userNames } from '../facts.ts'
import { ask } from './ask.ts'
import { change, kernel, rowNamed, rowsOf } from './database.ts'
import { mayBe } from './passwd.ts'

const complain = async (process: Process, message: string, status = 1): Promise<number> => {
  await process.stderr.write(`${message}\n`)
  return status
}

const options: Option[] = [
  { short: 'd', long: 'lastday', argument: 'required' },
  { short: 'E', long: 'expiredate', argument: 'required' },
  { short: 'h', long: 'help' },
  { short: 'i', long: 'iso8601' },
  { short: 'I', long: 'inactive', argument: 'required' },
  { short: 'l', long: 'list' },
  { short: 'm', long: 'mindays', argument: 'required' },
  { short: 'M', long: 'maxdays', argument: 'required' },
  { short: 'R', long: 'root', argument: 'required' },
  { short: 'W', long: 'warndays', argument: 'required' },
]
const usage = 'Usage: chage [options] LOGIN'

/** Which field of shadow(5) an option sets. */
const fields: readonly [option: string, field: number, date: boolean][] = [
  ['lastday', 2, true],
  ['mindays', 3, false],
  ['maxdays', 4, false],
  ['warndays', 5, false],
  ['inactive', 6, false],
  ['expiredate', 7, true],
]

/** chage(1) of shadow 4.13. */
export const chage: Program = async process => {
  const parsed = getopt(process.argv, options)
  if (typeof parsed === 'string') return complain(process, `${parsed}\n${usage}`, 2)
  const { has, value, operands } = parsed
  if (has('help')) return say(process, `${usage}\n`)
  if (operands.length !== 1) return complain(process, usage, 2)
  const [name = ''] = operands
  if (process.who.uid !== 0 && !has('list')) return complain(process, 'chage: Permission denied.')
  if (!accountBy(process, name)) return complain(process, `chage: user '${name}' does not exist in /etc/passwd`)
  const row = rowNamed(rowsOf(process, 'shadow'), name)
  if (has('list')) return say(process, list(row ?? [], has('iso8601')))
  const given = fields.filter(([option]) => has(option))
  const values = new Map<number, string>()
  for (const [option, field, date] of given) {
    const text = value(option)!
    const days = date && !/^-?\d+$/.test(text) ? Math.floor(Date.parse(text) / 86_400_000) : Number(text)
    if (!Number.isInteger(days))
      return complain(process, date ? `chage: invalid date '${text}'` : `chage: invalid numeric argument '${text}'`, 2)
    values.set(field, days === -1 ? '' : `${days}`)
  }
  change(process, 'shadow', name, shadow => {
    for (const [field, text] of values) shadow[field] = text
  })
  if (values.size > 0) process.host.witness.account({ user: name, change: 'changed' })
  return 0
}

const list = (row: string[], iso: boolean): string => {
  const [, , changed = '', min = '', max = '', warn = '', inactive = '', expires = ''] = row
  const date = (days: number): string => {
    const at = new Date(days * 86_400_000)
    return iso
      ? at.toISOString().slice(0, 10)
      : `${months[at.getUTCMonth()]} ${two(at.getUTCDate())}, ${at.getUTCFullYear()}`
  }
  const forced = changed === '0'
  const must = 'password must be changed'
  const ends = changed === '' || max === '' || Number(max) >= 10_000 ? undefined : Number(changed) + Number(max)
  return [
    `Last password change\t\t\t\t\t: ${forced ? must : changed === '' ? 'never' : date(Number(changed))}\n`,
    `Password expires\t\t\t\t\t: ${forced ? must : ends === undefined ? 'never' : date(ends)}\n`,
    `Password inactive\t\t\t\t\t: ${forced ? must : ends === undefined || inactive === '' ? 'never' : date(ends + Number(inactive))}\n`,
    `Account expires\t\t\t\t\t\t: ${expires === '' ? 'never' : date(Number(expires))}\n`,
    `Minimum number of days between password change\t\t: ${min || -1}\n`,
    `Maximum number of days between password change\t\t: ${max || -1}\n`,
    `Number of days of warning before password expires\t: ${warn || -1}\n`,
  ].join('')
}

/** Asks the user's own password, unless it is root who asks. */
const authenticated = async (process: Process, name: string): Promise<boolean> => {
  if (process.who.uid === 0) return true
  const password = await ask(process, 'Password: ', { secret: true })
  const hash = rowNamed(rowsOf(process, 'shadow'), name)?.[1] ?? ''
  return password !== undefined && mayBe(process, name, hash, password)
}

/** chsh(1) of shadow 4.13. */
export const chsh: Program = async process => {
  const parsed = getopt(process.argv, [
    { short: 'h', long: 'help' },
    { short: 'R', long: 'root', argument: 'required' },
    { short: 's', long: 'shell', argument: 'required' },
  ])
  const usage = 'Usage: chsh [options] [LOGIN]'
  if (typeof parsed === 'string') return complain(process, `${parsed}\n${usage}`)
  if (parsed.has('help')) return say(process, `${usage}\n`)
  const name = parsed.operands[0] ?? loginName(process) ?? userNames(process)(process.who.uid)
  const account = accountBy(process, name)
  if (!account) return complain(process, `chsh: user '${name}' does not exist`)
  if (process.who.uid !== 0 && account.uid !== process.who.uid)
    return complain(process, `You may not change the shell for '${name}'.`)
  if (!(await authenticated(process, name))) return complain(process, 'chsh: PAM: Authentication failure')
  let shell = parsed.value('shell')
  if (shell === undefined) {
    await process.stdout.write(
      `Changing the login shell for ${name}\nEnter the new value, or press ENTER for the default\n\tLogin Shell [${account.shell}]: `,
    )
    shell = (await ask(process, '')) || account.shell
  }
  const known = process.fs.readFile('/etc/shells', kernel).toString('latin1').split('\n')
  if (process.who.uid !== 0 && !known.includes(shell)) return complain(process, `chsh: ${shell} is an invalid shell`)
  if (!may(process, shell, 0, kernel)) await process.stderr.write(`chsh: Warning: ${shell} does not exist\n`)
  const clean = shell.replace(/[:\n]/g, '')
  change(process, 'passwd', name, row => {
    row[6] = clean
  })
  process.host.witness.account({ user: name, change: 'changed' })
  return 0
}

/** chfn(1) of shadow 4.13, by options. */
export const chfn: Program = async process => {
  const letters: readonly [option: string, field: number][] = [
    ['full-name', 0],
    ['room', 1],
    ['work-phone', 2],
    ['home-phone', 3],
    ['other', 4],
  ]
  const parsed = getopt(process.argv, [
    { short: 'f', long: 'full-name', argument: 'required' },
    { short: 'h', long: 'home-phone', argument: 'required' },
    { short: 'o', long: 'other', argument: 'required' },
    { short: 'r', long: 'room', argument: 'required' },
    { short: 'R', long: 'root', argument: 'required' },
    { short: 'u', long: 'help' },
    { short: 'w', long: 'work-phone', argument: 'required' },
  ])
  if (typeof parsed === 'string') return complain(process, `${parsed}\nUsage: chfn [options] [LOGIN]`)
  const name = parsed.operands[0] ?? loginName(process) ?? userNames(process)(process.who.uid)
  const account = accountBy(process, name)
  if (!account) return complain(process, `chfn: user '${name}' does not exist`)
  if (process.who.uid !== 0 && account.uid !== process.who.uid) return complain(process, 'chfn: Permission denied.')
  if (!(await authenticated(process, name))) return complain(process, 'chfn: PAM: Authentication failure')
  change(process, 'passwd', name, row => {
    const parts = (row[4] ?? '').split(',')
    for (const [option, field] of letters) {
      const text = parsed.value(option)
      if (text !== undefined) parts[field] = text.replace(/[:,=\n]/g, '')
    }
    row[4] = Array.from({ length: Math.max(4, parts.length) }, (_, index) => parts[index] ?? '').join(',')
  })
  return 0
}
