import type { TcpContext } from '#sensor/service.ts'
import type { Body } from './http.ts'
import type { Job, Queue } from './jobs.ts'
import { Group, type Groups, type Received, type Request, tags } from './message.ts'
import type { Options } from './options.ts'
import type { Printer } from './printer.ts'

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
/**
 * A status of RFC 8011 §B with what is said of it, groups behind; or what a log-in is needed for. `program`: CUPS leaves the answer
 * to a program of its own, which speaks IPP 1.1 and the machine's language, in pieces.
 */
export type Reply = { status: number; says?: string; groups?: Groups; program?: boolean } | 'log in'

/** RFC 8011 §B.1. */
export const Status = {
  Ok: 0,
  BadRequest: 0x400,
  NotPossible: 0x404,
  NotFound: 0x406,
  FormatUnsupported: 0x40a,
  ValuesUnsupported: 0x40b,
  CharsetUnsupported: 0x40d,
  NotSettable: 0x413,
  TooManySubscriptions: 0x415,
  OperationUnsupported: 0x501,
  VersionUnsupported: 0x503,
} as const

/** Bytes of a name (RFC 8011 §5.1.3). */
export const NAME = 255

export const firstOf = ({ groups }: Request, name: string, tag?: number): Buffer | undefined =>
  groups
    .find(({ group }) => group === Group.Operation)
    ?.attributes.find(one => one.name === name && (tag === undefined || one.tag === tag))?.values[0]
export const textOf = (request: Request, name: string): string | undefined => firstOf(request, name)?.toString('latin1')

/** What a request says of the job or the printer itself. */
export const givenIn = ({ groups }: Request, group: number): Received[] =>
  groups.filter(each => each.group === group).flatMap(({ attributes }) => attributes)

export const userOf = (request: Request): string =>
  textOf(request, 'requesting-user-name')?.slice(0, NAME) ?? 'anonymous'

export const missing: Reply = { status: Status.BadRequest, says: 'Missing required attributes.' }
export const unknownPrinter: Reply = { status: Status.NotFound, says: 'The printer or class does not exist.' }

/** Whether a URI's path names the one queue. */
export const names = (uri: string, printer: Printer): boolean =>
  uri.replace(/^[a-z]+:\/\/[^/]*/, '') === `/printers/${printer.name}`
export const meant = ({ request, printer }: Call): boolean => names(textOf(request, 'printer-uri') ?? '', printer)

/** The job that is meant, by its URI or by its number. */
export function jobOf({ request, queue }: Call): Job | Reply {
  const number = firstOf(request, 'job-id', tags.integer)
  const byUri = /\/jobs\/(\d{1,9})$/.exec(textOf(request, 'job-uri') ?? '')?.[1]
  const id = number?.length === 4 ? number.readInt32BE() : byUri === undefined ? undefined : Number(byUri)
  if (id === undefined) return missing
  return queue.jobs.find(job => job.id === id) ?? { status: Status.NotFound, says: `Job #${id} does not exist.` }
}
export const isJob = (found: Job | Reply): found is Job => typeof found === 'object' && 'documents' in found
export const owned = ({ request }: Call, job: Job): boolean => userOf(request) === job.user
