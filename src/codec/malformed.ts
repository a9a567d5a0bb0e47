/** The peer broke the protocol. An observation about the attacker, never a fault of ours. */
export class Malformed extends Error {}
