import {
  type Call,
  givenIn,
  isJob,
  jobOf,
  meant,
  NAME,
  names,
  owned,
  type Reply,
  Status,
  textOf,
  unknownPrinter,
} from './call.ts'
import { closedOf, type Job, State } from './jobs.ts'
import { Group, type Received, tags } from './message.ts'

/** What may be done with jobs that are there (RFC 3998, RFC 3380, CUPS' own): their owner may, whoever says to be that. */

const ok: Reply = { status: Status.Ok }
const notPossible = (says: string): Reply => ({ status: Status.NotPossible, says })
const over = ({ id }: Job): Reply => notPossible(`Job #${id} is finished and cannot be altered.`)
const isOver = ({ state }: Job): boolean => state === State.Canceled
const latin = (values: readonly Buffer[]): string => values[0]?.toString('latin1').slice(0, NAME) ?? ''

/** Does `what` with the job that is meant, if it is its owner who asks. */
const withOwn =
  (what: (job: Job, call: Call) => Reply) =>
  (call: Call): Reply => {
    const job = jobOf(call)
    if (!isJob(job)) return job
    return owned(call, job) ? what(job, call) : 'log in'
  }

export const holdJob = withOwn((job, { request }) => {
  if (isOver(job)) return over(job)
  job.hold = textOf(request, 'job-hold-until')?.slice(0, NAME) ?? 'indefinite'
  job.state = State.Held
  return ok
})

export const releaseJob = withOwn(job => {
  if (job.state !== State.Held) return notPossible(`Job #${job.id} is not held.`)
  job.hold = 'no-hold'
  job.state = State.Pending
  return ok
})

export const restartJob = withOwn(job => {
  if (!isOver(job)) return notPossible(`Job #${job.id} is not complete.`)
  if (job.documents === 0) return notPossible(`Job #${job.id} cannot be restarted - no files.`)
  job.state = State.Pending
  delete job.endedAt
  return ok
})

/** What a job has from the server; besides these, all that begins with `date-time-at-` and `time-at-`. */
const fixed = new Set([
  'attributes-charset',
  'attributes-natural-language',
  'job-id',
  'job-k-octets',
  'job-originating-host-name',
  'job-originating-user-name',
  'job-printer-up-time',
  'job-printer-uri',
  'job-sheets',
  'job-state-message',
  'job-state-reasons',
  'job-uri',
  'number-of-documents',
])

export const setJobAttributes = withOwn((job, { request }) => {
  if (isOver(job)) return over(job)
  const given = givenIn(request, Group.Job)
  const refused = given.find(({ name }) => fixed.has(name) || /^(?:date-)?time-at-/.test(name))
  if (refused) {
    const { name, values } = refused
    return {
      status: Status.NotSettable,
      says: `${name.slice(0, NAME)} cannot be changed.`,
      groups: [[Group.Unsupported, [[name.slice(0, NAME), 'name', latin(values)]]]],
    }
  }
  for (const { name, tag, values } of given) {
    if (name === 'job-name') Object.assign(job, { name: latin(values), renamed: true })
    if (name === 'job-priority' && tag === tags.integer && values[0]?.length === 4) job.priority = priorityOf(values[0])
    if (name === 'job-hold-until') {
      job.hold = latin(values)
      job.state = job.hold === 'no-hold' ? State.Pending : State.Held
    }
  }
  return ok
})
const priorityOf = (bytes: Buffer): number => Math.min(100, Math.max(1, bytes.readInt32BE()))

/** What was to be of several documents is whole; it goes on saying that more are coming. */
export function closeJob(call: Call): Reply {
  if (textOf(call.request, 'printer-uri') === undefined)
    return { status: Status.BadRequest, says: "Close-Job doesn't support the job-uri attribute." }
  return closeOwn(call)
}
const closeOwn = withOwn((job, { server }) => {
  if (job.incoming && job.state === State.Held) job.state = State.Pending
  return { status: Status.Ok, groups: [[Group.Job, closedOf(job, server)]] }
})

export function authenticateJob(call: Call): Reply {
  const job = jobOf(call)
  return isJob(job) ? notPossible(`Job #${job.id} is not held for authentication.`) : job
}

export function moveJob(call: Call): Reply {
  const target = givenIn(call.request, Group.Job).find(({ name }) => name === 'job-printer-uri')
  if (!target) return { status: Status.BadRequest, says: 'job-printer-uri attribute missing.' }
  if (!names(latin(target.values), call.printer)) return unknownPrinter
  return moveOwn(call)
}
const moveOwn = withOwn(job => (isOver(job) ? over(job) : ok))

export const cancelMyJobs = (call: Call): Reply => (meant(call) ? 'log in' : unknownPrinter)

const settable = [
  'printer-geo-location',
  'printer-info',
  'printer-location',
  'printer-organization',
  'printer-organizational-unit',
]

/** Anybody may give a printer a new description, by the policy that CUPS comes with. */
export function setPrinterAttributes(call: Call): Reply {
  if (!meant(call)) return unknownPrinter
  const given = givenIn(call.request, Group.Printer).concat(givenIn(call.request, Group.Job))
  const said = (name: string): Received | undefined => given.findLast(each => each.name === name)
  const [info, location] = [said('printer-info'), said('printer-location')]
  call.queue.described = {
    ...call.queue.described,
    ...(info ? { info: latin(info.values) } : {}),
    ...(location ? { location: latin(location.values) } : {}),
  }
  return ok
}

export function supportedValues(call: Call): Reply {
  if (!meant(call)) return unknownPrinter
  return { status: Status.Ok, groups: [[Group.Printer, settable.map(name => [name, 'admin'] as const)]] }
}
