import { prepared, service, udp } from '#sensor/service.ts'
import { options } from './options.ts'

const tftp = prepared(() => import('./serve.ts'))

/** A TFTP server that everybody may write to: where botnets stage programs, and where routers leave their configuration. */
export default service({
  name: 'tftp',
  title: 'tftpd-hpa that takes uploads',
  replaces: ['dionaea tftp', 'honeytrap-go tftp', 'honeypy tftp', 'opencanary tftp'],
  listen: [udp(69)],
  options,
  load: tftp.load,
  datagram: (packet, cx) => tftp.code.datagram(packet, cx),
  silent: cx => tftp.code.silent(cx),
})
