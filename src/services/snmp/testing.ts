import { listeningRecorder, testContext } from '#services/testing/play.ts'
import type { Exchange } from '../../../test/oracle/kit/dialogue.ts'
import * as ber from './ber.ts'
import snmp from './index.ts'
import { parseMessage, parsePdu } from './message.ts'
import { datagram } from './serve.ts'

/** Values that are no machine's own. */
const fixed = /^1\.3\.6\.1\.(?:2\.1\.1\.(?:2|7|9)\.|2\.1\.2\.2\.1\.(?:1|3)\.|6\.3\.)/

/** A message by its parts; of a value its type, and the value itself where all machines have the same. */
export function mask(heard: string): string {
  const packet = Buffer.from(heard, 'latin1')
  if (packet.length === 0) return ''
  const message = parseMessage(packet)
  const shown = (element: ber.Element) => {
    const { bindings, ...rest } = parsePdu(element)
    const values = bindings.map(({ oid, value }) => {
      const name = ber.dotted(oid)
      return `${name} ${fixed.test(`${name}.`) || value[0]! >= 0x80 ? value.toString('hex') : `type ${value[0]}`}`
    })
    return [rest, values]
  }
  if ('community' in message) return JSON.stringify([message.version, message.community.toString(), shown(message.pdu)])
  if (!('scoped' in message)) return JSON.stringify(message)
  const { id, maxSize, flags, model, engineId, user, digest, scoped } = message
  const inner = new ber.Cursor(scoped.content)
  const context = ber.expect(inner, 4).length
  ber.expect(inner, 4)
  const { first, second, type, bindings, id: request } = parsePdu(ber.element(inner))
  const counters = bindings.map(({ oid, value }) => `${ber.dotted(oid)} ${value[0]}`)
  const engine = `${engineId.toString('hex', 0, 5)} ${engineId.length} ${context}`
  return JSON.stringify([
    id,
    maxSize,
    flags,
    model,
    engine,
    String(user),
    digest.length,
    type,
    request,
    first,
    second,
    counters,
  ])
}

/** Each question with the whole of its answer, for which there is all the room of the world. */
export async function playDialogue(steps: readonly string[]): Promise<Exchange[]> {
  const cx = testContext(snmp, listeningRecorder().record)
  return steps.map(sent => {
    try {
      const said = datagram(Buffer.from(sent, 'latin1'), cx, 65_507)
      return { sent, heard: Buffer.isBuffer(said) ? said.toString('latin1') : '' }
    } catch {
      return { sent, heard: '' }
    }
  })
}
