import * as v from 'valibot'
import { prepared, service, udp } from '#sensor/service.ts'

const ntp = prepared(() => import('./serve.ts'))

/** ntpd as a Debian server has it that gives the time to everyone and lets nobody ask it anything else. */
export default service({
  name: 'ntp',
  title: 'NTPsec, open to everyone',
  replaces: ['ddospot', 'opencanary ntp', 'qeeqbox ntp', 'honeypy ntp', 'honeytrap-go ntp'],
  listen: [udp(123)],
  options: v.strictObject({}),
  load: ntp.load,
  datagram: (packet, cx) => ntp.code.datagram(packet, cx),
})
