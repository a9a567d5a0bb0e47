import { Recent } from './recent.ts'

/**
 * What is known of a conversation: `ours` began here, `accepted` by somebody else with a whole handshake, `probed` was told
 * as a scan already.
 */
export type Flow = 'ours' | 'accepted' | 'probed'

/** Conversations that are no news, by `flowKey`; those unheard of for longest are forgotten. */
export const openFlows = (most = 65_536) => new Recent<Flow>(most)

/** One name for a conversation, whichever way a packet of it goes: theirs first, then ours. */
export const flowKey = (protocol: number, theirs: string, theirPort: number, ours: string, ourPort: number): string =>
  `${protocol} ${theirs} ${theirPort} ${ours} ${ourPort}`
