import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { driver, installDrivers } from '../drivers.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Login = Event & { user?: { name: string }; skep: { login: { password?: string } } }
type Line = Event & { process?: { command_line?: string } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'amqp' && event.event.action === action
const commandLine = (fits: RegExp) => (event: Event) =>
  ofAction('command')(event) && fits.test((event as Line).process?.command_line ?? '')
const python = spawnSync('/usr/bin/python3', ['-c', 'import pika'], { stdio: 'ignore' }).status === 0
const noDrivers = installDrivers()

describe('RabbitMQ, with real clients', () => {
  let skep: Skep
  let port: string
  let tls: string
  before(async () => {
    const access = "access: { rules: ['admin:rabbit-hole'], otherwise: refuse }"
    skep = await startSkep({ config: `persona: { os: debian-12 }\nservices: { amqp: { ${access} } }\n` })
    port = String(skep.port('amqp'))
    tls = String(skep.port('amqp', { tls: true }))
  })
  after(async () => {
    await skep?.stop()
  })

  test('amqp-tools declare, publish, take and remove', { skip: missing('amqp-publish') }, async () => {
    const url = `--url=amqp://admin:rabbit-hole@127.0.0.1:${port}/%2f`
    const tool = (name: string, ...args: string[]) => runClient(name, [url, ...args])
    assert.equal((await tool('amqp-declare-queue', '-q', 'tools')).out, 'tools\n')
    await tool('amqp-publish', '-r', 'tools', '-b', 'by amqp-tools')
    const { out, err } = await tool('amqp-get', '-q', 'tools')
    assert.equal(out, 'by amqp-tools', err)
    await tool('amqp-publish', '-r', 'tools', '-b', 'and once more')
    assert.equal((await tool('amqp-consume', '-q', 'tools', '-c', '1', 'cat')).out, 'and once more')
    assert.equal((await tool('amqp-delete-queue', '-q', 'tools')).out, '0\n')
    await skep.eventually(commandLine(/^basic\.publish '' tools by amqp-tools$/))
  })

  test("Python's pika: exchanges, confirmations, errors, TLS", { skip: !python }, async () => {
    const script = `
import pika, ssl
def at(port, **more): return pika.BlockingConnection(pika.ConnectionParameters('127.0.0.1', port, credentials=pika.PlainCredentials('admin', 'rabbit-hole'), heartbeat=4, **more))
c = at(${port}); ch = c.channel()
ch.exchange_declare('pika', 'topic'); q = ch.queue_declare('', exclusive=True).method.queue; assert q.startswith('amq.gen-')
ch.queue_bind(q, 'pika', 'a.#'); ch.confirm_delivery()
ch.basic_publish('pika', 'a.b', b'confirmed', pika.BasicProperties(headers={'x': 1}, delivery_mode=2), mandatory=True)
try: ch.basic_publish('pika', 'nowhere', b'x', mandatory=True)
except pika.exceptions.UnroutableError as e: print('unroutable', len(e.messages))
m, p, b = ch.basic_get(q); print(b, p.headers); ch.basic_nack(m.delivery_tag)
c.sleep(5); m, p, b = ch.basic_get(q, auto_ack=True); print(m.redelivered)
try: ch.queue_declare('missing', passive=True)
except pika.exceptions.ChannelClosedByBroker as e: print(e.reply_code, e.reply_text)
c.close()
s = ssl.create_default_context(); s.check_hostname = False; s.verify_mode = ssl.CERT_NONE
t = at(${tls}, ssl_options=pika.SSLOptions(s)); print(t.is_open); t.close()
try: pika.BlockingConnection(pika.ConnectionParameters('127.0.0.1', ${port}, credentials=pika.PlainCredentials('admin', 'wrong')))
except pika.exceptions.ProbableAuthenticationError as e: print(e.args[0])
except pika.exceptions.AMQPConnectionError as e: print(repr(e))`
    const { out, err } = await runClient('/usr/bin/python3', ['-c', script])
    assert.match(
      out,
      /^unroutable 1\nb'confirmed' \{'x': 1\}\nTrue\n404 NOT_FOUND - no queue 'missing' in vhost '\/'\nTrue\n.*ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN\. For details see the broker logfile\./,
      err,
    )
  })

  test('amqplib works, and what it left is there for the next', { skip: noDrivers }, async () => {
    type Channel = {
      assertQueue(name: string, options?: object): Promise<{ queue: string; messageCount: number }>
      sendToQueue(name: string, body: Buffer): boolean
      waitForConfirms(): Promise<void>
      get(name: string): Promise<{ content: Buffer } | false>
    }
    type Connection = { createConfirmChannel(): Promise<Channel>; close(): Promise<void> }
    const { connect } = driver<{ connect(url: string): Promise<Connection> }>('amqplib')
    const url = `amqp://admin:rabbit-hole@127.0.0.1:${port}`
    const first = await connect(url)
    const channel = await first.createConfirmChannel()
    await channel.assertQueue('left', { durable: true })
    channel.sendToQueue('left', Buffer.from('from node'))
    await channel.waitForConfirms()
    await first.close()
    const second = await connect(url)
    const again = await second.createConfirmChannel()
    assert.equal((await again.assertQueue('left', { durable: true })).messageCount, 1)
    const message = await again.get('left')
    assert.equal(message && String(message.content), 'from node')
    await second.close()
    await assert.rejects(connect(`amqp://root:toor@127.0.0.1:${port}`), /403 \(ACCESS-REFUSED\)/)
  })

  // hydra, medusa and ncrack do not speak it: guessers are programs of their own.
  test('every guess of a brute-force run is recorded', { skip: !python }, async () => {
    const script = `
import pika
for word in ['guest1', 'admin', 'rabbitmq', 'rabbit-hole']:
    try: pika.BlockingConnection(pika.ConnectionParameters('127.0.0.1', ${port}, credentials=pika.PlainCredentials('guesser' if word != 'rabbit-hole' else 'admin', word))).close(); print(word)
    except pika.exceptions.AMQPError: pass`
    const { out, err } = await runClient('/usr/bin/python3', ['-c', script])
    assert.equal(out, 'rabbit-hole\n', err)
    const wanted = (event: Event) => ofAction('login')(event) && (event as Login).user?.name === 'guesser'
    const seen = ((await skep.eventually(wanted, 3)) as Login[]).map(event => event.skep.login.password)
    assert.deepEqual(seen, ['guest1', 'admin', 'rabbitmq'])
  })

  test('nmap names it and reads what it says of itself', { skip: missing('nmap') }, async () => {
    const { out } = await runClient(
      'nmap',
      ['-Pn', '-n', '-sV', '--version-all', '-p', port, '--script', '+amqp-info', '127.0.0.1'],
      { seconds: 120 },
    )
    assert.match(out, /open +amqp/, out)
    assert.match(out, /product: RabbitMQ/)
    assert.match(out, /version: 3\.10\.8/)
    assert.match(out, /platform: Erlang\/OTP 25\.2\.3/)
    assert.doesNotMatch(out, /honey|skep/i)
  })
})
