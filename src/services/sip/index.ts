import { prepared, service, tcp, tls, udp } from '#sensor/service.ts'
import { options } from './options.ts'
import { mediaPorts } from './ports.ts'

const sip = prepared(() => import('./serve.ts'))

/** A telephone system on the open Internet: for those who count its extensions, guess their passwords and call on its bill. */
export default service({
  name: 'sip',
  title: 'Telephone system (Asterisk or Kamailio)',
  replaces: ['dionaea', 'opencanary', 'qeeqbox', 'honeypy', 'glutton', 'sentrypeer'],
  listen: [udp(5060), tcp(5060), tls(5061), ...mediaPorts.map(udp)],
  options,
  limits: { idle: 180, total: 8 << 20 },
  saves: true,
  tls: persona => persona.certificate('other'),
  load: sip.load,
  session: async (conn, cx) => (await sip.load()).session(conn, cx),
  datagram: (packet, cx, room) => sip.code.datagram(packet, cx, room),
  silent: cx => sip.code.silent(cx),
})
