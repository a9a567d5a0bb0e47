/** A hive over invented events with a clock of its own, asked without a socket. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { PassThrough } from 'node:stream'
import type * as v from 'valibot'
import { openAccounts } from './accounts.ts'
import { createHive, type HiveParts } from './hive.ts'
import { createLive } from './live.ts'
import type { Answer } from './message.ts'
import { Problem } from './problem.ts'
import type { Status } from './shapes.ts'
import * as shapes from './shapes.ts'
import { createAttackers, createFakeStore, inertSample, type Row, sampleHashes } from './testing.ts'

export const START = Date.UTC(2026, 5, 1)
export const ADMIN = { user: 'admin', password: 'correct horse battery' }
export const VIEWER = { user: 'viewer', password: 'only looking around' }
export const quickHashes = { ln: 4, r: 8, p: 1 }

export const testStatus = (): Status => ({
  startedAt: START,
  lagMs: 1,
  pendingBytes: 0,
  lost: 0,
  disk: { free: 1, total: 2 },
  geo: { source: 'none', date: '2026-06', attribution: [] },
  services: [
    {
      service: 'ssh',
      title: 'OpenSSH',
      replaces: ['cowrie'],
      transport: 'tcp',
      tls: false,
      address: '::',
      port: 22,
      state: 'listening',
      connections: 1,
    },
    {
      service: 'imap',
      title: 'Dovecot',
      replaces: [],
      transport: 'tcp',
      tls: true,
      address: '::',
      port: 993,
      state: 'down',
      why: 'taken',
    },
  ],
  processes: [{ name: 'hive', pid: 1, state: 'running', restarts: 0, since: START }],
})

export function testRows(sessions = 60, until = START): Row[] {
  const attack = createAttackers(1)
  return Array.from({ length: sessions }, (_, i) => attack(until - (sessions - i) * 600_000)).flat()
}

export async function testHive(change: Partial<HiveParts> = {}, rows = sharedRows) {
  const data = mkdtempSync(join(tmpdir(), 'skep-hive-'))
  const folder = join(data, 'artifacts', sampleHashes.sha256.slice(0, 2))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, sampleHashes.sha256), inertSample)
  const page = join(data, 'page')
  mkdirSync(join(page, 'assets'), { recursive: true })
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>page</title>')
  writeFileSync(join(page, 'assets', 'app-1a2b.js'), 'export {}')
  writeFileSync(join(data, 'secret'), 'outside the page')

  const clock = { ms: START }
  const now = () => clock.ms
  const accounts = openAccounts({ file: join(data, 'state', 'hive', 'users.json'), now, cost: quickHashes })
  await accounts.add(ADMIN.user, 'admin', ADMIN.password)
  await accounts.add(VIEWER.user, 'viewer', VIEWER.password)
  const live = createLive()
  const logged: [string, Record<string, unknown>][] = []
  const hive = createHive({
    store: createFakeStore(rows),
    live,
    accounts,
    status: testStatus,
    now,
    log: (what, details) => void logged.push([what, details]),
    settings: { sensor: { name: 'hive-1', version: '0.1.0' }, address: '127.0.0.1', port: 0, names: [], data, page },
    ...change,
  })

  type Ask = { cookie?: string; body?: unknown; headers?: Record<string, string>; address?: string }
  /** As the page would ask; a header given as '' is left out. */
  async function call(method: string, target: string, { cookie, body, headers = {}, address = '192.0.2.1' }: Ask = {}) {
    const sent = {
      host: 'sensor.test:64297',
      ...(method === 'GET' ? {} : { origin: 'https://sensor.test:64297' }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(cookie === undefined ? {} : { cookie }),
      ...headers,
    }
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? null))
    return hive.app({
      method,
      target,
      headers: Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== '')),
      address,
      async body(max) {
        if (bytes.length > max) throw new Problem(413, `The body is over ${max} bytes`)
        return bytes
      },
    })
  }
  const login = (who: { user: string; password: string }, address?: string) =>
    call('POST', '/api/v1/login', { body: who, ...(address === undefined ? {} : { address }) })

  return {
    hive,
    live,
    accounts,
    clock,
    call,
    login,
    logged,
    data,
    page,
    /** The `Cookie` header of a new session. */
    session: async (who: { user: string; password: string }) => cookieOf(await login(who)),
    clean: () => rmSync(data, { recursive: true, force: true }),
  }
}

/** The same rows for all who ask without their own. */
export const sharedRows = testRows()
export const someSession = sharedRows.find(row => row.event.skep.session)!.event.skep.session!
export const someSource = sharedRows[0]!.event.source!.ip

/** Every JSON question with a good request. */
export const questions: [target: string, shape: v.GenericSchema][] = [
  ['/me', shapes.me],
  ['/status', shapes.status],
  ['/services', shapes.services],
  ['/overview', shapes.overview],
  [`/overview?from=${START - 3_600_000}&to=${START}&service=ssh`, shapes.overview],
  ['/count', shapes.number],
  ['/count?service=ssh&service=ftp&country!=CN&text=e', shapes.number],
  ['/distinct?field=source_ip', shapes.number],
  ['/top?by=user,password&limit=3', shapes.top],
  ['/histogram?interval=3600000', shapes.histogram],
  ['/histogram?interval=3600000&by=service&limit=2', shapes.histogram],
  ['/places?limit=3', shapes.places],
  ['/events?limit=5', shapes.eventPage],
  ['/sessions?limit=5', shapes.sessionPage],
  [`/sessions/${someSession}`, shapes.session],
  [`/sources/${encodeURIComponent(someSource)}`, shapes.source],
]

export const cookieOf = (answer: Answer): string => answer.headers['set-cookie']!.split(';')[0]!
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
export const parsed = (answer: Answer): any => JSON.parse(String(answer.body))
/** All that a body function writes. */
export async function written(answer: Answer): Promise<Buffer> {
  const out = new PassThrough()
  const chunks: Buffer[] = []
  out.on('data', chunk => chunks.push(chunk))
  await (answer.body as (out: Writable) => Promise<void>)(out)
  return Buffer.concat(chunks)
}

/** A refusal in the form of RFC 9457, naming the parameter at fault if any. */
export function assertProblem(answer: Answer, status: number, parameter?: string) {
  assert.equal(answer.status, status, String(answer.body))
  assert.equal(answer.headers['content-type'], 'application/problem+json')
  assert.equal(answer.headers['cache-control'], 'no-store')
  const problem = parsed(answer)
  assert.equal(problem.status, status)
  assert.equal(typeof problem.title, 'string')
  assert.equal(typeof problem.detail, 'string')
  assert.equal(problem.parameter, parameter)
}
