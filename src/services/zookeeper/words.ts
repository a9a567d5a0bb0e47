import type { Cx, Server } from './state.ts'
import { countOf } from './watches.ts'

/** Four-letter words (FourLetterCommands): 3.8 answers one of them if nobody allowed more, 3.4 all but wchc and wchp. */

const words = new Set('conf cons crst dump envi gtmk mntr isro ruok srst srvr stat stmk wchc wchp wchs'.split(' '))
const laterWords = new Set(['dirs', 'hash'])
const ALLOWED = 'srvr'

export const isWord = (server: Server, word: string): boolean =>
  words.has(word) || (!server.old && laterWords.has(word))

type Answer = (server: Server, cx: Cx) => string
const lines = (...all: string[]): string => all.map(line => `${line}\n`).join('')

/** Others than this attacker: the broker. */
const count = (server: Server) => server.connections + brokers(server)
const brokers = (server: Server) => (server.nodes.has('/controller') ? 1 : 0)

/** Packets since it started: a ping of the broker every six seconds, and what this attacker sent. */
const packets = (server: Server, cx: Cx): { received: number; sent: number } => {
  const pings = brokers(server) * Math.max(0, Math.floor((cx.now() - cx.persona.bootedAt) / 6000))
  return { received: pings + server.received, sent: pings + server.sent }
}
const slowest = (server: Server, cx: Cx) =>
  (brokers(server) * (12 + cx.persona.derive('zookeeper latency', 1)[0]! / 4)) | 0
/** Ephemeral nodes of all sessions. */
const ephemerals = (server: Server): number => {
  let found = 0
  for (const session of server.sessions.values()) found += session.ephemerals.size
  return found
}
/** The tree's map has its root twice. */
const nodesIn = (server: Server) => server.nodes.size + (server.old ? 0 : 1)

const figures: Answer = (server, cx) => {
  const { received, sent } = packets(server, cx)
  const most = slowest(server, cx)
  const average = server.old ? '0' : most === 0 ? '0.0' : (most / 100).toFixed(4)
  return lines(
    `Latency min/avg/max: 0/${average}/${most}`,
    `Received: ${received}`,
    `Sent: ${sent}`,
    `Connections: ${count(server)}`,
    'Outstanding: 0',
    `Zxid: 0x${server.zxid.toString(16)}`,
    'Mode: standalone',
    `Node count: ${nodesIn(server)}`,
  )
}
const version = ({ persona }: Cx): string => persona.software.zookeeper.banner
const self = ({ source }: Cx): string => ` /${source.ip}:${source.port}[0](queued=0,recved=1,sent=0)`

const answers = new Map<string, Answer>([
  ['srvr', (server, cx) => `Zookeeper version: ${version(cx)}\n${figures(server, cx)}`],
  ['stat', (server, cx) => `Zookeeper version: ${version(cx)}\nClients:\n${self(cx)}\n\n${figures(server, cx)}`],
  ['cons', (_, cx) => `${self(cx)}\n\n`],
  ['ruok', () => 'imok'],
  ['isro', () => 'rw'],
  ['gtmk', () => '306'],
  ['stmk', () => '0'],
  ['crst', () => 'Connection stats reset.\n'],
  ['srst', () => 'Server stats reset.\n'],
  [
    'conf',
    () =>
      lines(
        'clientPort=2181',
        'dataDir=/var/lib/zookeeper/version-2',
        'dataLogDir=/var/lib/zookeeper/version-2',
        'tickTime=2000',
        'maxClientCnxns=60',
        'minSessionTimeout=4000',
        'maxSessionTimeout=40000',
        'serverId=0',
      ),
  ],
  [
    'envi',
    (_, cx) =>
      lines(
        'Environment:',
        `zookeeper.version=${version(cx)}`,
        `host.name=${cx.persona.fqdn}`,
        `java.version=${cx.persona.software.zookeeper.java}`,
        `java.vendor=${cx.persona.os.id === 'ubuntu' ? 'Ubuntu' : 'Debian'}`,
        'java.home=/usr/lib/jvm/java-11-openjdk-amd64',
        'java.class.path=/etc/zookeeper/conf:/usr/share/java/jline.jar:/usr/share/java/log4j-1.2.jar:/usr/share/java/xercesImpl.jar:/usr/share/java/xmlParserAPIs.jar:/usr/share/java/netty.jar:/usr/share/java/slf4j-api.jar:/usr/share/java/slf4j-log4j12.jar:/usr/share/java/zookeeper.jar',
        'java.library.path=/usr/java/packages/lib:/usr/lib/x86_64-linux-gnu/jni:/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu:/usr/lib/jni:/lib:/usr/lib',
        'java.io.tmpdir=/tmp',
        'java.compiler=<NA>',
        'os.name=Linux',
        'os.arch=amd64',
        `os.version=${cx.persona.os.kernel}`,
        'user.name=zookeeper',
        'user.home=/var/lib/zookeeper',
        'user.dir=/',
      ),
  ],
  [
    'mntr',
    (server, cx) => {
      const { received, sent } = packets(server, cx)
      const rows: [string, string | number][] = [
        ['version', version(cx)],
        ['avg_latency', 0],
        ['max_latency', slowest(server, cx)],
        ['min_latency', 0],
        ['packets_received', received],
        ['packets_sent', sent],
        ['num_alive_connections', count(server)],
        ['outstanding_requests', 0],
        ['server_state', 'standalone'],
        ['znode_count', nodesIn(server)],
        ['watch_count', countOf(server.dataWatches) + countOf(server.childWatches)],
        ['ephemerals_count', ephemerals(server)],
        ['approximate_data_size', server.bytes],
        ['open_file_descriptor_count', 46 + count(server)],
        ['max_file_descriptor_count', 4096],
      ]
      return lines(...rows.map(([name, value]) => `zk_${name}\t${value}`))
    },
  ],
  [
    'dump',
    server => {
      const owners = [...server.sessions.values()].filter(session => session.ephemerals.size > 0)
      return lines(
        'SessionTracker dump:',
        'Session Sets (0):',
        'ephemeral nodes dump:',
        `Sessions with Ephemerals (${owners.length}):`,
        ...owners.flatMap(({ id, ephemerals: own }) => [`0x${id.toString(16)}:`, ...[...own].map(path => `\t${path}`)]),
      )
    },
  ],
  [
    'wchs',
    server => {
      const watchers = new Set([...server.dataWatches.values()].flatMap(clients => [...clients.keys()]))
      const { dataWatches } = server
      return `${watchers.size} connections watching ${dataWatches.size} paths\nTotal watches:${countOf(dataWatches)}\n`
    },
  ],
])

export function answerWord(server: Server, cx: Cx, word: string): string {
  const answer = server.old || word === ALLOWED ? answers.get(word) : undefined
  return answer ? answer(server, cx) : `${word} is not executed because it is not in the whitelist.\n`
}
