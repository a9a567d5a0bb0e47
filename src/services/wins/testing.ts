import { listeningRecorder, testContext } from '#services/testing/play.ts'
import type { Exchange } from '../../../test/oracle/kit/dialogue.ts'
import wins from './index.ts'
import { datagram } from './serve.ts'

/** The machine's own address, which ends an answer; one that was claimed stays. */
export const mask = (heard: string): string => heard.replace(/(?:\xc0\0\x02\x01|\xcb\0\x71\x50)$/, 'ADDR')

/** Each question with its answer, for which there is all the room of the world. */
export async function playDialogue(steps: readonly string[]): Promise<Exchange[]> {
  const cx = testContext(wins, listeningRecorder().record)
  return steps.map(sent => {
    try {
      return { sent, heard: datagram(Buffer.from(sent, 'latin1'), cx)?.toString('latin1') ?? '' }
    } catch {
      return { sent, heard: '' }
    }
  })
}
