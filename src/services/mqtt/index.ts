import { once, service, tcp, tls } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A message broker through which a small installation's devices speak; each attacker meets one of its own. */
export default service({
  name: 'mqtt',
  title: 'MQTT broker of a small installation (Mosquitto)',
  replaces: ['dionaea', 'qeeqbox', 'honeytrap'],
  listen: [tcp(1883), tls(8883)],
  options,
  limits: { idle: 120, lifetime: 12 * 3600, inbox: 512 << 10, total: 128 << 20 },
  tls: persona => persona.certificate('other'),
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
