import { once, prepared, service, tcp, tls, udp } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))
const datagrams = prepared(() => import('./cldap.ts'))

/** A directory of the persona's people: what is searched for names, and tried for passwords. */
export default service({
  name: 'ldap',
  title: 'Directory over LDAP (OpenLDAP)',
  replaces: ['honeytrap', 'qeeqbox'],
  listen: [tcp(389), tls(636), udp(389)],
  options,
  // Idle clients are borne (olcIdleTimeout 0); the largest message has room.
  limits: { idle: 300, inbox: 260 << 10, total: 8 << 20 },
  tls: persona => persona.certificate('other'),
  load: async all => {
    await datagrams.load()
    if (all) await code()
  },
  session: async (conn, cx) => (await code()).session(conn, cx),
  datagram: (packet, cx) => datagrams.code.answer(packet, cx),
})
