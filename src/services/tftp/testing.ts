import { listeningRecorder, testContext } from '#services/testing/play.ts'
import type { Exchange } from '../../../test/oracle/kit/dialogue.ts'
import tftp from './index.ts'
import { datagram } from './serve.ts'
import type { File } from './world.ts'

/** The recorded server's files. */
export const files: ReadonlyMap<string, File> = new Map<string, File>([
  ['small.txt', { content: Buffer.from('hi\n') }],
  ['lines.txt', { content: Buffer.from('a\nb\r\nc\n'.repeat(70)) }],
  ['big.cfg', { content: Buffer.from('a'.repeat(1300)) }],
  ['secret', { denied: true }],
  ['dir', { folder: true }],
])
export const mask = (heard: string): string => heard

/** Every datagram with all of its answer, of which the runtime would let out no more than came. */
export async function playDialogue(steps: readonly string[]): Promise<Exchange[]> {
  const cx = testContext(tftp, listeningRecorder().record)
  return steps.map(sent => {
    let heard = ''
    try {
      heard = datagram(Buffer.from(sent, 'latin1'), cx, files)?.toString('latin1') ?? ''
    } catch {
      // Malformed: silence, as the runtime keeps it.
    }
    return { sent, heard }
  })
}
