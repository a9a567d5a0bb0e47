import type { Attribute } from './message.ts'
import type { Printer } from './printer.ts'

/** RFC 8011 §5.3.7. */
export const State = { Pending: 3, Held: 4, Canceled: 7 } as const
export type Job = {
  id: number
  name: string
  /** The name came later than the rest, and stands behind it. */
  renamed?: boolean
  user: string
  host: string
  /** Milliseconds since the epoch. */
  createdAt: number
  endedAt?: number
  format: string
  bytes: number
  documents: number
  uuid: string
  state: (typeof State)[keyof typeof State]
  /** More documents are announced. */
  incoming: boolean
  /** Until when it is held (RFC 8011 §5.2.2). */
  hold: string
  priority: number
}
/** What one attacker has left in the queue, and what they have called the printer. */
export type Queue = { next: number; jobs: Job[]; described?: { info?: string; location?: string } }

function reasonOf({ incoming, state }: Job): string {
  if (incoming) return 'job-incoming'
  if (state === State.Canceled) return 'job-canceled-by-user'
  return state === State.Held ? 'job-hold-until-specified' : 'none'
}

/** All attributes of a job, in cupsd's order. */
export function attributesOf(
  job: Job,
  printer: Printer,
  { server, now }: { server: string; now: number },
): Attribute[] {
  const seconds = (at: number) => Math.floor(at / 1000)
  const { endedAt } = job
  const name: Attribute[] = [['job-name', 'name', job.name]]
  return [
    ['number-of-documents', 'integer', job.documents],
    ['job-media-progress', 'integer', 0],
    ['job-more-info', 'uri', `http://${server}/jobs/${job.id}`],
    ['job-printer-up-time', 'integer', seconds(now)],
    ['job-printer-uri', 'uri', `ipp://${server}/printers/${printer.name}`],
    ['job-uri', 'uri', `ipp://${server}/jobs/${job.id}`],
    ['printer-uri', 'uri', `ipp://${server}/printers/${printer.name}`],
    ['job-originating-user-name', 'name', job.user],
    ...(job.renamed ? [] : name),
    ...(job.documents > 0
      ? ([
          ['document-format-detected', 'mime', job.format],
          ['document-format', 'mime', job.format],
        ] as Attribute[])
      : []),
    ['job-priority', 'integer', job.priority],
    ['job-uuid', 'uri', job.uuid],
    ['job-originating-host-name', 'name', job.host],
    endedAt === undefined ? ['date-time-at-completed', 'none'] : ['date-time-at-completed', 'date', endedAt],
    ['date-time-at-creation', 'date', job.createdAt],
    ['date-time-at-processing', 'none'],
    endedAt === undefined ? ['time-at-completed', 'none'] : ['time-at-completed', 'integer', seconds(endedAt)],
    ['time-at-creation', 'integer', seconds(job.createdAt)],
    ['time-at-processing', 'none'],
    ['job-id', 'integer', job.id],
    ['job-state', 'enum', job.state],
    ['job-state-reasons', 'keyword', reasonOf(job)],
    ['job-impressions-completed', 'integer', 0],
    ['job-media-sheets-completed', 'integer', 0],
    ['job-k-octets', 'integer', Math.ceil(job.bytes / 1024)],
    ['job-hold-until', 'keyword', job.hold],
    ['job-sheets', 'name', 'none', 'none'],
    ...(job.renamed ? name : []),
  ]
}

/** What a new job is answered with; `whole`: with its message, as Print-Job and Create-Job have it. */
export const madeOf = (job: Job, server: string, whole: boolean): Attribute[] => [
  ['job-uri', 'uri', `ipp://${server}/jobs/${job.id}`],
  ['job-id', 'integer', job.id],
  ['job-state', 'enum', job.state],
  ...(whole ? ([['job-state-message', 'text', '']] as Attribute[]) : []),
  ['job-state-reasons', 'keyword', reasonOf(job)],
]

/** What closing a job is answered with. */
export const closedOf = (job: Job, server: string): Attribute[] => madeOf(job, server, false).slice(0, 3)

/** Documents of these kinds begin so; cupsd's mime.types knows more. */
export function formatOf(start: Buffer): string {
  const text = start.toString('latin1', 0, 64)
  if (text.startsWith('%!')) return 'application/postscript'
  if (text.startsWith('%PDF')) return 'application/pdf'
  if (text.startsWith('\x1b%-12345X') || text.startsWith('\x1bE')) return 'application/vnd.cups-raw'
  if (text.startsWith('\x89PNG')) return 'image/png'
  return /^[\t\n\r\x20-\x7e]*$/.test(text) && text !== '' ? 'text/plain' : 'application/octet-stream'
}
