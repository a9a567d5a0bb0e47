/**
 * The page's API over invented attackers, for working on the page: `sh bin/skep-node test/dev-hive.ts [--rate N]
 * [--port N] [--page DIR]`, then https://127.0.0.1:64297, user admin, password admin (or viewer, viewer).
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openAccounts } from '#hive/accounts.ts'
import { createHive } from '#hive/hive.ts'
import { createLive } from '#hive/live.ts'
import type { Status } from '#hive/shapes.ts'
import { createAttackers, createFakeStore, decoys, inertSample, type Row, sampleHashes } from '#hive/testing.ts'

const { values } = parseArgs({
  options: {
    /** Events a second that come in. */
    rate: { type: 'string', default: '5' },
    port: { type: 'string', default: '64297' },
    page: { type: 'string', default: join(import.meta.dirname, '../dashboard/dist') },
    /** Sessions in the past, over 30 days. */
    sessions: { type: 'string', default: '3000' },
  },
})
const rate = Number(values.rate)
const HOUR = 3_600_000
const startedAt = Date.now()

const data = mkdtempSync(join(tmpdir(), 'skep-dev-'))
const samples = join(data, 'artifacts', sampleHashes.sha256.slice(0, 2))
mkdirSync(samples, { recursive: true })
writeFileSync(join(samples, sampleHashes.sha256), inertSample)

const attack = createAttackers(7)
const past = Number(values.sessions)
const rows: Row[] = []
for (let n = past; n > 0; n--) rows.push(...attack(startedAt - 60_000 - 30 * 24 * HOUR * (n / past) ** 3))
const store = createFakeStore(rows.sort((a, b) => a.event['@timestamp'].localeCompare(b.event['@timestamp'])))

const accounts = openAccounts({ file: join(data, 'users.json'), cost: { ln: 4, r: 8, p: 1 }, weakPasswords: true })
await accounts.add('admin', 'admin', 'admin')
await accounts.add('viewer', 'viewer', 'viewer')

const status = (): Status => ({
  startedAt,
  lagMs: 12,
  pendingBytes: 0,
  lost: 0,
  disk: { free: 7e9, total: 20e9 },
  geo: {
    source: 'DB-IP City Lite',
    date: '2026-06',
    attribution: ['IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0'],
  },
  services: [
    ...decoys.map(({ service, title, replaces, port }) => ({
      service,
      title,
      replaces: [...replaces],
      transport: 'tcp' as const,
      tls: false,
      address: '0.0.0.0',
      port,
      state: 'listening' as const,
      connections: 3,
    })),
    {
      service: 'https',
      title: 'nginx 1.22',
      replaces: ['snare'],
      transport: 'tcp',
      tls: true,
      address: '0.0.0.0',
      port: 443,
      state: 'down',
      why: 'Port 443 is taken by nginx (pid 812)',
    },
  ],
  processes: [
    { name: 'supervisor', pid: 100, state: 'running', restarts: 0, since: startedAt },
    { name: 'sensor-tcp', pid: 101, state: 'running', restarts: 1, since: startedAt, why: 'exit code 1' },
    { name: 'sensor-udp', state: 'waiting', restarts: 4, since: startedAt, why: 'exit code 1, again in 8 s' },
    { name: 'hive', pid: process.pid, state: 'running', restarts: 0, since: startedAt },
  ],
})

const live = createLive()
const hive = createHive({
  store,
  live,
  accounts,
  status,
  log: (what, details) => console.error(what, details),
  settings: {
    sensor: { name: 'skep-dev', version: '0.1.0' },
    address: '127.0.0.1',
    port: Number(values.port),
    names: [],
    data,
    page: values.page,
  },
})
const { port } = await hive.listen()
console.log(`https://127.0.0.1:${port} (admin/admin, viewer/viewer), ${rows.length} events, ${rate} more each second`)

// Sessions queue up event by event, so that any rate is met exactly.
const queue: Row[] = []
let owed = 0
const timer = setInterval(() => {
  owed += rate / 10
  const now = new Date().toISOString()
  const batch: Row[] = []
  for (; owed >= 1; owed--) {
    if (!queue.length) queue.push(...attack(Date.now()))
    const { event, place } = queue.shift()!
    batch.push({ event: { ...event, '@timestamp': now }, place })
  }
  void store.ingest({ events: batch.map(row => ({ ...row, json: JSON.stringify(row.event) })), positions: [] })
  live.publish(batch)
}, 100)

process.once('SIGINT', stop).once('SIGTERM', stop)
function stop() {
  clearInterval(timer)
  void hive.close().then(() => process.exit(0))
}
