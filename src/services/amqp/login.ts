import { accessOf } from '#access/access.ts'
import { readPlain } from '#codec/sasl.ts'
import { text } from '#events/text.ts'
import { Malformed } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import { argsOf } from './methods.ts'
import type { Options } from './options.ts'
import { long as longString, method, readTable, shown, type Table, table, textIn } from './wire.ts'

/** Connection.Start and the answer to it (AMQP 0-9-1 §2.2.4), as RabbitMQ's reader and its mechanisms have them. */

type Cx = TcpContext<Options>

/** Who came in by which mechanism, and what the client can do; `undefined` what RabbitMQ does not answer at once. */
export type Entry =
  | { outcome: 'in'; user: string; capabilities: Set<string> }
  | { outcome: 'refused'; mechanism: string; told: boolean }
  | { outcome: 'silent' }

/** Whose it is and under which licence, as each release says it; 3.9.13 as 3.10 does. */
const current = ['2007-2022 VMware, Inc. or its affiliates.', 'MPL 2.0'] as const
const notices = [
  ['3.8.2', ['2007-2019 Pivotal Software, Inc.', 'MPL 1.1']],
  ['3.8.', ['2007-2020 VMware, Inc. or its affiliates.', 'MPL 2.0']],
] as const

/** What this server says of itself; 0-8 clients are told of no capabilities. */
export function start({ persona }: Cx, version: readonly [number, number]): Buffer {
  const { rabbitmq } = persona.software
  const [copyright, licence] = notices.find(([before]) => rabbitmq.version.startsWith(before))?.[1] ?? current
  const properties = {
    capabilities:
      version[0] === 8
        ? {}
        : {
            publisher_confirms: true,
            exchange_exchange_bindings: true,
            'basic.nack': true,
            consumer_cancel_notify: true,
            'connection.blocked': true,
            consumer_priorities: true,
            authentication_failure_close: true,
            per_consumer_qos: true,
            direct_reply_to: true,
          },
    cluster_name: `rabbit@${persona.fqdn}`,
    copyright: `Copyright (c) ${copyright}`,
    information: `Licensed under the ${licence}. Website: https://rabbitmq.com`,
    platform: `Erlang/OTP ${rabbitmq.erlang}`,
    product: 'RabbitMQ',
    version: rabbitmq.version,
  }
  return method(0, 10, 10, Buffer.of(...version), table(properties), longString('PLAIN AMQPLAIN'), longString('en_US'))
}

/** Reads Connection.StartOk, records who it is, and says whether they may. */
export function enter(cx: Cx, payload: Buffer): Entry {
  const args = argsOf(payload.subarray(4))
  const [properties, mechanism, response] = [args.table(), args.text(), args.bytes()]
  args.text()
  for (const name of ['product', 'version', 'platform', 'connection_name', 'information']) {
    const value = textIn(properties, name)
    if (value !== undefined)
      cx.record.environment({ name: `AMQP ${name}`, value: text(Buffer.from(value, 'latin1'), 256) })
  }
  const given = credentials(mechanism, response)
  if (!given) return { outcome: 'silent' }
  const { user, password } = given
  const allowed = isAllowed(cx, user, password)
  const shownUser = text(Buffer.from(user, 'latin1'))
  cx.record.login({
    method: mechanism,
    user: shownUser,
    password: text(Buffer.from(password, 'latin1')),
    outcome: allowed ? 'success' : 'failure',
  })
  const capabilities = capabilitiesIn(properties)
  if (allowed) return { outcome: 'in', user, capabilities }
  return { outcome: 'refused', mechanism, told: capabilities.has('authentication_failure_close') }
}

function credentials(mechanism: string, response: Buffer): { user: string; password: string } | undefined {
  // Nobody may be somebody else here: the first of the three has to be empty.
  if (mechanism === 'PLAIN') return response[0] === 0 ? readPlain(response) : undefined
  if (mechanism !== 'AMQPLAIN') return undefined
  try {
    const fields = readTable(response)
    const [user, password] = [textIn(fields, 'LOGIN'), textIn(fields, 'PASSWORD')]
    return user === undefined || password === undefined ? undefined : { user, password }
  } catch (problem) {
    if (problem instanceof Malformed) return undefined
    throw problem
  }
}

/** `guest` comes in from the machine itself alone, unless the operator lets it (`loopback_users`). */
function isAllowed(cx: Cx, user: string, password: string): boolean {
  const here = /^(?:127\.|::1$)/.test(cx.source.ip)
  if (user === 'guest') return password === 'guest' && (here || cx.options.guest)
  return accessOf(cx, cx.options.access).password(user, password)
}

function capabilitiesIn(properties: Table): Set<string> {
  const found = properties.get('capabilities')
  if (found?.type !== 'F') return new Set()
  return new Set([...found.value].filter(([, value]) => shown(value) === 'true').map(([name]) => name))
}

export const refusal = (mechanism: string): string =>
  `ACCESS_REFUSED - Login was refused using authentication mechanism ${mechanism}. For details see the broker logfile.`
