/**
 * What is known of a conversation: `ours` began here, `accepted` by somebody else with a whole handshake, `probed` was told
 * as a scan already.
 */
export type Flow = 'ours' | 'accepted' | 'probed'

/** Conversations that are no news, by their four ends; over the cap the one unheard of for longest is forgotten. */
export class Flows {
  #known = new Map<string, Flow>()
  #most: number

  constructor(most = 32_768) {
    this.#most = most
  }

  get(key: string): Flow | undefined {
    return this.#known.get(key)
  }

  /** It is heard of, or heard of again. */
  set(key: string, flow: Flow): void {
    this.#known.delete(key)
    if (this.#known.size >= this.#most) this.#known.delete(this.#known.keys().next().value!)
    this.#known.set(key, flow)
  }

  get size(): number {
    return this.#known.size
  }
}

/** One name for a conversation, whichever way a packet of it goes: theirs first, then ours. */
export const flowKey = (protocol: number, theirs: string, theirPort: number, ours: string, ourPort: number): string =>
  `${protocol} ${theirs} ${theirPort} ${ours} ${ourPort}`
