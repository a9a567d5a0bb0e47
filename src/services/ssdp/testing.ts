import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import type { Exchange } from '../../../test/oracle/kit/dialogue.ts'
import ssdp from './index.ts'
import { datagram } from './serve.ts'

/** Addresses, identifiers, the kernel, times since a start, and the lengths that follow from them. */
export const mask = (heard: string): string =>
  heard
    .replace(/\b(?:192\.0\.2\.1|203\.0\.113\.80)\b/g, 'ADDRESS')
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{11}([0-9a-f])/g, 'UUID')
    .replace(/Debian\/\S+/g, 'Debian/KERNEL')
    .replace(/((?:01-NLS|BOOTID\.UPNP\.ORG): )\d+/g, '$1~')
    .replace(/(<NewUptime>)\d+/g, '$1~')
    .replace(/(<serialNumber>)\d+/g, '$1~')
    .replace(/(Content-Length: )\d+/g, '$1~')

/** A search with the first of its answers, for which there is all the room of the world. */
export async function playDialogue(steps: readonly string[]): Promise<Exchange[]> {
  const cx = testContext(ssdp, listeningRecorder().record)
  return steps.map(sent => {
    try {
      const said = datagram(Buffer.from(sent, 'latin1'), cx, 65_507)
      return { sent, heard: (Buffer.isBuffer(said) ? said : said?.answer)?.toString('latin1') ?? '' }
    } catch {
      return { sent, heard: '' }
    }
  })
}

/** Requests meet one gateway, one after another: a mapping that one adds is there for the next. */
const memory = new Map<string, object>()
export const playRequest = (steps: readonly string[]): Promise<Exchange[]> =>
  playAtUs(ssdp, steps, cx => ({
    port: 5000,
    destination: { ip: cx.destination.ip, port: 5000 },
    attacker: (make, room = 'ssdp') => {
      const state = memory.get(room) ?? make()
      memory.set(room, state)
      return state as never
    },
  }))
