import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { names } from '../../../test/oracle/inetd/script.ts'
import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import type { Exchange } from '../../../test/oracle/kit/dialogue.ts'
import inetd from './index.ts'
import { datagram } from './serve.ts'

const portOf = (dialogue: string) => [...names].find(([, name]) => dialogue.startsWith(`${name}: `))![0]

/** The times. */
export const mask = (heard: string): string => {
  if (/^\d\d [A-Z]{3} \d{4} /.test(heard)) return heard.replace(/\d/g, '0').replace(/[A-Z]{3} 0000/, 'MON 0000')
  if (heard.length === 4) return 'time'
  return heard
}

export async function playDialogue(steps: readonly string[], dialogue: string): Promise<Exchange[]> {
  const cx = { ...testContext(inetd, listeningRecorder().record, { port: portOf(dialogue) }) }
  cx.persona = { ...cx.persona, timezone: { name: 'Etc/UTC', offset: 0 } }
  return steps.map(sent => ({ sent, heard: datagram(Buffer.from(sent, 'latin1'), cx)?.toString('latin1') ?? '' }))
}

export const playStream = (steps: readonly string[], dialogue: string): Promise<Exchange[]> =>
  playAtUs(inetd, steps, cx => ({
    port: portOf(dialogue),
    persona: { ...cx.persona, timezone: { name: 'Etc/UTC', offset: 0 } },
  }))
