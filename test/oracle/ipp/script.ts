import { type Attribute, encoded, Group } from '#services/ipp/message.ts'
import { printerOf } from '#services/ipp/printer.ts'
import { testPersona } from '#services/testing/persona.ts'
import type { Script } from '../kit/dialogue.ts'

/** The persona's queue, which the recorded daemon has too. */
export const printer = printerOf(testPersona)

const charset: Attribute = ['attributes-charset', 'charset', 'utf-8']
const language: Attribute = ['attributes-natural-language', 'language', 'en']
const queue: Attribute = ['printer-uri', 'uri', `ipp://localhost/printers/${printer.name}`]
const somebody: Attribute = ['requesting-user-name', 'name', 'mallory']
type Job = readonly Attribute[]

/** A request of IPP as one of HTTP. */
const ipp = (
  operation: number,
  attributes: readonly Attribute[],
  {
    path = '/',
    document = '',
    version = [2, 0] as const,
    id = 7,
    job = undefined as Job | undefined,
    bare = false,
  } = {},
): string => {
  const groups = [
    [Group.Operation, bare ? attributes : [charset, language, ...attributes]] as const,
    ...(job ? [[Group.Job, job] as const] : []),
  ]
  return post(encoded(version, operation, id, groups).toString('latin1') + document, path)
}
const post = (body: string, path = '/', type = 'application/ipp', more = '') =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`
const get = (path: string, more = '', version = '1.1') =>
  `GET ${path} HTTP/${version}\r\nHost: localhost\r\n${more}\r\n`
const at = `/printers/${printer.name}`
const wanted = (...names: string[]): Attribute => ['requested-attributes', 'keyword', ...names]
const job = (id: number): Attribute => ['job-id', 'integer', id]
const jobUri = (id: number): Attribute => ['job-uri', 'uri', `ipp://localhost/jobs/${id}`]

