import type { Process, Program } from '../../../system.ts'
import { getopt, type Option } from '../../getopt.ts'
import { accountBy, loginName, say, userNames } from '../facts.ts'
import { ask, readLine } from './ask.ts'
import { hashPassword, isPassword } from './crypt.ts'
import { change, rowNamed, rowsOf, today } from './database.ts'

const options: Option[] = [
  { short: 'a', long: 'all' },
  { short: 'd', long: 'delete' },
  { short: 'e', long: 'expire' },
  { short: 'h', long: 'help' },
  { short: 'k', long: 'keep-tokens' },
  { short: 'i', long: 'inactive', argument: 'required' },
  { short: 'l', long: 'lock' },
  { short: 'n', long: 'mindays', argument: 'required' },
  { short: 'q', long: 'quiet' },
  { short: 'r', long: 'repository', argument: 'required' },
  { short: 'R', long: 'root', argument: 'required' },
  { short: 'S', long: 'status' },
  { short: 'u', long: 'unlock' },
  { short: 'w', long: 'warndays', argument: 'required' },
  { short: 'x', long: 'maxdays', argument: 'required' },
]
const usage = 'Usage: passwd [options] [LOGIN]\n'

/** passwd(1) of shadow 4.13 with pam_unix: from a terminal or from standard input. */
export const passwd: Program = async process => {
  const parsed = getopt(process.argv, options)
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n${usage}`)
    return 6
  }
  const { has, operands } = parsed
  if (has('help')) return say(process, usage)
  const own = loginName(process) ?? userNames(process)(process.who.uid)
  const name = operands[0] ?? own
  if (operands.length > 1) {
    await process.stderr.write(usage)
    return 6
  }
  const privileged = process.who.uid === 0
  if (has('status') && has('all')) {
    for (const row of rowsOf(process, 'shadow')) await process.stdout.write(statusLine(row))
    return 0
  }
  const account = accountBy(process, name)
  if (!account) return complain(process, `passwd: user '${name}' does not exist`)
  if (!privileged && account.uid !== process.who.uid)
    return complain(process, `passwd: You may not view or modify password information for ${name}.`)
  const row = rowNamed(rowsOf(process, 'shadow'), name)
  if (has('status')) return say(process, row ? statusLine(row) : '')
  const administers = ['delete', 'expire', 'lock', 'unlock', 'inactive', 'mindays', 'warndays', 'maxdays'].some(has)
  if (administers) {
    if (!privileged) return complain(process, 'passwd: Permission denied.')
    return administer(process, name, parsed, row)
  }
  return replace(process, name, row?.[1] ?? '', privileged)
}

const complain = async (process: Process, message: string): Promise<number> => {
  await process.stderr.write(`${message}\n`)
  return 1
}

const administer = async (
  process: Process,
  name: string,
  { has, value }: { has(name: string): boolean; value(name: string): string | undefined },
  row: string[] | undefined,
): Promise<number> => {
  const { witness } = process.host
  const hash = row?.[1] ?? ''
  if (has('unlock') && /^!+$/.test(hash)) {
    await process.stderr.write(
      'passwd: unlocking the password would result in a passwordless account.\nYou should set a password with usermod -p to unlock the password of this account.\n',
    )
    return 3
  }
  change(process, 'shadow', name, fields => {
    if (has('delete')) fields[1] = ''
    if (has('lock') && !hash.startsWith('!')) fields[1] = `!${fields[1]}`
    if (has('unlock')) fields[1] = (fields[1] ?? '').replace(/^!/, '')
    if (has('expire')) fields[2] = '0'
    const numbers: [string, number][] = [
      ['mindays', 3],
      ['maxdays', 4],
      ['warndays', 5],
      ['inactive', 6],
    ]
    for (const [option, field] of numbers) if (value(option) !== undefined) fields[field] = value(option)!
  })
  witness.account({
    user: name,
    change: has('delete') ? 'password' : 'changed',
    ...(has('delete') ? { password: '' } : {}),
  })
  if (!has('quiet'))
    await process.stdout.write(
      `passwd: ${has('expire') ? 'password expiry information changed' : 'password changed'}.\n`,
    )
  return 0
}

const replace = async (process: Process, name: string, hash: string, privileged: boolean): Promise<number> => {
  const failed = async (...said: string[]): Promise<number> => {
    await process.stderr.write(
      `${said.map(text => `${text}\n`).join('')}passwd: Authentication token manipulation error\npasswd: password unchanged\n`,
    )
    return 10
  }
  if (!privileged) {
    await process.stdout.write(`Changing password for ${name}.\n`)
    const current = await ask(process, 'Current password: ', { secret: true })
    if (current === undefined || !mayBe(process, name, hash, current)) return failed()
  }
  for (let tries = 0; tries < 3; tries++) {
    const first = await ask(process, 'New password: ', { secret: true })
    if (first === undefined) return failed('Password change has been aborted.')
    const second = await ask(process, 'Retype new password: ', { secret: true })
    if (second === undefined) return failed('Password change has been aborted.')
    if (first !== second) return failed('Sorry, passwords do not match.')
    if (first === '') {
      await process.stderr.write('No password has been supplied.\n')
      continue
    }
    if (!privileged && first.length < 6) {
      await process.stderr.write('You must choose a longer password.\n')
      continue
    }
    setPassword(process, name, first)
    await process.stderr.write('passwd: password updated successfully\n')
    return 0
  }
  return failed('Password change has been aborted.')
}

/** Puts the new hash in and tells of it. */
export const setPassword = (process: Process, name: string, password: string): void => {
  change(process, 'shadow', name, fields => {
    fields[1] = hashPassword(process, password)
    fields[2] = `${today(process)}`
  })
  process.host.witness.account({ user: name, change: 'password', password })
}

/**
 * Whoever logged in as this user knew a password, and nobody knows which the persona's own is: any is right until one was
 * set here.
 */
export const mayBe = (process: Process, user: string, hash: string, password: string): boolean => {
  if (isPassword(process, hash, password)) return true
  const original = /^\$y\$j9T\$/.test(hash) && process.host.persona.users.some(({ name }) => name === user)
  return original && password !== '' && !process.host.brought('/etc/shadow')
}

const statusLine = ([
  name,
  hash = '',
  changed = '',
  min = '',
  max = '',
  warn = '',
  inactive = '',
]: string[]): string => {
  const kind = hash === '' ? 'NP' : /^[!*]/.test(hash) ? 'L' : 'P'
  const date = changed === '' ? 'never' : new Date(Number(changed) * 86_400_000).toISOString().slice(0, 10)
  return `${name} ${kind} ${date} ${min || -1} ${max || -1} ${warn || -1} ${inactive || -1}\n`
}

/** chpasswd(8) of shadow 4.13: `name:password` lines from standard input. */
export const chpasswd: Program = async process => {
  const parsed = getopt(process.argv, [
    { short: 'c', long: 'crypt-method', argument: 'required' },
    { short: 'e', long: 'encrypted' },
    { short: 'h', long: 'help' },
    { short: 'm', long: 'md5' },
    { short: 'R', long: 'root', argument: 'required' },
    { short: 's', long: 'sha-rounds', argument: 'required' },
  ])
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nUsage: chpasswd [options]\n`)
    return 2
  }
  if (parsed.has('help')) return say(process, 'Usage: chpasswd [options]\n')
  if (process.who.uid !== 0) {
    await process.stderr.write('chpasswd: Permission denied.\n')
    return 1
  }
  const direct = parsed.has('encrypted') || parsed.has('md5') || parsed.has('crypt-method')
  let bad = false
  for (let number = 1; number <= 10_000; number++) {
    const text = await readLine(process.stdin)
    if (text === undefined) break
    process.step()
    const colon = text.indexOf(':')
    const refuse = async (message: string): Promise<void> => {
      bad = true
      await process.stderr.write(`${message}\n`)
    }
    if (colon < 0) {
      await refuse(`chpasswd: line ${number}: missing new password`)
      continue
    }
    const [name, password] = [text.slice(0, colon), text.slice(colon + 1)]
    if (!accountBy(process, name) || /^\d+$/.test(name)) {
      if (direct) await refuse(`chpasswd: line ${number}: user '${name}' does not exist`)
      else
        await refuse(
          `chpasswd: (user ${name}) pam_chauthtok() failed, error:\nAuthentication token manipulation error\nchpasswd: (line ${number}, user ${name}) password not changed`,
        )
      continue
    }
    if (!direct) setPassword(process, name, password)
    else {
      change(process, 'shadow', name, fields => {
        fields[1] = parsed.has('encrypted') ? password : hashPassword(process, password)
        fields[2] = `${today(process)}`
      })
      process.host.witness.account({ user: name, change: 'password', password })
    }
  }
  if (bad && direct) await process.stderr.write('chpasswd: error detected, changes ignored\n')
  return bad ? 1 : 0
}
