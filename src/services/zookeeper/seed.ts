import { newSession } from './session.ts'
import { type Cx, emptyServer, plant, type Server } from './state.ts'
import { emptyNode, parentOf } from './tree.ts'

/** What Kafka's one broker on the same machine keeps here (kafka.zk.ZkData, 2.8). */
export function seededServer(cx: Cx): Server {
  const { persona } = cx
  const server = emptyServer(cx)
  const installed = persona.installedAt + 3_600_000
  const started = persona.bootedAt + 25_000 + persona.derive('kafka start', 1)[0]! * 40
  const put = (path: string, data: object | string | undefined, time: number, owner = 0n) => {
    server.zxid++
    const node = { ...emptyNode(server.zxid, Math.floor(time + persona.clockSkew)), owner }
    node.data = data === undefined ? undefined : Buffer.from(typeof data === 'string' ? data : JSON.stringify(data))
    plant(server, path, node)
    const parent = server.nodes.get(parentOf(path))!
    parent.cversion++
    parent.pzxid = server.zxid
  }
  const broker = persona.derive('kafka broker', 1)[0]! % 3 === 0 ? 1 : 0
  const empty =
    '/consumers /brokers /brokers/ids /brokers/topics /config /config/changes /config/topics /config/clients /config/users /config/brokers /config/ips /admin /admin/delete_topics /brokers/seqid /isr_change_notification /latest_producer_id_block /log_dir_event_notification'
  server.zxid++
  for (const path of empty.split(' ')) put(path, undefined, installed)
  put('/cluster', undefined, installed + 80)
  put('/cluster/id', { version: '1', id: persona.derive('kafka cluster', 16).toString('base64url') }, installed + 80)
  put('/feature', { features: {}, version: 1, status: 1 }, installed + 90)
  put('/controller_epoch', '1', installed + 400)
  for (const { name, id, partitions } of topicsOf(cx)) {
    const at = installed + 7_200_000 + 40_000 * name.length
    const internal = name.startsWith('__')
    const config = internal
      ? { 'compression.type': 'producer', 'cleanup.policy': 'compact', 'segment.bytes': '104857600' }
      : {}
    put(`/config/topics/${name}`, { version: 1, config }, at)
    const replicas = Object.fromEntries(Array.from({ length: partitions }, (_, i) => [i, [broker]]))
    const about = { removing_replicas: {}, partitions: replicas, topic_id: id, adding_replicas: {}, version: 3 }
    put(`/brokers/topics/${name}`, about, at + 3)
    put(`/brokers/topics/${name}/partitions`, undefined, at + 40)
    for (let i = 0; i < partitions; i++) {
      const state = { controller_epoch: 1, leader: broker, version: 1, leader_epoch: 0, isr: [broker] }
      put(`/brokers/topics/${name}/partitions/${i}`, undefined, at + 42)
      put(`/brokers/topics/${name}/partitions/${i}/state`, state, at + 45)
    }
  }
  const session = newSession(server, 18_000, started)
  session.client = { session, identities: [], server, notify() {}, close() {} }
  const timestamp = String(Math.floor(started + persona.clockSkew))
  const own = (path: string, data: object, time: number) => {
    put(path, data, time, session.id)
    session.ephemerals.add(path)
  }
  const about = {
    features: {},
    listener_security_protocol_map: { PLAINTEXT: 'PLAINTEXT' },
    endpoints: [`PLAINTEXT://${persona.fqdn}:9092`],
    jmx_port: -1,
    port: 9092,
    host: persona.fqdn,
    version: 5,
    timestamp,
  }
  own(`/brokers/ids/${broker}`, about, started)
  own('/controller', { version: 1, brokerid: broker, timestamp }, started + 120)
  return server
}

/** The topics that its Kafka shows. */
function topicsOf({ persona }: Cx): { name: string; id: string; partitions: number }[] {
  const application = ['orders', 'shop', 'billing', 'telemetry', 'inventory'][
    persona.derive('kafka application', 2).readUInt16BE() % 5
  ]!
  const names = [`${application}.events`, `${application}.dead-letter`, 'user-activity', 'app-logs']
  const topics = names.map((name, i) => ({ name, label: `kafka topic ${name}`, partitions: i === 1 ? 1 : 3 }))
  return [...topics, { name: '__consumer_offsets', label: 'kafka offsets', partitions: 50 }].map(
    ({ name, label, partitions }) => ({ name, id: persona.derive(label, 16).toString('base64url'), partitions }),
  )
}
