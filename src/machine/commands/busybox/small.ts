import type { Program } from '../../system.ts'
import { usageText } from './busybox.ts'

/** usleep: microseconds. */
export const usleep: Program = async process => {
  const [, word] = process.argv
  if (word === undefined || !/^\d{1,12}$/.test(word)) {
    await process.stderr.write(word === undefined ? usageText(process, 'usleep') : `usleep: invalid number '${word}'\n`)
    return 1
  }
  await process.sleep(Number(word) / 1_000_000)
  return 0
}

const signals: ReadonlyMap<string, number> = new Map([
  ['HUP', 1],
  ['INT', 2],
  ['QUIT', 3],
  ['KILL', 9],
  ['USR1', 10],
  ['USR2', 12],
  ['TERM', 15],
  ['CONT', 18],
  ['STOP', 19],
])

/** killall: by name, as many as have it. */
export const killall: Program = async process => {
  const words = process.argv.slice(1)
  let signal = 15
  let quiet = false
  while (words[0]?.startsWith('-') && words[0].length > 1) {
    const word = words.shift()!.slice(1)
    if (word === 'q') quiet = true
    else {
      const number = /^\d+$/.test(word) ? Number(word) : signals.get(word.replace(/^SIG/, '').toUpperCase())
      if (number === undefined) {
        await process.stderr.write(`killall: bad signal name '${word}'\n`)
        return 1
      }
      signal = number
    }
  }
  if (words.length === 0) {
    await process.stderr.write('killall: you need to specify whom to kill\n')
    return 1
  }
  let status = 0
  for (const name of words) {
    process.step(10)
    const found = process.host.processes
      .list()
      .filter(entry => entry.name === name.slice(0, 15) && entry.pid !== process.pid)
    for (const { pid } of found) process.host.processes.signal(pid, signal, process.who)
    if (found.length > 0) continue
    status = 1
    if (!quiet) await process.stderr.write(`killall: ${name}: no process killed\n`)
  }
  return status
}

/** kill: by pid. */
export const kill: Program = async process => {
  const words = process.argv.slice(1)
  if (words[0] === '-l') {
    await process.stdout.write(
      `${[...signals].map(([name, number]) => `${String(number).padStart(2)}) ${name}`).join('\n')}\n`,
    )
    return 0
  }
  let signal = 15
  if (words[0]?.startsWith('-') && words[0] !== '--') {
    const separate = words[0] === '-s'
    if (separate) words.shift()
    const word = separate ? (words[0] ?? '') : words[0].slice(1)
    const number = /^\d+$/.test(word) ? Number(word) : signals.get(word.replace(/^SIG/, '').toUpperCase())
    if (number === undefined) {
      await process.stderr.write(`kill: bad signal name '${word}'\n`)
      return 1
    }
    signal = number
    words.shift()
  }
  if (words[0] === '--') words.shift()
  if (words.length === 0) {
    await process.stderr.write('kill: you need to specify whom to kill\n')
    return 1
  }
  let status = 0
  for (const word of words) {
    if (!/^-?\d{1,9}$/.test(word)) {
      await process.stderr.write(`kill: invalid number '${word}'\n`)
      status = 1
      continue
    }
    const refused = process.host.processes.signal(Math.abs(Number(word)), signal, process.who)
    if (refused === undefined) continue
    status = 1
    await process.stderr.write(
      `kill: can't kill pid ${word}: ${refused === 'ESRCH' ? 'No such process' : 'Operation not permitted'}\n`,
    )
  }
  return status
}

/** pwd. */
export const pwd: Program = async process => {
  await process.stdout.write(`${process.cwd}\n`)
  return 0
}

/** whoami: the name of the effective user. */
export const whoami: Program = async process => {
  const { accounts } = await import('../../accounts.ts')
  const own = accounts(process.fs).find(({ uid }) => uid === process.who.uid)
  await process.stdout.write(`${own?.name ?? process.who.uid}\n`)
  return 0
}
