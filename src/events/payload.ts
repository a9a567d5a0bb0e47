import type { Sample } from './action.ts'

/** What is known of bytes that nobody here understood. */
export type PayloadDetails = {
  sample: Sample
  start: string
  protocol?: string
  /** Kinds and ids of the rules that saw it, what it is made of, what wrapped it. */
  tags?: string[]
  /** Bits a byte. */
  entropy?: number
  /** TLSH: near for what is nearly the same. */
  fuzzy?: string
  /** The same for payloads that differ in numbers and names only. */
  shape?: string
  /** Wrappings that were undone: `base64 > gzip`. */
  layers?: string[]
  indicators?: { kind: string; value: string }[]
}

/** Its fields but for the file. */
export function payloadFields({ start, protocol, tags, entropy, fuzzy, shape, layers, indicators }: PayloadDetails) {
  return {
    ...(protocol === undefined ? {} : { network: { protocol } }),
    ...(tags?.length ? { tags } : {}),
    skep: {
      payload: start,
      ...(entropy === undefined ? {} : { entropy }),
      ...(fuzzy === undefined ? {} : { fuzzy }),
      ...(shape === undefined ? {} : { shape }),
      ...(layers?.length ? { layers } : {}),
      ...(indicators?.length ? { indicators } : {}),
    },
  }
}
