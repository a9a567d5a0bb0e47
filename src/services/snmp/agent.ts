import * as ber from './ber.ts'
import { type Binding, Pdu, type Request } from './message.ts'
import { type Mib, type Written, writable } from './mib.ts'

/** What snmpd makes of a request (RFC 3416 §4.2; RFC 1157 §4.1 for version 1). */

const tag = (value: number) => Buffer.of(value, 0)
const exceptions = { noSuchObject: tag(0x80), noSuchInstance: tag(0x81), endOfMibView: tag(0x82) }
export const Status = {
  ok: 0,
  tooBig: 1,
  noSuchName: 2,
  genErr: 5,
  noAccess: 6,
  wrongType: 7,
  notWritable: 17,
} as const

/** Bindings of one answer at most: what a bulk request multiplies is bounded before it is sent. */
const MOST = 200

type Asked = { request: Request; mib: Mib; version: 0 | 1; mayWrite: boolean; written: Written; room: number }

const respond = ({ request }: Asked, bindings: Binding[], status = 0, index = 0): Request => ({
  type: Pdu.response,
  id: request.id,
  first: status,
  second: index,
  bindings,
})

export function answer(asked: Asked): Request | undefined {
  const { type } = asked.request
  if (type === Pdu.get) return read(asked, exact)
  if (type === Pdu.getNext) return read(asked, following)
  if (type === Pdu.getBulk) return bulk(asked)
  if (type === Pdu.set) return write(asked)
  return undefined
}

function exact({ oid }: Binding, mib: Mib): Binding {
  const found = mib.find(row => ber.compare(row.oid, oid) === 0)
  if (found) return found
  // An object that has instances, but not this one.
  const known = mib.some(row => {
    const object = row.oid.at(-1) === 0 ? row.oid.slice(0, -1) : row.oid.slice(0, 10)
    return object.length <= oid.length && object.every((arc, i) => oid[i] === arc)
  })
  return { oid, value: known ? exceptions.noSuchInstance : exceptions.noSuchObject }
}

function following({ oid }: Binding, mib: Mib): Binding {
  return mib.find(row => ber.compare(row.oid, oid) > 0) ?? { oid, value: exceptions.endOfMibView }
}

const missing = ({ value }: Binding) => value.length === 2 && value[0]! >= 0x80 && value[0]! <= 0x82
const counter64 = ({ value }: Binding) => value[0] === 0x46

function read(asked: Asked, find: (binding: Binding, mib: Mib) => Binding): Request {
  const { request, mib, version } = asked
  // Version 1 cannot carry 64 bits: such objects are as if they were not there.
  const visible = version === 0 ? mib.filter(row => !counter64(row)) : mib
  const found = request.bindings.map(binding => find(binding, visible))
  const absent = found.findIndex(missing)
  if (version === 0 && absent >= 0) return respond(asked, request.bindings, Status.noSuchName, absent + 1)
  return respond(asked, found)
}

function bulk(asked: Asked): Request {
  const { request, mib, room } = asked
  const single = Math.max(0, Math.min(request.first, request.bindings.length))
  const times = Math.max(0, Math.min(request.second, MOST))
  const out = request.bindings.slice(0, single).map(binding => following(binding, mib))
  let row = request.bindings.slice(single)
  let size = out.reduce((sum, binding) => sum + sizeOf(binding), 60)
  for (let n = 0; n < times && row.length > 0 && out.length < MOST; n++) {
    row = row.map(binding => following(binding, mib))
    size += row.reduce((sum, binding) => sum + sizeOf(binding), 0)
    // As many as fit: an agent may always answer with fewer (RFC 3416 §4.2.3).
    if (n > 0 && size > Math.max(room, 120)) break
    out.push(...row)
    if (row.every(missing)) break
  }
  return respond(asked, out)
}
const sizeOf = ({ oid, value }: Binding) => oid.length + value.length + 6

function write(asked: Asked): Request {
  const { request, version, mayWrite, written } = asked
  const refuse = (status: number, index: number) =>
    respond(asked, request.bindings, version === 0 ? Status.noSuchName : status, index + 1)
  if (!mayWrite) return refuse(Status.noAccess, 0)
  for (const [i, { oid, value }] of request.bindings.entries()) {
    const name = ber.dotted(oid)
    // Where NET-SNMP-EXTEND-MIB is compiled in, whoever may write may have commands run.
    if (name.startsWith(EXTEND)) continue
    if (!writable.has(name)) return refuse(Status.notWritable, i)
    if (value[0] !== 0x04)
      return version === 0 ? respond(asked, request.bindings, 3, i + 1) : refuse(Status.wrongType, i)
  }
  for (const { oid, value } of request.bindings)
    if (writable.has(ber.dotted(oid))) written.set(ber.dotted(oid), value.subarray(0, 260))
  return respond(asked, request.bindings)
}

/** nsExtendConfigTable of net-snmp. */
export const EXTEND = '1.3.6.1.4.1.8072.1.3.2.'
/** lsystem of old Ciscos: writeNet and hostConfigSet fetch or send a configuration by TFTP. */
export const CISCO_WRITE = '1.3.6.1.4.1.9.2.1.55.'
export const CISCO_CONFIG = '1.3.6.1.4.1.9.2.1.53.'
