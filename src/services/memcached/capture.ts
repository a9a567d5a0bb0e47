import { downloadsIn } from '#codec/downloads.ts'
import { text } from '#events/text.ts'
import type { Context } from '#sensor/service.ts'
import type { Options } from './options.ts'

type Cx = Context<Options>

/** Bytes of a value that an event shows, and from how many on it is kept as a sample. */
const SHOWN = 1024
const KEPT = 512
/** A value that is large for no other reason than to be large in an answer. */
const WEAPON = 16 << 10

const bytes = (latin1: string) => Buffer.from(latin1, 'latin1')

/** A request in one line, the start of its value behind it. */
export function note(line: string, value: string | undefined, { record }: Cx): void {
  if (line === '') return
  const shown = value === undefined ? line : `${line}\r\n${value.slice(0, SHOWN)}${value.length > SHOWN ? '…' : ''}`
  record.command({
    line: text(bytes(shown.slice(0, 8192)), 4096),
    verb: text(bytes(line.split(' ', 1)[0]!.slice(0, 32))),
  })
}

/** What a value is good for: programs, cron jobs, notes of robbers, ammunition. All but small ones are kept whole. */
export async function examine(key: string, value: string, cx: Cx): Promise<void> {
  const { record } = cx
  const head = value.slice(0, 64 << 10)
  const telling = known.find(([pattern]) => pattern.test(head))
  if (value.length >= KEPT || telling) {
    const writer = cx.sample()
    await writer.write(bytes(value))
    record.fileUpload({ path: text(bytes(key)), sample: await writer.close() })
  }
  for (const download of downloadsIn(head)) record.fileDownload(download)
  const evidence = () => text(bytes(`${key}: ${value.slice(0, 400)}`), 512)
  if (telling) record.exploit({ id: telling[1], name: telling[2], evidence: evidence() })
  else if (value.length >= WEAPON && uniform(value))
    record.exploit({
      id: 'memcached-amplifier',
      name: 'memcached loaded with a large value to be reflected',
      evidence: text(bytes(`${key}: ${value.length} bytes of ${JSON.stringify(value.slice(0, 16))}`), 512),
    })
}

const known: readonly (readonly [pattern: RegExp, id: string, name: string])[] = [
  [/^\x7fELF|^MZ/, 'memcached-program', 'Program stored in memcached'],
  [/^#! ?\/|\b(?:curl|wget) [^\n]{0,200}\| ?(?:ba)?sh\b/, 'memcached-script', 'Script stored in memcached'],
  [/^[\s\S]{0,64}(?:\*\/\d{1,2}|\*)(?: \S{1,8}){4} /, 'memcached-cron', 'Cron job stored in memcached'],
  [
    /<\?php|\bO:\d{1,4}:"[A-Za-z_\\]{1,80}":\d/,
    'memcached-injection',
    'Code or object for the application behind memcached',
  ],
  [
    /\b(?:bitcoin|btc|monero|xmr)\b[\s\S]{0,400}\b(?:wallet|pay|send|address|backup)\b|\bpay\b[\s\S]{0,80}\bxmr\b/i,
    'memcached-ransom',
    'Ransom note in memcached',
  ],
]

/** Few different characters at its beginning, or the same run over and over. */
const uniform = (value: string): boolean => {
  const head = value.slice(0, 4096)
  return new Set(head).size <= 8 || head.slice(0, 1024).indexOf(head.slice(0, 16), 1) > 0
}