/** A printer whose owner has paused it, and no web interface. */
export const script: Script = {
  'attributes of a printer': [
    ipp(0x0b, [queue], { path: at }),
    ipp(0x0b, [queue, wanted('all')], { path: at }),
    ipp(0x0b, [queue, wanted('printer-name', 'printer-state', 'printer-info')], { path: at }),
    ipp(0x0b, [queue, wanted('nothing-of-the-kind')]),
    ipp(0x0b, [['printer-uri', 'uri', 'ipp://localhost/printers/nope']]),
    ipp(0x0b, [['printer-uri', 'uri', 'ipp://localhost/']]),
    ipp(0x0b, []),
  ],
  'printers and classes': [
    ipp(0x4002, []),
    ipp(0x4002, [wanted('printer-name', 'printer-uri-supported', 'printer-make-and-model')]),
    ipp(0x4001, [wanted('printer-name')]),
    ipp(0x4005, []),
  ],
  jobs: [
    ipp(0x0a, [queue, somebody], { path: at }),
    ipp(0x04, [queue, somebody], { path: at }),
    ipp(0x02, [queue, somebody, ['job-name', 'name', 'note']], { path: at, document: '%!PS\nshowpage\n' }),
    ipp(0x0a, [queue, somebody], { path: at }),
    ipp(0x0a, [queue, somebody, wanted('job-id', 'job-name', 'job-state', 'job-originating-user-name')], { path: at }),
    ipp(0x0a, [queue, somebody, ['which-jobs', 'keyword', 'completed']], { path: at }),
    ipp(0x0a, [queue, somebody, ['which-jobs', 'keyword', 'nonsense']], { path: at }),
    ipp(0x09, [jobUri(1), somebody, wanted('job-id', 'job-name', 'job-state', 'job-state-reasons', 'job-k-octets')]),
    ipp(0x09, [queue, job(1), somebody, wanted('job-id', 'job-printer-uri')]),
    ipp(0x09, [jobUri(99), somebody]),
    ipp(0x05, [queue, somebody, ['job-name', 'name', 'parts']], { path: at }),
    ipp(0x06, [queue, job(2), somebody, ['last-document', 'boolean', true]], { path: at, document: 'hello' }),
    ipp(0x06, [queue, job(99), somebody, ['last-document', 'boolean', true]], { path: at, document: 'hello' }),
    ipp(0x08, [queue, job(2), somebody], { path: at }),
    ipp(0x08, [queue, job(2), somebody], { path: at }),
    ipp(0x08, [queue, job(99), somebody], { path: at }),
    ipp(0x0a, [queue, somebody], { path: at }),
  ],
  'a job held, changed, moved and begun again': [
    ipp(0x02, [queue, somebody, ['job-name', 'name', 'note']], { path: at, document: '%!PS\nshowpage\n' }),
    ipp(0x0c, [queue, job(1), somebody], { path: at }),
    ipp(0x09, [jobUri(1), somebody, wanted('job-state', 'job-state-reasons', 'job-hold-until')]),
    ipp(0x0d, [jobUri(1), somebody]),
    ipp(0x09, [jobUri(1), somebody, wanted('job-state', 'job-state-reasons', 'job-hold-until')]),
    ipp(0x0d, [jobUri(1), somebody]),
    ipp(0x14, [jobUri(1), somebody], { job: [['job-priority', 'integer', 70]] }),
    ipp(0x14, [jobUri(1), somebody], { job: [['job-name', 'name', 'other']] }),
    ipp(0x14, [jobUri(1), somebody], { job: [['job-sheets', 'name', 'secret']] }),
    ipp(0x14, [jobUri(1), somebody]),
    ipp(0x14, [jobUri(99), somebody], { job: [['job-priority', 'integer', 70]] }),
    ipp(0x09, [jobUri(1), somebody, wanted('job-name', 'job-priority')]),
    ipp(0x0e, [jobUri(1), somebody]),
    ipp(0x3b, [jobUri(1), somebody]),
    ipp(0x3b, [queue, job(99), somebody]),
    ipp(0x400e, [jobUri(1), somebody]),
    ipp(0x400d, [queue, job(99), somebody], { job: [['job-printer-uri', 'uri', 'ipp://localhost/printers/nope']] }),
    ipp(0x0c, [queue, job(99), somebody]),
    ipp(0x0d, [queue, job(99), somebody]),
    ipp(0x0e, [queue, job(99), somebody]),
    ipp(0x39, [queue, somebody]),
    ipp(0x39, [['printer-uri', 'uri', 'ipp://localhost/printers/nope'], somebody]),
    ipp(0x0c, [jobUri(1), somebody]),
    ipp(0x0d, [jobUri(1), somebody]),
    ipp(0x14, [jobUri(1), somebody], { job: [['job-priority', 'integer', 70]] }),
    ipp(0x0a, [queue, somebody], { path: at }),
  ],
  'a job that is over': [
    ipp(0x02, [queue, somebody], { path: at, document: 'x' }),
    ipp(0x08, [jobUri(1), somebody]),
    ipp(0x0c, [jobUri(1), somebody]),
    ipp(0x0d, [jobUri(1), somebody]),
    ipp(0x14, [jobUri(1), somebody], { job: [['job-priority', 'integer', 70]] }),
    ipp(0x3b, [queue, job(1), somebody]),
    ipp(0x400d, [jobUri(1), somebody], {
      job: [['job-printer-uri', 'uri', `ipp://localhost/printers/${printer.name}`]],
    }),
    ipp(0x0e, [jobUri(1), somebody]),
  ],
  'a job made and closed': [
    ipp(0x05, [queue, somebody, ['job-name', 'name', 'parts']], { path: at }),
    ipp(0x06, [queue, job(1), somebody, ['last-document', 'boolean', false]], { path: at, document: 'hello' }),
    ipp(0x3b, [queue, job(1), somebody]),
    ipp(0x3b, [queue, job(1), somebody]),
    ipp(0x09, [jobUri(1), somebody, wanted('job-state', 'job-state-reasons')]),
    ipp(0x400d, [jobUri(1), somebody], {
      job: [['job-printer-uri', 'uri', `ipp://localhost/printers/${printer.name}`]],
    }),
    ipp(0x400d, [jobUri(1), somebody]),
  ],
  'another’s job held': [
    ipp(0x02, [queue, somebody], { path: at, document: 'x' }),
    ipp(0x0c, [jobUri(1), ['requesting-user-name', 'name', 'eve']]),
  ],
  'a job moved': [
    ipp(0x02, [queue, somebody], { path: at, document: 'x' }),
    ipp(0x400d, [jobUri(1), somebody], { job: [['job-printer-uri', 'uri', 'ipp://localhost/printers/nope']] }),
  ],
  'a document asked for': [
    ipp(0x02, [queue, somebody], { path: at, document: 'x' }),
    ipp(0x4027, [jobUri(1), somebody, ['document-number', 'integer', 1]]),
  ],
  'all jobs cancelled': [ipp(0x38, [queue, somebody], { path: at })],
  'new jobs held': [ipp(0x25, [queue, somebody], { path: at })],
  'new jobs released': [ipp(0x26, [queue, somebody], { path: at })],
  'a printer disabled': [ipp(0x23, [queue, somebody], { path: at })],
  'a printer enabled': [ipp(0x22, [queue, somebody], { path: at })],
  'a printer changed': [
    ipp(0x13, [queue, somebody], { path: at, job: [['printer-info', 'text', 'hacked']] }),
    ipp(0x13, [['printer-uri', 'uri', 'ipp://localhost/printers/nope'], somebody], { path: at }),
    ipp(0x0b, [queue, wanted('printer-info')], { path: at }),
  ],
  'values of a printer': [ipp(0x15, [queue, somebody], { path: at })],
  subscriptions: [
    ipp(0x19, [queue, somebody], { path: at }),
    ipp(0x18, [queue, somebody, ['notify-subscription-id', 'integer', 5]], { path: at }),
    ipp(0x1a, [queue, somebody, ['notify-subscription-id', 'integer', 5]], { path: at }),
    ipp(0x1b, [queue, somebody, ['notify-subscription-id', 'integer', 5]], { path: at }),
    ipp(0x1c, [queue, somebody, ['notify-subscription-ids', 'integer', 5]], { path: at }),
    ipp(0x1c, [queue, somebody], { path: at }),
    ipp(0x16, [queue, somebody], { path: at }),
    ipp(0x17, [queue, somebody], { path: at }),
  ],
  drivers: [
    ipp(0x400f, [queue]),
    ipp(0x400f, [['printer-uri', 'uri', 'ipp://localhost/printers/nope']]),
    ipp(0x400f, []),
  ],
  'a queue of one’s own': [ipp(0x4028, [somebody], { job: [['printer-name', 'name', 'evil']] })],
  'operations that no printer server has': [
    ipp(0x3c, [queue, somebody], { path: at }),
    ipp(0x3a, [queue, somebody], { path: at }),
    ipp(0x07, [queue, somebody], { path: at }),
    ipp(0x2a, [queue, somebody], { path: at }),
    ipp(0x33, [queue, somebody], { path: at }),
    ipp(0x4029, [queue, somebody], { path: at }),
    ipp(0x5000, [queue, somebody], { path: at }),
    ipp(0x7fff, [queue, somebody], { path: at }),
  ],
  'wrong requests of IPP': [
    ipp(0x0b, [queue], { version: [9, 0] as never }),
    ipp(0x0b, [queue], { version: [1, 1] as never }),
    ipp(0x0b, [queue], { id: 0 }),
    ipp(0x0b, [], { bare: true }),
    ipp(0x0b, [queue], { bare: true }),
    ipp(0x0b, [['attributes-charset', 'charset', 'koi8-r'], language, queue], { bare: true }),
    ipp(0x3fff, [queue]),
    ipp(0x03, [queue]),
    ipp(0x02, [['printer-uri', 'uri', 'ipp://localhost/printers/nope'], somebody], { document: 'x' }),
    ipp(0x02, [queue, somebody, ['document-format', 'mime', 'x/y']], { path: at, document: 'x' }),
  ],
  'what an administrator may do': [
    ipp(0x4003, [['printer-uri', 'uri', 'ipp://localhost/printers/evil'], somebody], { path: '/admin/' }),
  ],
  'a log-in': [
    ipp(0x4003, [['printer-uri', 'uri', 'ipp://localhost/printers/evil'], somebody], { path: '/admin/' }).replace(
      'Content-Type',
      'Authorization: Basic cm9vdDp0b29y\r\nContent-Type',
    ),
  ],
  'the web interface': [get('/')],
  'a page': [get('/printers/')],
  'a page that is not there': [get('/nope')],
  'a file of the configuration': [get('/admin/conf/cupsd.conf')],
  'a head': ['HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  options: ['OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  'HTTP 1.0': [get('/', '', '1.0')],
  'HTTP 0.9': ['GET /\r\n'],
  'HTTP 3': [get('/', '', '3.0')],
  'no method': ['FROB / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  'no host': ['GET / HTTP/1.1\r\n\r\n'],
  'a form': [post('a=b', '/admin/', 'application/x-www-form-urlencoded')],
  'no type': ['POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc'],
  'garbage in IPP': [post('xx')],
  chunks: [
    `POST ${at} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\nTransfer-Encoding: chunked\r\n\r\n`,
    (() => {
      const body = encoded([2, 0], 0x0b, 3, [[Group.Operation, [charset, language, queue, wanted('printer-name')]]])
      return `${body.length.toString(16)}\r\n${body.toString('latin1')}\r\n0\r\n\r\n`
    })(),
  ],
  'a client that waits': [
    `POST ${at} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n`,
  ],
}
