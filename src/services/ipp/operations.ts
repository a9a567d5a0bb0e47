import { text } from '#events/text.ts'
import type { TcpContext } from '#sensor/service.ts'
import {
  type Call,
  firstOf,
  isJob,
  jobOf,
  meant,
  missing,
  NAME,
  owned,
  type Reply,
  Status,
  textOf,
  unknownPrinter,
  userOf,
} from './call.ts'
import { getDriverOf, getDrivers } from './drivers.ts'
import { formatOf, type Job, attributesOf as jobAttributes, madeOf, type Queue, State } from './jobs.ts'
import {
  authenticateJob,
  cancelMyJobs,
  closeJob,
  holdJob,
  moveJob,
  releaseJob,
  restartJob,
  setJobAttributes,
  setPrinterAttributes,
  supportedValues,
} from './manage.ts'
import { type Attribute, Group, type Groups, type Request } from './message.ts'
import { operationNames } from './names.ts'
import type { Options } from './options.ts'
import { attributesOf, type Printer, printerOf } from './printer.ts'
import { createSubscriptions, getNotifications, getSubscriptions, noSubscription } from './subscriptions.ts'

/** Jobs of one attacker that are remembered. */
const JOBS = 200

type Handler = (call: Call) => Reply | Promise<Reply>
const logIn: Handler = () => 'log in'
/** What is carried out, by number (RFC 8011 §5.4.15, and CUPS' own). Whatever changes the server needs a log-in. */
const operations = new Map<number, Handler>([
  [0x02, printJob],
  [0x04, call => checked(call) ?? { status: Status.Ok }],
  [0x05, createJob],
  [0x06, sendDocument],
  [0x08, cancelJob],
  [0x09, getJobAttributes],
  [0x0a, getJobs],
  [0x0b, getPrinterAttributes],
  [0x0c, holdJob],
  [0x0d, releaseJob],
  [0x0e, restartJob],
  [0x10, logIn],
  [0x11, logIn],
  [0x12, logIn],
  [0x13, setPrinterAttributes],
  [0x14, setJobAttributes],
  [0x15, supportedValues],
  [0x16, createSubscriptions],
  [0x17, logIn],
  [0x18, noSubscription],
  [0x19, getSubscriptions],
  [0x1a, noSubscription],
  [0x1b, noSubscription],
  [0x1c, getNotifications],
  [0x22, logIn],
  [0x23, logIn],
  [0x25, logIn],
  [0x26, logIn],
  [0x38, logIn],
  [0x39, cancelMyJobs],
  [0x3b, closeJob],
  [0x4001, call => printers(call)],
  [0x4002, call => printers(call)],
  [0x4003, logIn],
  [0x4004, logIn],
  [0x4005, () => ({ status: Status.Ok })],
  [0x4006, logIn],
  [0x4007, logIn],
  [0x4008, logIn],
  [0x4009, logIn],
  [0x400a, logIn],
  [0x400b, logIn],
  [0x400c, getDrivers],
  [0x400d, moveJob],
  [0x400e, authenticateJob],
  [0x400f, getDriverOf],
  [0x4027, logIn],
  [0x4028, () => missing],
])
const withoutUri = new Set([0x4001, 0x4002, 0x4005, 0x400b, 0x400c])

export const nameOf = (operation: number): string =>
  operationNames.get(operation) ?? `0x${operation.toString(16).padStart(4, '0')}`

