import type { Message } from '#mailbox/mailbox.ts'
import { fieldOf, type Part, parseMessage } from '#mailbox/mime.ts'
import { parseAddresses } from './structure.ts'

/** Letters of a field that are looked at. */
const LONGEST = 1000

/** What SORT, THREAD and SEARCH read of a message's header. */
export type Head = {
  message: Message
  number: number
  fields: Part['fields']
  /** When it was sent: its Date, or when it came where that is none (RFC 5256 §2.2). Milliseconds since the epoch. */
  sent: number
}

export function headOf(message: Message, number: number): Head {
  const { fields } = parseMessage(message.raw)
  const sent = Date.parse((fieldOf(fields, 'date') ?? '').slice(0, LONGEST))
  return { message, number, fields, sent: Number.isNaN(sent) ? message.at : sent }
}

export const field = ({ fields }: Head, name: string): string => (fieldOf(fields, name) ?? '').slice(0, LONGEST)

/** The day on the sender's calendar, as the milliseconds of its midnight in UTC. */
export function sentOn(head: Head): number {
  const day = /(\d{1,2}) ([A-Za-z]{3}) (\d{4})/.exec(field(head, 'date'))
  const at = day ? Date.parse(`${day[0]} UTC`) : Number.NaN
  return Number.isNaN(at) ? Math.floor(head.message.at / 86_400_000) * 86_400_000 : at
}

/** A subject without what answering and forwarding put around it, in capitals, and whether there was any (RFC 5256 §2.1). */
export function baseSubject(subject: string): { base: string; reply: boolean } {
  let base = subject.slice(0, LONGEST).replace(/\s+/g, ' ').trim()
  let reply = false
  for (let before = ''; before !== base; ) {
    before = base
    if (/\(fwd\)$/i.test(base)) {
      base = base.slice(0, -5).trimEnd()
      reply = true
    }
    const answered = /^(?:\[[^[\]]*\] ?)*(?:re|fwd?) ?(?:\[[^[\]]*\] ?)?:/i.exec(base)
    if (answered) {
      base = base.slice(answered[0].length).trimStart()
      reply = true
    }
    const blob = /^\[[^[\]]*\] ?/.exec(base)
    if (blob && blob[0].length < base.length) base = base.slice(blob[0].length)
    if (/^\[fwd:/i.test(base) && base.endsWith(']')) {
      base = base.slice(5, -1).trim()
      reply = true
    }
  }
  return { base: base.toUpperCase(), reply }
}

/** The first address of a field: what stands before the at sign, or the name where `shown` and there is one (RFC 5957). */
export function firstAddress(head: Head, name: string, shown: boolean): string {
  const [first] = parseAddresses(field(head, name))
  return ((shown ? first?.name : undefined) ?? first?.local ?? '').toUpperCase()
}
