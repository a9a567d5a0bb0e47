import type { Settings } from '#config/schema.ts'
import type { Attempt } from '#sensor/sandbox.ts'

/** What the supervisor and the process that reads packets say to each other. */

export type CaptureSettings = Pick<Settings, 'sensor' | 'journal' | 'samples' | 'users'>

export type ToCapture =
  | {
      kind: 'start'
      settings: CaptureSettings
      /** Nothing is answered, so every packet is told of. */
      passive: boolean
      /** Conversations that were under way already, as `flowKey` names them. */
      established: string[]
    }
  /** UDP ports where a decoy listens. */
  | { kind: 'served'; udp: number[] }
  /** Packets that the kernel dropped since the last time, as tcpdump counts them. */
  | { kind: 'dropped'; count: number }
  | { kind: 'stop' }

export type FromCapture =
  /** tcpdump's stream has begun. */
  { kind: 'capturing' } | { kind: 'probed'; attempts: Attempt[] } | { kind: 'stats'; stats: CaptureStats }

export type CaptureStats = {
  journal: { pending: number; lagMs: number; written: number; lost: number }
}