/** ipp.c: cupsdProcessIPPRequest, with its checks in their order. */
export async function carryOut(call: Call): Promise<Reply> {
  const { request, cx } = call
  const { major, minor, operation, id, groups } = request
  cx.record.command({ line: shown(request), verb: nameOf(operation) })
  if (major < 1 || major > 2)
    return { status: Status.VersionUnsupported, says: `Bad request version number ${major}.${minor}.` }
  if (id <= 0) return { status: Status.BadRequest, says: `Bad request ID ${id}.` }
  const attributes = groups.flatMap(group => group.attributes)
  if (attributes.length === 0) return { status: Status.BadRequest, says: 'No attributes in request.' }
  const [charset, language] = attributes
  if (charset?.name !== 'attributes-charset' || language?.name !== 'attributes-natural-language') return missing
  const set = charset.values[0]?.toString('latin1') ?? ''
  if (!/^(?:utf-8|us-ascii)$/i.test(set))
    return { status: Status.CharsetUnsupported, says: `Unsupported character set "${set}".` }
  const uri = textOf(request, 'printer-uri') ?? textOf(request, 'job-uri')
  if (uri === undefined && !withoutUri.has(operation)) return missing
  const handle = operations.get(operation)
  if (!handle) return { status: Status.OperationUnsupported, says: `${nameOf(operation)} not supported.` }
  return handle(call)
}

/** The operation as one line: names and values as far as they are text. */
function shown(request: Request): string {
  const rows = request.groups.flatMap(({ attributes }) =>
    attributes.map(({ name, tag, values }) => {
      const all = values.map(value => (tag >= 0x40 ? value.toString('latin1') : value.toString('hex')))
      return `${name}=${all.join(',')}`
    }),
  )
  const line = [nameOf(request.operation), ...rows.filter(row => !row.startsWith('attributes-'))].join(' ')
  return text(Buffer.from(line, 'latin1'), 4096)
}

/** What was asked for of these attributes. */
function wanted({ request }: Call, attributes: readonly Attribute[], otherwise?: readonly string[]): Attribute[] {
  const asked = request.groups
    .find(({ group }) => group === Group.Operation)
    ?.attributes.find(({ name }) => name === 'requested-attributes')
    ?.values.map(value => value.toString('latin1'))
  const names = new Set(asked ?? otherwise ?? ['all'])
  if (names.has('all') || names.has('printer-description') || names.has('job-description')) return [...attributes]
  return attributes.filter(([name]) => names.has(name))
}

const ofPrinter = ({ printer, server, now, queue, cx }: Call): Attribute[] =>
  attributesOf(printer, {
    server,
    now,
    jobs: queue.jobs.filter(({ state }) => state !== State.Canceled).length,
    version: cx.persona.software.cups.version,
    octets: Math.floor(cx.persona.disk / 1024),
  })

const some = (group: number, attributes: readonly Attribute[]): Groups =>
  attributes.length === 0 ? [] : [[group, attributes]]

function getPrinterAttributes(call: Call): Reply {
  return meant(call) ? printers(call) : unknownPrinter
}
const printers = (call: Call): Reply => ({
  status: Status.Ok,
  groups: some(Group.Printer, wanted(call, ofPrinter(call))),
})

/** What stands against a new job. */
function checked(call: Call): Reply | undefined {
  if (!meant(call)) return unknownPrinter
  const format = textOf(call.request, 'document-format')
  const taken = ofPrinter(call).find(([name]) => name === 'document-format-supported')!
  if (format === undefined || taken.includes(format.toLowerCase())) return undefined
  return {
    status: Status.FormatUnsupported,
    says: `Unsupported document-format "${format}".`,
    groups: [[Group.Unsupported, [['document-format', 'mime', format]]]],
  }
}

function newJob({ cx, request, queue, now }: Call): Job {
  const hex = cx.random(16).toString('hex')
  const job: Job = {
    id: queue.next++,
    name: textOf(request, 'job-name')?.slice(0, NAME) ?? 'Untitled',
    user: userOf(request),
    host: cx.source.ip,
    createdAt: now,
    format: 'application/octet-stream',
    bytes: 0,
    documents: 0,
    uuid: `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-3${hex.slice(13, 16)}-6${hex.slice(17, 20)}-${hex.slice(20)}`,
    state: State.Pending,
    incoming: false,
    hold: 'no-hold',
    priority: 50,
  }
  queue.jobs.push(job)
  if (queue.jobs.length > JOBS) queue.jobs.shift()
  return job
}

