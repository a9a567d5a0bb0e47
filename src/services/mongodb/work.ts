import { MongoError } from './errors.ts'

/** Steps that one command may take: a value looked at, an operator carried out. */
const STEPS = 2_000_000

/** What a command may still do; an attacker's query over an attacker's data ends as one that took too long. */
export class Work {
  #left = STEPS
  step = (steps = 1): void => {
    this.#left -= steps
    if (this.#left < 0) throw new MongoError('MaxTimeMSExpired', 'operation exceeded time limit')
  }
}
