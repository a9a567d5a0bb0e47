import { Command, negotiate, Option, subnegotiate, type Verb } from './wire.ts'

/**
 * Who has which option on, by the rules of BSD's telnetd (state.c; RFC 1143 says why they are needed): what each side
 * wants, what each side has, and how many of our questions are still open.
 */
type Side = { has: boolean; wanted: boolean; open: number }
const off = (): Side => ({ has: false, wanted: false, open: 0 })

export type Policy = {
  /** Options the peer may switch on for itself, and for us. */
  theirs: ReadonlySet<number>
  ours: ReadonlySet<number>
}

export type Negotiation = {
  /** Asks for an option; nothing when it is on, or asked for already. */
  ask(verb: 'WILL' | 'DO', option: number): Buffer
  /** Withdraws one. */
  drop(verb: 'WONT' | 'DONT', option: number): Buffer
  /** The answer to what the peer said, if it needs one. */
  hear(verb: Verb, option: number): Buffer
  /** Is a DO, or a WILL, of ours not answered yet? */
  awaits(verb: 'DO' | 'WILL', option: number): boolean
  theyHave(option: number): boolean
  /** `SB STATUS IS …` (RFC 859): everything that is wanted on, in the order of option numbers. */
  status(): Buffer
  /** As if the peer had refused everything still open. */
  giveUp(): void
}

const NOTHING = Buffer.alloc(0)

export function negotiation({ theirs, ours }: Policy): Negotiation {
  // At most 256 options each.
  const peer = new Map<number, Side>()
  const self = new Map<number, Side>()
  const sideOf = (map: Map<number, Side>, option: number) => {
    const found = map.get(option) ?? off()
    map.set(option, found)
    return found
  }

  function hear(verb: Verb, option: number): Buffer {
    const about = verb === 'WILL' || verb === 'WONT' ? peer : self
    const [yes, no] = about === peer ? (['DO', 'DONT'] as const) : (['WILL', 'WONT'] as const)
    const allowed = about === peer ? theirs : ours
    const side = sideOf(about, option)
    const positive = verb === 'WILL' || verb === 'DO'
    // A timing mark is answered every time (RFC 860) and is never on.
    if (about === self && positive && option === Option.TM) return negotiate('WILL', option)
    let answer = NOTHING
    if (side.open > 0) {
      side.open--
      if (side.open > 0 && side.has === positive) side.open--
    }
    if (side.open === 0 && side.wanted !== positive) {
      if (!positive) {
        side.wanted = false
        if (side.has) answer = negotiate(no, option)
      } else if (allowed.has(option)) {
        side.wanted = true
        answer = negotiate(yes, option)
      } else {
        side.open++
        answer = negotiate(no, option)
      }
    }
    side.has = positive
    // A timing mark is a moment, not a state.
    if (option === Option.TM) side.has = side.wanted = false
    return answer
  }

  return {
    ask(verb, option) {
      const side = sideOf(verb === 'DO' ? peer : self, option)
      if ((side.open === 0 && side.has) || side.wanted) return NOTHING
      side.wanted = true
      side.open++
      return negotiate(verb, option)
    },
    drop(verb, option) {
      const side = sideOf(verb === 'DONT' ? peer : self, option)
      if ((side.open === 0 && !side.has) || !side.wanted) return NOTHING
      side.wanted = false
      side.open++
      return negotiate(verb, option)
    },
    hear,
    awaits: (verb, option) => {
      const side = (verb === 'DO' ? peer : self).get(option) ?? off()
      return side.has !== side.wanted
    },
    theyHave: option => peer.get(option)?.has ?? false,
    status() {
      const wanted: number[] = []
      for (let option = 0; option < 256; option++) {
        if (self.get(option)?.wanted) wanted.push(Command.WILL, option)
        if (peer.get(option)?.wanted) wanted.push(Command.DO, option)
      }
      return subnegotiate(Option.STATUS, [0, ...wanted])
    },
    giveUp() {
      for (const side of [...peer.values(), ...self.values()]) {
        if (side.open === 0) continue
        side.open = 0
        side.wanted = side.has
      }
    },
  }
}
