import { errorText } from '../../errors.ts'
import { SystemError } from '../../system.ts'
import { controlsJobs, foregrounded, goOn } from '../foreground.ts'
import { findJob, isStopped, jobLine } from '../jobs.ts'
import { quoted } from '../quote.ts'
import { complain, type Job, type Shell, write } from '../state.ts'
import { runPendingTraps, SIGNALS, signalName } from '../traps.ts'
import { pause } from '../world.ts'
import type { Builtin } from './index.ts'
import { emit } from './print.ts'

/** Waits for the job, or for a trapped signal. */
const finished = async (sh: Shell, job: { finished: Promise<number> }): Promise<number> => {
  let over = false
  const signalled = pause(sh.world, sh.wakeups).then(
    () => (over ? 0 : 128 + Number(sh.signals[0] ?? 0)),
    error => {
      if (over) return 0
      throw error
    },
  )
  const status = await Promise.race([job.finished, signalled])
  over = true
  if (sh.signals.length > 0) await runPendingTraps(sh)
  return status
}

const wait: Builtin = async (sh, args) => {
  const words = args.filter(word => !/^-[fnp]/.test(word))
  if (words.length === 0) {
    const next = args.includes('-n')
    const jobs = sh.jobs.filter(job => !job.told)
    if (next) {
      if (jobs.length === 0) return 127
      const first = await Promise.race(jobs.map(async job => ({ job, status: await finished(sh, job) })))
      first.job.told = true
      return first.status
    }
    for (const job of jobs) {
      await finished(sh, job)
      job.told = true
    }
    sh.jobs = []
    return 0
  }
  let status = 0
  for (const word of words) {
    const job = findJob(sh, word)
    if (!/^(%|[0-9]+$)/.test(word)) {
      await complain(sh, `wait: \`${word}': not a pid or valid job spec`)
      status = 1
    } else if (!job) {
      if (sh.flavour === 'bash')
        await complain(
          sh,
          word.startsWith('%') ? `wait: ${word}: no such job` : `wait: pid ${word} is not a child of this shell`,
        )
      status = 127
    } else {
      status = await finished(sh, job)
      job.told = true
    }
  }
  return status
}

const jobs: Builtin = async (sh, args) => {
  const pids = args.includes('-p')
  const text = sh.jobs
    .filter(
      job =>
        !job.told &&
        !(args.includes('-r') && (job.done || isStopped(job))) &&
        !(args.includes('-s') && !isStopped(job)),
    )
    .map(job => (pids ? `${job.pid}\n` : jobLine(sh, job, args.includes('-l'))))
    .join('')
  for (const job of sh.jobs) if (job.done) job.told = true
  return emit(sh, 'jobs', text)
}

const USAGE = 'kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]'

const kill: Builtin = async (sh, args) => {
  let signal = 'TERM'
  let rest = args
  if (args[0] === '-l' || args[0] === '-L') return listSignals(sh, args.slice(1))
  if (args[0] === '-s' || args[0] === '-n') {
    signal = args[1] ?? ''
    rest = args.slice(2)
  } else if (args[0] !== '--' && args[0]?.startsWith('-') && args[0].length > 1) {
    signal = args[0].slice(1)
    rest = args.slice(1)
  } else if (args[0] === '--') rest = args.slice(1)
  const name = signalName(signal)
  if (name === undefined) {
    await complain(sh, `kill: ${signal}: invalid signal specification`)
    return 1
  }
  if (rest.length === 0) {
    if (sh.ash) await complain(sh, 'you need to specify whom to kill')
    else await write(sh, 2, `${USAGE}\n`)
    return sh.ash ? 1 : 2
  }
  const number = SIGNALS.indexOf(name)
  let status = 0
  for (const word of rest) status = (await send(sh, word, number)) || status
  if (sh.signals.length > 0) await runPendingTraps(sh)
  return status
}

const send = async (sh: Shell, word: string, signal: number): Promise<number> => {
  const job = word.startsWith('%') ? findJob(sh, word) : undefined
  if (word.startsWith('%') && !job) {
    await complain(sh, `kill: ${word}: no such job`)
    return 1
  }
  if (!job && !/^-?[0-9]+$/.test(word)) {
    await complain(sh, `kill: ${word}: arguments must be process or job IDs`)
    return 1
  }
  if (job?.group) return sendToGroup(sh, job, signal)
  const pid = job?.pid ?? Number(word)
  // A negative number is a process group: the one that its leader gave its number.
  const refused = sh.world.process.host.processes.signal(Math.abs(pid), signal, sh.who)
  if (!refused) return 0
  const why = errorText(new SystemError(refused))
  if (sh.ash) await complain(sh, `can't kill pid ${pid}: ${why}`)
  else await complain(sh, sh.flavour === 'sh' ? `kill: ${why}\n` : `kill: (${pid}) - ${why}`)
  return 1
}

const SIGCONT = 18
const SIGTSTP = 20

/** A signal to all of a job; one that is stopped goes on to hear it. */
const sendToGroup = async (sh: Shell, job: Job, signal: number): Promise<number> => {
  const { group } = job
  if (!group || job.done) return 0
  if (signal === 19 || signal === SIGTSTP) group.signal(SIGTSTP)
  else if (signal === SIGCONT) goOn(group)
  else {
    if (isStopped(job) && sh.mode === 'interactive') await write(sh, 2, `\n${jobLine(sh, job)}`)
    group.signal(signal)
    goOn(group)
  }
  return 0
}

