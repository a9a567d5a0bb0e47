import { downloadsIn } from '#codec/downloads.ts'
import { text } from '#events/text.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'
import type { Message, Value } from './schema.ts'

/** Bytes of a value that an event shows, and from how many on it is kept as a sample. */
const SHOWN = 1024
const KEPT = 512
/** Operations of one transaction that are written down. */
const OPS = 32
const program = /^\x7fELF|^MZ|^#! ?\/|\b(?:curl|wget) [^\n]{0,200}\| ?(?:ba)?sh\b/

const shown = (value: Value | undefined): string =>
  Buffer.isBuffer(value)
    ? text(value.subarray(0, SHOWN), SHOWN)
    : typeof value === 'string'
      ? text(Buffer.from(value), 256)
      : `${value ?? ''}`
const list = (value: Value | undefined): readonly Message[] => ((value ?? []) as readonly Message[]).slice(0, OPS)

/** What was asked for, in etcdctl's words. */
function line(name: string, request: Message): string {
  const span = [request.key, request.range_end]
    .filter(part => part !== undefined)
    .map(part => shown(part).replaceAll('\0', '\\x00'))
  if (name === 'Range') return ['get', ...span].join(' ')
  if (name === 'Put') return ['put', shown(request.key), shown(request.value)].join(' ')
  if (name === 'DeleteRange') return ['del', ...span].join(' ')
  if (name === 'Watch') return ['watch', shown((request.create_request as Message | undefined)?.key)].join(' ')
  const rest = Object.entries(request).flatMap(([key, value]) =>
    ['string', 'bigint', 'number', 'boolean'].includes(typeof value) && key !== 'password'
      ? [`${key}=${shown(value)}`]
      : [],
  )
  return [name, ...rest].join(' ')
}

/** Writes a call down: what it asks for, what it brings, whom it says to be. */
export async function note(path: string, request: Message, cx: TcpContext<Options>): Promise<void> {
  const name = path.slice(path.indexOf('/') + 1)
  cx.record.command({ line: text(Buffer.from(line(name, request)), 4096), verb: name })
  if (name === 'Authenticate') {
    const said = { user: shown(request.name), password: shown(request.password) }
    cx.record.login({ method: 'etcd', ...said, outcome: 'failure' })
  }
  if (name === 'UserAdd')
    cx.record.accountChange({ user: shown(request.name), change: 'add', password: shown(request.password) })
  if (name === 'MemberAdd')
    for (const url of ((request.peerURLs ?? []) as string[]).slice(0, OPS)) {
      const [, host, port] = /^https?:\/\/([^/:\s]{1,256}):(\d{1,5})/.exec(url) ?? []
      if (host) cx.record.outboundAttempt({ host: text(Buffer.from(host), 256), port: Number(port), tool: 'etcd' })
    }
  if (name === 'Put') await examine(request, cx)
  if (name === 'Txn')
    for (const op of [...list(request.success), ...list(request.failure)]) {
      for (const [kind, what] of [
        ['Range', op.request_range],
        ['Put', op.request_put],
        ['DeleteRange', op.request_delete_range],
      ] as const)
        if (what) cx.record.command({ line: text(Buffer.from(line(kind, what as Message)), 4096), verb: kind })
      if (op.request_put) await examine(op.request_put as Message, cx)
    }
}

/** Values that are large, or programs, are kept; what they would have fetched is written down. */
async function examine({ key, value }: Message, { record, sample }: TcpContext<Options>): Promise<void> {
  if (!Buffer.isBuffer(value)) return
  const head = value.toString('latin1', 0, 64 << 10)
  for (const download of downloadsIn(head)) record.fileDownload(download)
  if (value.length < KEPT && !program.test(head)) return
  const writer = sample()
  await writer.write(value)
  record.fileUpload({ path: shown(key), sample: await writer.close() })
}
