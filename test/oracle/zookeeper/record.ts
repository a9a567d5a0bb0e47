/**
 * Records Debian's ZooKeeper, in the foreground and on loopback: `sh bin/skep-node test/oracle/zookeeper/record.ts`. Needs
 * libzookeeper-java 3.8.0 (Debian 12) and its Java; the settings are those of Debian's zoo.cfg.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { converse, type Recorded } from '../kit/dialogue.ts'
import { connect } from '../kit/record.ts'
import { script } from './script.ts'

const port = 28_181
const jars = `zookeeper zookeeper-jute slf4j-api log4j-1.2 metrics-core commons-cli commons-io snappy-java
  jackson-core jackson-databind jackson-annotations netty-all netty-handler netty-transport netty-common netty-buffer
  netty-resolver netty-codec netty-transport-native-unix-common netty-transport-native-epoll netty-transport-classes-epoll`
  .split(/\s+/)
  .map(name => `/usr/share/java/${name}.jar`)

/** It listens a while before it serves. */
async function untilServing(server: ReturnType<typeof spawn>): Promise<void> {
  for (let left = 100; left > 0; left--) {
    const [asked] = await converse(await connect(port, server), ['srvr'], () => sleep(20))
    if (asked!.heard.startsWith('Zookeeper version')) return
    await sleep(50)
  }
  throw new Error('It never served')
}

const recorded: Recorded = {}
for (const [name, steps] of Object.entries(script)) {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'zookeeper-oracle-'))
  const config = path.join(home, 'zoo.cfg')
  fs.writeFileSync(
    config,
    `tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=${home}\nclientPort=${port}\nclientPortAddress=127.0.0.1\n`,
  )
  const server = spawn(
    'java',
    [
      ...['-Xmx128m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Dzookeeper.admin.enableServer=false'],
      ...['-cp', jars.join(':'), 'org.apache.zookeeper.server.quorum.QuorumPeerMain', config],
    ],
    { stdio: 'ignore' },
  )
  const gone = once(server, 'exit')
  try {
    await untilServing(server)
    recorded[name] = await converse(await connect(port, server), steps, () => sleep(60))
  } finally {
    server.kill('SIGKILL')
    await gone
    fs.rmSync(home, { recursive: true, force: true })
  }
}
const file = new URL('./fixtures/debian-12.json', import.meta.url)
fs.mkdirSync(new URL('.', file), { recursive: true })
fs.writeFileSync(file, `${JSON.stringify(recorded, undefined, 1)}\n`)
const count = Object.values(recorded).reduce((sum, exchanges) => sum + exchanges.length, 0)
console.log(`${Object.keys(recorded).length} dialogues, ${count} exchanges`)
