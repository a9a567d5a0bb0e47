import type { Sample } from '#events/actions.ts'

/** A file being left here. Memory use is bounded by what one `write` carries. */
export type SampleWriter = {
  /** Bytes over the store's cap are hashed and counted, not kept. */
  write(bytes: Buffer): Promise<void>
  /** Durable under `DATA/artifacts/<first two hex>/<sha256>` when this returns. */
  close(): Promise<Sample>
  /** Forgets it. */
  abort(): Promise<void>
}
