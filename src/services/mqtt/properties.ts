import type { Cursor } from '#codec/cursor.ts'
import { Broken, Reason, readString, readVarint, Type } from './wire.ts'

/** Properties of MQTT 5.0 (§2.2.2.2): how each is written, and in which packets of a client it may stand. */

export const Property = {
  payloadFormat: 0x01,
  messageExpiry: 0x02,
  contentType: 0x03,
  responseTopic: 0x08,
  correlationData: 0x09,
  subscriptionIdentifier: 0x0b,
  sessionExpiry: 0x11,
  assignedClient: 0x12,
  authenticationMethod: 0x15,
  authenticationData: 0x16,
  requestProblem: 0x17,
  willDelay: 0x18,
  requestResponse: 0x19,
  reasonString: 0x1f,
  receiveMaximum: 0x21,
  topicAliasMaximum: 0x22,
  topicAlias: 0x23,
  user: 0x26,
  maximumPacket: 0x27,
} as const

type Form = 'byte' | 'two' | 'four' | 'varint' | 'string' | 'binary' | 'pair'
/** Will properties are read as if they were a packet of their own. */
export const WILL = 0

const acknowledgements = [Type.puback, Type.pubrec, Type.pubrel, Type.pubcomp]
const known = new Map<number, { form: Form; in: readonly number[] }>([
  [Property.payloadFormat, { form: 'byte', in: [Type.publish, WILL] }],
  [Property.messageExpiry, { form: 'four', in: [Type.publish, WILL] }],
  [Property.contentType, { form: 'string', in: [Type.publish, WILL] }],
  [Property.responseTopic, { form: 'string', in: [Type.publish, WILL] }],
  [Property.correlationData, { form: 'binary', in: [Type.publish, WILL] }],
  [Property.subscriptionIdentifier, { form: 'varint', in: [Type.publish, Type.subscribe] }],
  [Property.sessionExpiry, { form: 'four', in: [Type.connect, Type.disconnect] }],
  [Property.authenticationMethod, { form: 'string', in: [Type.connect, Type.auth] }],
  [Property.authenticationData, { form: 'binary', in: [Type.connect, Type.auth] }],
  [Property.requestProblem, { form: 'byte', in: [Type.connect] }],
  [Property.willDelay, { form: 'four', in: [WILL] }],
  [Property.requestResponse, { form: 'byte', in: [Type.connect] }],
  [Property.reasonString, { form: 'string', in: [...acknowledgements, Type.disconnect, Type.auth] }],
  [Property.receiveMaximum, { form: 'two', in: [Type.connect] }],
  [Property.topicAliasMaximum, { form: 'two', in: [Type.connect] }],
  [Property.topicAlias, { form: 'two', in: [Type.publish] }],
  [
    Property.user,
    {
      form: 'pair',
      in: [
        Type.connect,
        Type.publish,
        WILL,
        ...acknowledgements,
        Type.subscribe,
        Type.unsubscribe,
        Type.disconnect,
        Type.auth,
      ],
    },
  ],
  [Property.maximumPacket, { form: 'four', in: [Type.connect] }],
])

/** One property: its number, its value (a number or a text), and all its bytes, to be passed on as they came. */
export type Member = { id: number; value: number | string; raw: Buffer }
export type Properties = readonly Member[]

/** The list in front of a body; `packet` says whose. */
export function readProperties(cursor: Cursor, packet: number): Properties {
  const inside = cursor.bytes(readVarint(cursor))
  const list = new (cursor.constructor as typeof Cursor)(inside)
  const found: Member[] = []
  while (list.left > 0) {
    const start = list.offset
    const id = readVarint(list)
    const kind = known.get(id)
    if (!kind?.in.includes(packet)) throw new Broken(`Property ${id} in packet ${packet}`, Reason.malformed)
    if (id !== Property.user && found.some(one => one.id === id)) throw new Broken(`Property ${id} twice`)
    const value = readValue(list, kind.form)
    found.push({ id, value, raw: inside.subarray(start, list.offset) })
  }
  return found
}

function readValue(list: Cursor, form: Form): number | string {
  switch (form) {
    case 'byte':
      return list.u8()
    case 'two':
      return list.u16be()
    case 'four':
      return list.u32be()
    case 'varint':
      return readVarint(list)
    case 'string':
      return readString(list)
    case 'binary':
      return list.lp16().toString('latin1')
    case 'pair':
      return `${readString(list)}=${readString(list)}`
  }
}

export const numberOf = (list: Properties, id: number): number | undefined => {
  const found = list.find(one => one.id === id)?.value
  return typeof found === 'number' ? found : undefined
}
export const textOf = (list: Properties, id: number): string | undefined => {
  const found = list.find(one => one.id === id)?.value
  return typeof found === 'string' ? found : undefined
}

/** What of a message's properties its receivers get, as bytes; alias, identifier and expiry are between two parties. */
export const passedOn = (list: Properties): Buffer =>
  Buffer.concat(list.filter(({ id }) => !own.has(id)).map(({ raw }) => raw))
const own = new Set<number>([
  Property.topicAlias,
  Property.subscriptionIdentifier,
  Property.messageExpiry,
  Property.willDelay,
])
