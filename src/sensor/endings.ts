/** Why a conversation ended when nobody has a bug. */
export type Reason =
  | 'done' // we said good-bye
  | 'eof' // the peer closed its side
  | 'reset' // the connection broke
  | 'idle' // the peer said nothing for too long
  | 'lifetime' // it lasted longer than any conversation may
  | 'stalled' // the peer does not take what we send
  | 'flooded' // the peer sent more than any conversation may
  | 'refused' // over a cap on connections
  | 'evicted' // silent, and gave its place to a newcomer
  | 'malformed'
  | 'error' // a bug of ours
  | 'shutdown'

export class Hangup extends Error {
  readonly reason: Reason
  constructor(reason: Reason) {
    // Every conversation ends in one: without its stack, which nobody reads, a visit costs a twentieth less.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(reason)
    Error.stackTraceLimit = stackTraceLimit
    this.reason = reason
  }
}

export { Malformed } from '#codec/malformed.ts'