/** Keeps what follows the attributes as a sample. */
async function keepDocument({ cx, body, printer }: Call, job: Job): Promise<void> {
  const writer = cx.sample()
  let start: Buffer | undefined
  let bytes = 0
  let whole = false
  try {
    for (let piece = await body.some(); piece; piece = await body.some()) {
      start ??= Buffer.from(piece.subarray(0, 64))
      bytes += piece.length
      await writer.write(piece)
    }
    whole = true
  } finally {
    if (bytes === 0) await writer.abort()
    else
      cx.record.fileUpload({
        path: text(Buffer.from(`${printer.name}/${job.id}/${job.name}`, 'latin1')),
        sample: await writer.close(),
        fate: whole ? 'sent' : 'lost',
      })
  }
  if (bytes === 0) return
  job.documents++
  job.bytes += bytes
  job.format = formatOf(start!)
}

async function printJob(call: Call): Promise<Reply> {
  const refused = checked(call)
  if (refused) return refused
  const job = newJob(call)
  await keepDocument(call, job)
  return { status: Status.Ok, groups: [[Group.Job, madeOf(job, call.server, true)]] }
}

function createJob(call: Call): Reply {
  const refused = checked(call)
  if (refused) return refused
  const job = newJob(call)
  job.incoming = true
  job.state = State.Held
  return { status: Status.Ok, groups: [[Group.Job, madeOf(job, call.server, true)]] }
}

async function sendDocument(call: Call): Promise<Reply> {
  const job = jobOf(call)
  if (!isJob(job)) return job
  if (!owned(call, job)) return 'log in'
  await keepDocument(call, job)
  if (firstOf(call.request, 'last-document')?.[0] === 1) {
    job.incoming = false
    job.state = State.Pending
  }
  return { status: Status.Ok, groups: [[Group.Job, madeOf(job, call.server, false)]] }
}

function cancelJob(call: Call): Reply {
  const job = jobOf(call)
  if (!isJob(job)) return job
  if (!owned(call, job)) return 'log in'
  if (job.state === State.Canceled)
    return { status: Status.NotPossible, says: `Job #${job.id} is already canceled - can't cancel.` }
  job.state = State.Canceled
  job.incoming = false
  job.endedAt = call.now
  return { status: Status.Ok }
}

function getJobAttributes(call: Call): Reply {
  const job = jobOf(call)
  if (!isJob(job)) return job
  return { status: Status.Ok, groups: some(Group.Job, wanted(call, jobAttributes(job, call.printer, call))) }
}

const which = new Map<string, (job: Job) => boolean>([
  ['not-completed', ({ state }) => state !== State.Canceled],
  ['completed', ({ state }) => state === State.Canceled],
  ['canceled', ({ state }) => state === State.Canceled],
  ['all', () => true],
  ['pending', ({ state }) => state === State.Pending],
  ['pending-held', ({ state }) => state === State.Held],
  ['aborted', () => false],
  ['processing', () => false],
  ['processing-stopped', () => false],
])

function getJobs(call: Call): Reply {
  const { request, queue, printer } = call
  const uri = textOf(request, 'printer-uri') ?? ''
  if (!meant(call) && !/^[a-z]+:\/\/[^/]*\/?(?:jobs\/?|printers\/?)?$/.test(uri)) return unknownPrinter
  const asked = textOf(request, 'which-jobs') ?? 'not-completed'
  const fits = which.get(asked)
  if (!fits)
    return {
      status: Status.ValuesUnsupported,
      says: `The which-jobs value "${asked}" is not supported.`,
      groups: [[Group.Unsupported, [['which-jobs', 'keyword', asked]]]],
    }
  const groups = queue.jobs
    .filter(fits)
    .flatMap(job => some(Group.Job, wanted(call, jobAttributes(job, printer, call), ['job-id', 'job-uri'])))
  return { status: Status.Ok, groups }
}

/** The printer that this attacker finds, as they have named it, and the queue that they left. */
export function printerFor(cx: TcpContext<Options>): { printer: Printer; queue: Queue } {
  const first = 1 + (cx.persona.derive('ipp jobs', 2).readUInt16BE() % 900)
  const queue = cx.attacker<Queue>(() => ({ next: first, jobs: [] }))
  return { printer: { ...printerOf(cx.persona), ...queue.described }, queue }
}
