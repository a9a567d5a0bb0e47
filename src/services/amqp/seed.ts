import type { TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'
import { bind, enqueue, newVhost, type Vhost } from './vhost.ts'
import { short, type Table, table, u16, u32 } from './wire.ts'

/** What a small site's application left in its queues: tasks that wait, and where they come from. */

type Cx = TcpContext<Options>

export function seededVhost(cx: Cx): Vhost {
  const { persona } = cx
  const vhost = newVhost(() => cx.now() + persona.clockSkew)
  const draw = (label: string, below: number) => persona.derive(`amqp ${label}`, 2).readUInt16BE() % below
  const application = ['orders', 'billing', 'shop', 'crm', 'reports'][draw('application', 5)]!
  const queue = (name: string, args: Table = new Map()) => {
    const made = { name, durable: true, autoDelete: false, owner: undefined, args, messages: [], consumers: [] }
    vhost.queues.set(name, made)
    return made
  }
  const exchange = (name: string, type: string) => {
    const made = { name, type, durable: true, autoDelete: false, internal: false, args: new Map(), bindings: [] }
    vhost.exchanges.set(name, made)
    return made
  }
  const tasks = exchange('celery', 'direct')
  bind(vhost, tasks, { to: 'queue', name: 'celery', key: 'celery', args: new Map() })
  const events = exchange(`${application}.events`, 'topic')
  bind(vhost, events, { to: 'queue', name: `${application}.mail`, key: `${application}.*.created`, args: new Map() })
  const [celery, mail] = [queue('celery'), queue(`${application}.mail`)]
  queue(`${application}.failed`)
  for (let i = draw('tasks', 4) + 1; i > 0; i--) {
    const id = persona.derive(`amqp task ${i}`, 16).toString('hex')
    const uuid = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    const name = `${application}.tasks.${['send_mail', 'sync_stock', 'render_invoice'][i % 3]}`
    put(
      celery,
      'celery',
      'celery',
      `[[${1000 + draw(`number ${i}`, 9000)}], {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]`,
      {
        lang: 'py',
        task: name,
        id: uuid,
        retries: 0,
        origin: `gen${2000 + draw('origin', 900)}@${persona.hostname}`,
      },
    )
  }
  for (let i = draw('letters', 3); i > 0; i--)
    put(
      mail,
      events.name,
      `${application}.order.created`,
      JSON.stringify({
        order: 20_000 + draw(`order ${i}`, 40_000),
        mail: `orders@${persona.domain}`,
        total: draw(`total ${i}`, 90_000) / 100,
      }),
      {},
    )
  return vhost

  function put(
    into: ReturnType<typeof queue>,
    from: string,
    key: string,
    body: string,
    headers: Record<string, string | number>,
  ): void {
    // Content type, encoding, headers, delivery mode.
    const properties = Buffer.concat([
      u16(0xf000),
      short('application/json'),
      short('utf-8'),
      Object.keys(headers).length > 0 ? table(headers) : u32(0),
      Buffer.of(2),
    ])
    const message = { exchange: from, key, properties, headers: new Map(), body: Buffer.from(body) }
    enqueue(vhost, into, { ...message, redelivered: false, expiresAt: undefined, persistent: true })
  }
}
