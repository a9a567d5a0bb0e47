/** Why compressed data is no good: no such format, cut off, a checksum that does not fit, nonsense, something behind it. */
export type Fault = 'format' | 'end' | 'check' | 'data' | 'garbage' | 'limit'

export class Corrupt extends Error {
  readonly fault: Fault
  constructor(fault: Fault) {
    super(fault)
    this.fault = fault
  }
}
