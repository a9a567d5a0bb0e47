import { text } from '#events/text.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Body } from './http.ts'
import { formatOf, type Job, attributesOf as jobAttributes, madeOf, type Queue, State } from './jobs.ts'
import { type Attribute, Group, type Groups, type Request, tags } from './message.ts'
import type { Options } from './options.ts'
import { attributesOf, type Printer, printerOf } from './printer.ts'

/** An operation under way. `server`: name and port that the client called. */
export type Call = {
  cx: TcpContext<Options>
  request: Request
  body: Body
  queue: Queue
  printer: Printer
  server: string
  /** Milliseconds since the epoch, as the machine's clock shows it. */
  now: number
}
/** A status of RFC 8011 §B with what is said of it, groups behind; or what a log-in is needed for. */
export type Reply = { status: number; says?: string; groups?: Groups } | 'log in'

/** RFC 8011 §B.1. */
const Status = {
  Ok: 0,
  BadRequest: 0x400,
  NotPossible: 0x404,
  NotFound: 0x406,
  FormatUnsupported: 0x40a,
  ValuesUnsupported: 0x40b,
  CharsetUnsupported: 0x40d,
  OperationUnsupported: 0x501,
  VersionUnsupported: 0x503,
} as const

/** Jobs of one attacker that are remembered, and bytes of a name (RFC 8011 §5.1.3). */
const JOBS = 200
const NAME = 255

type Handler = (call: Call) => Reply | Promise<Reply>
/** Operations by number: RFC 8011 §5.4.15, and CUPS' own. Whatever changes the server needs a log-in. */
const operations = new Map<number, readonly [name: string, handle?: Handler]>([
  [0x02, ['Print-Job', printJob]],
  [0x03, ['Print-URI']],
  [0x04, ['Validate-Job', call => checked(call) ?? { status: Status.Ok }]],
  [0x05, ['Create-Job', createJob]],
  [0x06, ['Send-Document', sendDocument]],
  [0x08, ['Cancel-Job', cancelJob]],
  [0x09, ['Get-Job-Attributes', getJobAttributes]],
  [0x0a, ['Get-Jobs', getJobs]],
  [0x0b, ['Get-Printer-Attributes', getPrinterAttributes]],
  [0x10, ['Pause-Printer', () => 'log in']],
  [0x11, ['Resume-Printer', () => 'log in']],
  [0x12, ['Purge-Jobs', () => 'log in']],
  [0x4001, ['CUPS-Get-Default', call => printers(call)]],
  [0x4002, ['CUPS-Get-Printers', call => printers(call)]],
  [0x4003, ['CUPS-Add-Modify-Printer', () => 'log in']],
  [0x4004, ['CUPS-Delete-Printer', () => 'log in']],
  [0x4005, ['CUPS-Get-Classes', () => ({ status: Status.Ok })]],
  [0x4006, ['CUPS-Add-Modify-Class', () => 'log in']],
  [0x4007, ['CUPS-Delete-Class', () => 'log in']],
  [0x4008, ['CUPS-Accept-Jobs', () => 'log in']],
  [0x4009, ['CUPS-Reject-Jobs', () => 'log in']],
  [0x400a, ['CUPS-Set-Default', () => 'log in']],
  [0x400b, ['CUPS-Get-Devices', () => 'log in']],
])
const withoutUri = new Set([0x4001, 0x4002, 0x4005, 0x400b])

export const nameOf = (operation: number): string =>
  operations.get(operation)?.[0] ?? `0x${operation.toString(16).padStart(4, '0')}`

const firstOf = ({ groups }: Request, name: string, tag?: number): Buffer | undefined =>
  groups
    .find(({ group }) => group === Group.Operation)
    ?.attributes.find(one => one.name === name && (tag === undefined || one.tag === tag))?.values[0]
const textOf = (request: Request, name: string): string | undefined => firstOf(request, name)?.toString('latin1')

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
  if (charset?.name !== 'attributes-charset' || language?.name !== 'attributes-natural-language')
    return { status: Status.BadRequest, says: 'Missing required attributes.' }
  const set = charset.values[0]?.toString('latin1') ?? ''
  if (!/^(?:utf-8|us-ascii)$/i.test(set))
    return { status: Status.CharsetUnsupported, says: `Unsupported character set "${set}".` }
  const uri = textOf(request, 'printer-uri') ?? textOf(request, 'job-uri')
  if (uri === undefined && !withoutUri.has(operation))
    return { status: Status.BadRequest, says: 'Missing required attributes.' }
  const handle = operations.get(operation)?.[1]
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

const unknownPrinter: Reply = { status: Status.NotFound, says: 'The printer or class does not exist.' }

/** A URI's path names the one queue. */
const meant = ({ request, printer }: Call): boolean => {
  const uri = textOf(request, 'printer-uri') ?? ''
  return uri.replace(/^[a-z]+:\/\/[^/]*/, '') === `/printers/${printer.name}`
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

const userOf = (request: Request): string => textOf(request, 'requesting-user-name')?.slice(0, NAME) ?? 'anonymous'

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

/** The job that is meant, by its URI or by its number. */
function jobOf({ request, queue }: Call): Job | Reply {
  const number = firstOf(request, 'job-id', tags.integer)
  const byUri = /\/jobs\/(\d{1,9})$/.exec(textOf(request, 'job-uri') ?? '')?.[1]
  const id = number?.length === 4 ? number.readInt32BE() : byUri === undefined ? undefined : Number(byUri)
  if (id === undefined) return { status: Status.BadRequest, says: 'Missing required attributes.' }
  return queue.jobs.find(job => job.id === id) ?? { status: Status.NotFound, says: `Job #${id} does not exist.` }
}
const isJob = (found: Job | Reply): found is Job => typeof found === 'object' && 'documents' in found
const owned = ({ request }: Call, job: Job): boolean => userOf(request) === job.user

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

/** The printer that this attacker finds, and the queue that it left. */
export const printerFor = (cx: TcpContext<Options>): { printer: Printer; queue: Queue } => ({
  printer: printerOf(cx.persona),
  queue: cx.attacker<Queue>(() => ({ next: 1 + (cx.persona.derive('ipp jobs', 2).readUInt16BE() % 900), jobs: [] })),
})
