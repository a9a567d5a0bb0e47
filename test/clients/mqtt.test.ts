import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { driver, installDrivers } from '../drivers.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Login = Event & { user?: { name: string }; skep: { login: { password?: string } } }
type Line = Event & { process?: { command_line?: string } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'mqtt' && event.event.action === action
const commandLine = (fits: RegExp) => (event: Event) =>
  ofAction('command')(event) && fits.test((event as Line).process?.command_line ?? '')
const python = spawnSync('/usr/bin/python3', ['-c', 'import paho.mqtt.client'], { stdio: 'ignore' }).status === 0
const noDrivers = installDrivers()
const config = (options: string) => `persona: { os: debian-12 }\nservices: { mqtt: { ${options} } }\n`
const installed = 'installation: home'

describe('MQTT, with real clients', () => {
  let skep: Skep
  let port: string
  let tls: string
  before(async () => {
    skep = await startSkep({ config: config(installed) })
    port = String(skep.port('mqtt'))
    tls = String(skep.port('mqtt', { tls: true }))
  })
  after(async () => {
    await skep?.stop()
  })

  describe('mosquitto_pub, mosquitto_sub, mosquitto_rr', { skip: missing('mosquitto_pub') }, () => {
    const sub = (...args: string[]) => runClient('mosquitto_sub', ['-p', port, '-W', '4', ...args])
    test('read what is kept, of the broker and of the installation', async () => {
      const { out, err } = await sub('-t', '$SYS/#', '-t', '#', '-v')
      assert.match(out, /^\$SYS\/broker\/version mosquitto version 2\.0\.11$/m, err)
      assert.match(out, /^\$SYS\/broker\/uptime \d+ seconds$/m)
      assert.match(out, /^zigbee2mqtt\/\w+_climate \{"battery":\d+,"humidity":[\d.]+/m)
      assert.match(out, /^tele\/\w+\/LWT Online$/m)
      await skep.eventually(commandLine(/^SUBSCRIBE \$SYS\/# 0 # 0$/))
    })
    test('publish, in every version and quality, and find it again', async () => {
      for (const version of ['mqttv31', 'mqttv311', '5'])
        for (const qos of ['0', '1', '2']) {
          const topic = `left/${version}/${qos}`
          const said = ['-p', port, '-V', version, '-q', qos, '-t', topic, '-m', `message ${version} ${qos}`, '-r']
          const { status, err } = await runClient('mosquitto_pub', said)
          assert.equal(status, 0, err)
          const { out } = await sub('-V', version, '-q', qos, '-t', topic, '-C', '1')
          assert.equal(out, `message ${version} ${qos}\n`)
        }
      await skep.eventually(commandLine(/^PUBLISH left\/5\/2 qos=2 retain message 5 2$/))
    })
    test('a session keeps what came while its client was away', async () => {
      const session = ['-p', port, '-c', '-i', 'stays', '-q', '1', '-t', 'away']
      await runClient('mosquitto_sub', [...session, '-E'])
      await runClient('mosquitto_pub', ['-p', port, '-q', '1', '-t', 'away', '-m', 'waited'])
      const { out, err } = await runClient('mosquitto_sub', [...session, '-C', '1', '-W', '8'])
      assert.equal(out, 'waited\n', err)
    })
    test('a request is answered by another client', async () => {
      const answering = runClient('sh', [
        '-c',
        `mosquitto_sub -p ${port} -V 5 -t ask -C 1 -F %R -W 8 | xargs -I{} mosquitto_pub -p ${port} -V 5 -t {} -m answered`,
      ])
      await skep.eventually(commandLine(/^SUBSCRIBE ask 0$/))
      const { out, err } = await runClient('mosquitto_rr', [
        ...['-p', port, '-V', '5', '-t', 'ask', '-e', 'reply', '-m', 'question', '-W', '8'],
      ])
      assert.equal(out, 'answered\n', err)
      await answering
    })
    test('a socket does what it is told', async () => {
      const { out: list } = await sub('-t', 'stat/+/POWER', '-v', '-C', '1')
      const [, plug, state] = /^stat\/(\w+)\/POWER (\w+)$/m.exec(list) ?? assert.fail(list)
      await runClient('mosquitto_pub', ['-p', port, '-t', `cmnd/${plug}/POWER`, '-m', 'TOGGLE'])
      const { out } = await sub('-t', `stat/${plug}/POWER`, '-C', '1')
      assert.equal(out.trim(), state === 'ON' ? 'OFF' : 'ON')
    })
    test('speak TLS too, and a long message is kept as a sample', async () => {
      const file = path.join(os.tmpdir(), `mqtt-${process.pid}`)
      fs.writeFileSync(file, 'x'.repeat(300_000))
      const { status, err } = await runClient('mosquitto_pub', [
        ...['-p', tls, '--insecure', '--tls-use-os-certs', '-q', '1', '-t', 'blob', '-f', file],
      ])
      fs.rmSync(file)
      // A certificate that nobody vouches for: the client may refuse it, as it would the real one's.
      if (status !== 0) assert.match(err, /certificate verify failed|TLS/i)
      fs.writeFileSync(file, 'y'.repeat(300_000))
      await runClient('mosquitto_pub', ['-p', port, '-q', '1', '-t', 'blob', '-f', file])
      fs.rmSync(file)
      const [event] = await skep.eventually(ofAction('file-upload'))
      assert.equal((event as unknown as { file: { size: number } }).file.size, 300_000)
    })
  })

  test("Python's paho speaks 3.1.1 and 5, and gets its last will done", { skip: !python }, async () => {
    const script = `
import paho.mqtt.client as m, time, ssl
got = []; ready = []
def on(c, u, msg): got.append((msg.topic, msg.payload.decode(), msg.qos))
def until(so):
    end = time.time() + 30
    while not so() and time.time() < end: time.sleep(.05)
w = m.Client(protocol=m.MQTTv5); w.on_message = on; w.on_subscribe = lambda *a: ready.append(1); w.connect('127.0.0.1', ${port}); w.loop_start(); w.subscribe('will/#', 2); until(lambda: ready)
c = m.Client('dying', protocol=m.MQTTv311); c.will_set('will/dying', 'gone', 1); c.username_pw_set('paho', 'pass'); c.connect('127.0.0.1', ${port}); c.loop_start(); until(c.is_connected)
c.publish('will/note', 'hello', 2).wait_for_publish(30); c._sock.shutdown(2); until(lambda: len(got) > 1)
t = m.Client('tls'); t.tls_set(cert_reqs=ssl.CERT_NONE); t.tls_insecure_set(True); print(t.connect('127.0.0.1', ${tls})); t.disconnect()
print(sorted(got))`
    const { out, err } = await runClient('/usr/bin/python3', ['-c', script])
    assert.equal(out, "0\n[('will/dying', 'gone', 1), ('will/note', 'hello', 2)]\n", err)
  })

  test('mqtt.js subscribes, publishes and shares', { skip: noDrivers }, async () => {
    type Client = {
      subscribeAsync(topic: string, options?: object): Promise<unknown>
      publishAsync(topic: string, payload: string, options?: object): Promise<unknown>
      endAsync(): Promise<void>
      on(name: 'message', listen: (topic: string, payload: Buffer) => void): void
    }
    const { connectAsync } = driver<{ connectAsync(url: string, options: object): Promise<Client> }>('mqtt')
    for (const protocolVersion of [4, 5]) {
      const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion, reconnectPeriod: 0 })
      const heard = new Promise(resolve => client.on('message', (topic, payload) => resolve(`${topic} ${payload}`)))
      await client.subscribeAsync('$share/group/js/+', { qos: 2 })
      await client.publishAsync('js/one', 'from node', { qos: 2 })
      assert.equal(await heard, 'js/one from node')
      await client.endAsync()
    }
  })

  describe('nmap', { skip: missing('nmap') }, () => {
    test('its script reads the broker, its probe names the protocol', async () => {
      const { out } = await runClient(
        'nmap',
        ['-Pn', '-n', '-sV', '--version-all', '-p', port, '--script', 'mqtt-subscribe', '127.0.0.1'],
        { seconds: 120 },
      )
      assert.match(out, /open +(?:mqtt|mosquitto version 2\.0\.11)/, out)
      assert.match(out, /\$SYS\/broker\/version: mosquitto version 2\.0\.11/)
      assert.match(out, /zigbee2mqtt\/bridge\/state/)
      assert.doesNotMatch(out, /honey|skep/i)
    })
  })
})

describe('MQTT with passwords', () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'mqtt-words-'))
  const words = ['letmein', 'qwerty', 'summer2019', 'mqtt']
  let skep: Skep
  let port: string
  before(async () => {
    fs.writeFileSync(path.join(home, 'words'), `${words.join('\n')}\n`)
    const access = "open: false, access: { rules: ['sensor:summer2019'], otherwise: refuse }"
    skep = await startSkep({ config: config(access) })
    port = String(skep.port('mqtt'))
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })
  test('who has none, or a wrong one, is told so', { skip: missing('mosquitto_pub') }, async () => {
    const pub = (...args: string[]) => runClient('mosquitto_pub', ['-p', port, '-t', 'x', '-m', 'y', ...args])
    assert.match((await pub()).err, /not authorised/i)
    assert.match((await pub('-u', 'sensor', '-P', 'wrong')).err, /not authorised/i)
    assert.equal((await pub('-u', 'sensor', '-P', 'summer2019')).status, 0)
  })
  // hydra and medusa do not speak it.
  test('ncrack finds the right password, and each guess is recorded', { skip: missing('ncrack') }, async () => {
    const guess = ['-T4', '--user', 'sensor', '-P', path.join(home, 'words'), `mqtt://127.0.0.1:${port}`]
    const { out } = await runClient('ncrack', guess, { seconds: 100 })
    const wanted = (event: Event) => ofAction('login')(event) && (event as Login).user?.name === 'sensor'
    const seen = ((await skep.eventually(wanted, 3)) as Login[]).map(event => event.skep.login.password)
    for (const word of words.slice(0, 3)) assert.ok(seen.includes(word), word)
    assert.match(out, /'sensor' 'summer2019'/)
  })
})
