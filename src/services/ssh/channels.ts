import { Channel, type Link, type Opening } from './channel.ts'

/** sshd's own ceiling is far above what any client opens, and far above what a small machine could hold. */
const most = 256

/** The channels of one connection by number. sshd takes the lowest that is free, for what only listens as well. */
export class Channels {
  #slots: (Channel | 'taken' | undefined)[] = []
  #link: Link

  constructor(link: Link) {
    this.#link = link
  }

  /** A new channel; `undefined` when there are too many. */
  open(opening: Opening, started: boolean): Channel | undefined {
    const id = this.#free()
    if (id === undefined) return undefined
    const channel = new Channel(this.#link, id, opening, started)
    this.#slots[id] = channel
    return channel
  }
  /** A number for what listens without being a channel of the protocol; `undefined` when there are too many. */
  reserve(): number | undefined {
    const id = this.#free()
    if (id !== undefined) this.#slots[id] = 'taken'
    return id
  }
  release(id: number): void {
    this.#slots[id] = undefined
  }
  #free(): number | undefined {
    for (let id = 0; id < most; id++) if (this.#slots[id] === undefined) return id
    return undefined
  }
}
