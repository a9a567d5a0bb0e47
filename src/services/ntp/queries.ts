import { Cursor } from '#codec/cursor.ts'
import { text } from '#events/text.ts'

/** What mode 6 or 7 asks for, in the words of ntpq and ntpdc. Never answered: `restrict default … noquery`. */
export type Query = {
  verb: string
  line: string
  exploit?: { id: string; name: string }
  /** Bytes of the first datagram of the answer that a server open to such questions gives; many more follow. */
  wanted?: number
}

/** `ntp_control.h`, CTL_OP_*. */
const controlOpcodes = new Map([
  [0, 'unspec'],
  [1, 'readstat'],
  [2, 'readvar'],
  [3, 'writevar'],
  [4, 'readclock'],
  [5, 'writeclock'],
  [6, 'settrap'],
  [7, 'asyncmsg'],
  [8, 'configure'],
  [9, 'saveconfig'],
  [10, 'mrulist'],
  [11, 'readordlist'],
  [12, 'reqnonce'],
  [31, 'unsettrap'],
])
/** `ntp_request.h` of ntp 4.2: REQ_*. */
const privateRequests = new Map([
  [0, 'peer_list'],
  [1, 'peer_list_sum'],
  [2, 'peer_info'],
  [3, 'peer_stats'],
  [4, 'sys_info'],
  [5, 'sys_stats'],
  [6, 'io_stats'],
  [7, 'mem_stats'],
  [8, 'loop_info'],
  [9, 'timer_stats'],
  [10, 'config'],
  [11, 'unconfig'],
  [16, 'get_restrict'],
  [17, 'resaddflags'],
  [19, 'unrestrict'],
  [20, 'mon_getlist'],
  [22, 'reset_stats'],
  [28, 'authinfo'],
  [36, 'get_ctlstats'],
  [42, 'mon_getlist_1'],
  [44, 'if_stats'],
])

const monlist = { id: 'CVE-2013-5211', name: 'ntp-monlist: traffic amplification' }
const exploits = new Map([
  ['mon_getlist', monlist],
  ['mon_getlist_1', monlist],
  ['peer_list', { id: 'ntp-peer-list', name: 'ntpd peer list: traffic amplification' }],
  ['mrulist', { id: 'ntp-mrulist', name: 'ntpd list of recent clients: traffic amplification' }],
  ['settrap', { id: 'CVE-2016-9310', name: 'ntpd control trap without authentication' }],
  ['configure', { id: 'ntp-configure', name: 'ntpd configured from outside' }],
  ['saveconfig', { id: 'ntp-saveconfig', name: 'ntpd told to write a file' }],
])
/** A full datagram of mode 6 (RFC 1305 appendix B: 468 bytes of data behind 12) or 7 (six entries of 72 behind 8). */
const amplified = new Map([
  ['mon_getlist', 440],
  ['mon_getlist_1', 440],
  ['peer_list', 440],
  ['mrulist', 480],
])
const query = (verb: string, line: string): Query => {
  const exploit = exploits.get(verb)
  const wanted = amplified.get(verb)
  return { verb, line, ...(exploit && { exploit }), ...(wanted !== undefined && { wanted }) }
}

/** RFC 1305 appendix B.1: response, error and more bits, operation, sequence, status, association, offset, count. */
export function parseControl(packet: Buffer, version: number): Query {
  const cursor = new Cursor(packet)
  cursor.bytes(1)
  const bits = cursor.u8()
  cursor.bytes(4)
  const association = cursor.u16be()
  cursor.bytes(2)
  const data = cursor.bytes(Math.min(cursor.u16be(), cursor.left))
  const verb = controlOpcodes.get(bits & 0x1f) ?? `opcode ${bits & 0x1f}`
  return query(
    verb,
    [
      `ntp v${version} control${bits & 0x80 ? ' response' : ''} ${verb}`,
      ...(association ? [`association ${association}`] : []),
      ...(data.length ? [text(data, 512)] : []),
    ].join(' '),
  )
}

/** `ntp_request.h`, struct req_pkt: response bit, sequence, implementation, request. */
export function parsePrivate(packet: Buffer, version: number): Query {
  const cursor = new Cursor(packet)
  const response = cursor.u8() & 0x80
  cursor.bytes(1)
  const implementation = cursor.u8()
  const request = cursor.u8()
  const verb = privateRequests.get(request) ?? `request ${request}`
  return query(verb, `ntp v${version} private${response ? ' response' : ''} ${verb} implementation ${implementation}`)
}
