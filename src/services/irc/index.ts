import { once, service, tcp, tls } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A small chat server, with a few people in it, where bots look for their herder. */
export default service({
  name: 'irc',
  title: 'Chat server (ngIRCd or UnrealIRCd)',
  replaces: ['qeeqbox irc', 'honeypy'],
  listen: [tcp(6667), tls(6697)],
  options,
  // PingTimeout and PongTimeout of Debian's ngircd.conf.
  limits: { idle: 140, lifetime: 86_400, total: 8 << 20 },
  tls: persona => persona.certificate('other'),
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
