import { Malformed } from '#sensor/endings.ts'

/** Reply codes (AMQP 0-9-1 §1.2) with the names that RabbitMQ puts in front of its texts. */
const names = new Map([
  [320, 'CONNECTION_FORCED'],
  [403, 'ACCESS_REFUSED'],
  [404, 'NOT_FOUND'],
  [405, 'RESOURCE_LOCKED'],
  [406, 'PRECONDITION_FAILED'],
  [501, 'FRAME_ERROR'],
  [503, 'COMMAND_INVALID'],
  [504, 'CHANNEL_ERROR'],
  [505, 'UNEXPECTED_FRAME'],
  [530, 'NOT_ALLOWED'],
  [540, 'NOT_IMPLEMENTED'],
])
/** These end the channel, all others the connection. */
const soft = new Set([403, 404, 405, 406])

/** What a client did wrong, as it is told: the code, the text, and the method that was to blame. */
export class Refusal extends Malformed {
  readonly code: number
  readonly hard: boolean
  readonly method: number | undefined
  constructor(
    code: number,
    text: string,
    { hard = !soft.has(code), method }: { hard?: boolean; method?: number } = {},
  ) {
    super(`${names.get(code)} - ${text}`)
    this.code = code
    this.hard = hard
    this.method = method
  }
}
/** RabbitMQ's reader crashes over it: the connection is closed without a word. */
export class Crash extends Malformed {}

/** `<<0,1,2>>`, or `<<"text">>` where all of it can be printed, as Erlang shows bytes. */
export function erlang(bytes: Buffer): string {
  const short = bytes.subarray(0, 64)
  if (short.length > 0 && short.every(byte => byte >= 0x20 && byte < 0x7f)) return `<<"${short.toString('latin1')}">>`
  return `<<${[...short].join(',')}>>`
}
