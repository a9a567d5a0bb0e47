import { Command, negotiate, Option, subnegotiate, type Verb } from './wire.ts'

export type Policy = {
  /** Options the peer may switch on for itself, and for us. */
  theirs: ReadonlySet<number>
  ours: ReadonlySet<number>
}

const NOTHING: Buffer = Buffer.alloc(0)

/** What is known of one option on one side, in one small integer: two flags, and above them a count. */
const HAS = 1
const WANTED = 2
/** One question of ours that is not answered yet. */
const OPEN = 4
const openOf = (side: number) => side >> 2

/** Every option in use has a place; who asks for others gets a place for those. */
const places = new Map<number, number>(Object.values(Option).map((option, place) => [option, place]))
const place = (option: number) => places.get(option) ?? places.size + option

/**
 * Who has which option on, by the rules of BSD's telnetd (state.c; RFC 1143 says why they are needed): what each side
 * wants, what each side has, and how many of our questions are still open. Small, since every silent visitor has one.
 */
export class Negotiation {
  readonly #policy: Policy
  // Made as long as they need to be: an array that grows takes twice the room.
  readonly #peer: number[] = new Array(places.size).fill(0)
  readonly #self: number[] = new Array(places.size).fill(0)

  constructor(policy: Policy) {
    this.#policy = policy
  }

  /** Asks for an option; nothing when it is on, or asked for already. */
  ask(verb: 'WILL' | 'DO', option: number): Buffer {
    const sides = verb === 'DO' ? this.#peer : this.#self
    const side = sides[place(option)] ?? 0
    if ((openOf(side) === 0 && side & HAS) || side & WANTED) return NOTHING
    sides[place(option)] = (side | WANTED) + OPEN
    return negotiate(verb, option)
  }

  /** Withdraws one. */
  drop(verb: 'WONT' | 'DONT', option: number): Buffer {
    const sides = verb === 'DONT' ? this.#peer : this.#self
    const side = sides[place(option)] ?? 0
    if ((openOf(side) === 0 && !(side & HAS)) || !(side & WANTED)) return NOTHING
    sides[place(option)] = (side & ~WANTED) + OPEN
    return negotiate(verb, option)
  }

  /** The answer to what the peer said, if it needs one. */
  hear(verb: Verb, option: number): Buffer {
    const about = verb === 'WILL' || verb === 'WONT' ? this.#peer : this.#self
    const [yes, no] = about === this.#peer ? (['DO', 'DONT'] as const) : (['WILL', 'WONT'] as const)
    const allowed = about === this.#peer ? this.#policy.theirs : this.#policy.ours
    const positive = verb === 'WILL' || verb === 'DO'
    // A timing mark is answered every time (RFC 860) and is never on.
    if (about === this.#self && positive && option === Option.TM) return negotiate('WILL', option)
    const before = about[place(option)] ?? 0
    const has = (before & HAS) !== 0
    let wanted = (before & WANTED) !== 0
    let open = openOf(before)
    let answer = NOTHING
    if (open > 0) {
      open--
      if (open > 0 && has === positive) open--
    }
    if (open === 0 && wanted !== positive) {
      if (!positive) {
        wanted = false
        if (has) answer = negotiate(no, option)
      } else if (allowed.has(option)) {
        wanted = true
        answer = negotiate(yes, option)
      } else {
        open++
        answer = negotiate(no, option)
      }
    }
    // A timing mark is a moment, not a state.
    const flags = option === Option.TM ? 0 : (positive ? HAS : 0) | (wanted ? WANTED : 0)
    about[place(option)] = flags + open * OPEN
    return answer
  }

  /** Is a DO, or a WILL, of ours not answered yet? */
  awaits(verb: 'DO' | 'WILL', option: number): boolean {
    const side = (verb === 'DO' ? this.#peer : this.#self)[place(option)] ?? 0
    return ((side & HAS) !== 0) !== ((side & WANTED) !== 0)
  }
  theyHave(option: number): boolean {
    return ((this.#peer[place(option)] ?? 0) & HAS) !== 0
  }
  weHave(option: number): boolean {
    return ((this.#self[place(option)] ?? 0) & HAS) !== 0
  }

  /** `SB STATUS IS …` (RFC 859): everything that is wanted on, in the order of option numbers. */
  status(): Buffer {
    const wanted: number[] = []
    for (let option = 0; option < 256; option++) {
      if ((this.#self[place(option)] ?? 0) & WANTED) wanted.push(Command.WILL, option)
      if ((this.#peer[place(option)] ?? 0) & WANTED) wanted.push(Command.DO, option)
    }
    return subnegotiate(Option.STATUS, [0, ...wanted])
  }

  /** As if the peer had refused everything still open. */
  giveUp(): void {
    for (const sides of [this.#peer, this.#self])
      for (const [at, side] of sides.entries()) if (openOf(side ?? 0) > 0) sides[at] = (side! & HAS) * (HAS | WANTED)
  }
}