const listSignals = async (sh: Shell, words: string[]): Promise<number> => {
  if (words.length === 0 && sh.ash) {
    const row = (name: string, i: number) => `${String(i + 1).padStart(2)}) ${name === 'IO' ? 'POLL' : name}\n`
    return emit(sh, 'kill', SIGNALS.slice(1).map(row).join(''))
  }
  if (words.length === 0) {
    const cells = SIGNALS.slice(1).map((name, i) => `${String(i + 1).padStart(2)}) SIG${name}`)
    const rows = Array.from({ length: Math.ceil(cells.length / 5) }, (_, row) =>
      cells.slice(row * 5, row * 5 + 5).join('\t'),
    )
    return emit(sh, 'kill', `${rows.join('\n')}\n`)
  }
  for (const word of words) {
    const name = /^[0-9]+$/.test(word) ? SIGNALS[Number(word) & 127] : signalName(word)
    if (name === undefined) {
      await complain(sh, `kill: ${word}: invalid signal specification`)
      return 1
    }
    await emit(sh, 'kill', /^[0-9]+$/.test(word) ? `${name}\n` : `${SIGNALS.indexOf(name)}\n`)
  }
  return 0
}

const trap: Builtin = async (sh, args) => {
  const words = args[0] === '--' ? args.slice(1) : args
  if (words[0] === '-l') return listSignals(sh, [])
  if (words.length === 0 || words[0] === '-p') {
    const wanted = words.slice(1).map(word => signalName(word))
    const order = (name: string) => (SIGNALS.includes(name) ? SIGNALS.indexOf(name) : 100)
    const lines = [...sh.traps]
      .filter(([name]) => wanted.length === 0 || wanted.includes(name))
      .sort(([a], [b]) => order(a) - order(b))
    return emit(
      sh,
      'trap',
      lines
        .map(
          ([name, action]) =>
            `trap -- ${quoted(action)} ${/^(EXIT|ERR|DEBUG|RETURN)$/.test(name) || sh.flavour === 'sh' ? name : `SIG${name}`}\n`,
        )
        .join(''),
    )
  }
  const reset = words[0] === '-' || words.length === 1 || /^[0-9]+$/.test(words[0]!)
  const action = words[0]!
  const names = reset && words[0] !== '-' ? words : words.slice(1)
  let status = 0
  for (const word of names) {
    const name = signalName(word)
    if (name === undefined) {
      if (sh.ash) await complain(sh, `trap: ${word}: invalid signal specification`)
      else if (sh.flavour === 'sh')
        await write(
          sh,
          2,
          `trap: ${word}: bad trap
`,
        )
      else await complain(sh, `trap: ${word}: invalid signal specification`)
      status = 1
    } else if (reset) sh.traps.delete(name)
    else sh.traps.set(name, action)
  }
  return status
}

const bring: Builtin = async (sh, args, name) => {
  if (sh.mode !== 'interactive') {
    await complain(sh, sh.flavour === 'sh' ? `${name}: No current job` : `${name}: no job control`)
    return sh.flavour === 'sh' ? 2 : 1
  }
  const job = findJob(sh, jobName(args[0]))
  if (!job || job.done) {
    await complain(sh, `${name}: ${args[0] ?? 'current'}: no such job`)
    return 1
  }
  if (name === 'bg') {
    if (!isStopped(job)) {
      await complain(sh, `bg: job ${job.id} already in background`)
      return 0
    }
    await emit(sh, name, `[${job.id}]${jobLine(sh, job)[`[${job.id}]`.length]} ${job.command} &\n`)
    if (job.group) goOn(job.group)
    return 0
  }
  await emit(sh, name, `${job.command}\n`)
  return toForeground(sh, job)
}

/** A number alone names a job here. */
const jobName = (word: string | undefined): string =>
  word === undefined ? '%+' : word.startsWith('%') ? word : `%${word}`

const toForeground = async (sh: Shell, job: Job): Promise<number> => {
  const { group } = job
  const { terminal } = sh.world.process
  if (!group || !terminal || !controlsJobs(sh)) {
    const status = await finished(sh, job)
    job.told = true
    return status
  }
  // What was started behind now hears the terminal; the line's own group has nothing to hear.
  sh.group = group
  if (job.termios) terminal.termios = job.termios
  terminal.foreground = group
  goOn(group)
  const status = await foregrounded(sh, job.finished, job.command)
  job.told = true
  sh.jobs = sh.jobs.filter(one => one !== job)
  return status
}

/** `disown`: jobs that the shell forgets. */
const disown: Builtin = async (sh, args) => {
  const words = args.filter(word => !word.startsWith('-'))
  if (args.some(word => /^-[^-]*[ar]/.test(word)) && words.length === 0) {
    sh.jobs = []
    return 0
  }
  let status = 0
  for (const word of words.length > 0 ? words : [undefined]) {
    const job = findJob(sh, word ?? '%+')
    if (job) sh.jobs = sh.jobs.filter(one => one !== job)
    else {
      await complain(sh, `disown: ${word ?? 'current'}: no such job`)
      status = 1
    }
  }
  return status
}

const suspend: Builtin = async sh => {
  if (sh.mode === 'interactive' && !sh.login) return 0
  await complain(sh, `suspend: cannot suspend${sh.mode === 'interactive' ? ' a login shell' : ': no job control'}`)
  return 1
}

export const jobControl: [string, Builtin][] = [
  ['wait', wait],
  ['jobs', jobs],
  ['kill', kill],
  ['trap', trap],
  ['fg', bring],
  ['bg', bring],
  ['disown', disown],
  ['suspend', suspend],
]
