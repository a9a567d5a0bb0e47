import { once, service, tcp, tls } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A RabbitMQ whose port stands open to the world, with a queue or two of somebody's application. */
export default service({
  name: 'amqp',
  title: 'RabbitMQ with its port open',
  replaces: ['heralding', 'honeypy'],
  listen: [tcp(5672), tls(5671)],
  options,
  limits: { idle: 200, lifetime: 6 * 3600, inbox: 256 << 10, total: 128 << 20 },
  tls: persona => persona.certificate('other'),
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
})
