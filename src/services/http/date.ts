/** Dates as HTTP writes them (RFC 9110 §5.6.7), made once a second. */
export class HttpClock {
  #second = -1
  #text = ''
  #skew: number

  /** `skew` in milliseconds. */
  constructor(skew: number) {
    this.#skew = skew
  }
  text(milliseconds: number): string {
    const second = Math.floor((milliseconds + this.#skew) / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#text = new Date(second * 1000).toUTCString()
    }
    return this.#text
  }
  /** Seconds since the epoch as this server's clock has them. */
  seconds(milliseconds: number): number {
    return Math.floor((milliseconds + this.#skew) / 1000)
  }
}

/** Seconds since the epoch; `undefined` for what is no date. */
export function parseDate(text: string): number | undefined {
  const value = Date.parse(text)
  return Number.isNaN(value) || !/\d{4}|\d\d:\d\d/.test(text) ? undefined : value / 1000
}
