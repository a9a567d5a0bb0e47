import { MongoError } from './errors.ts'

/** Steps that one command may take: a value looked at, an operator carried out. */
const STEPS = 2_000_000

/** What a command may still do; an attacker's query over an attacker's data ends as one that took too long. */
export class Work {
  used = 0
  step = (steps = 1): void => {
    this.used += steps
    if (this.used > STEPS) throw new MongoError('MaxTimeMSExpired', 'operation exceeded time limit')
  }
}
