import assert from 'node:assert/strict'
import fs from 'node:fs'
import { duplexPair } from 'node:stream'
import { describe, test } from 'node:test'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import type { DataConn, PassivePort } from '#sensor/service.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { converse, type Exchange, type Step } from '../../../test/oracle/ftp/dialogue.ts'
import { oraclePersona } from '../../../test/oracle/ftp/persona.ts'
import ftp from './index.ts'

type Recording = { now: number; dialogues: Record<string, Exchange[]> }
const folder = new URL('../../../test/oracle/ftp/fixtures/', import.meta.url)
const load = (name: string) => JSON.parse(fs.readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Recording

/** Plays the same client's part at our session, in memory. TLS stays with the runtime: here it is only asked for. */
async function playAtUs(product: 'vsFTPd' | 'ProFTPD', now: number, steps: Step[]): Promise<Exchange[]> {
  const [client, server] = duplexPair()
  const doors = new Map<number, (wire: Conn) => void>()
  let next = 30_000
  const passive = (): PassivePort => {
    const port = next++
    const arrived = new Promise<Conn>(resolve => doors.set(port, resolve))
    return {
      port,
      accept: async () => Object.assign(await arrived, { startTls: async () => {} }) as DataConn,
      release: () => doors.delete(port),
    }
  }
  const { record } = listeningRecorder()
  const conn = new Conn(server, { ...defaultLimits, ...ftp.limits })
  const cx = {
    ...testContext(ftp, record, { passive, options: { connectTimeout: 0 } }),
    persona: oraclePersona(product),
    now: () => now,
    source: { ip: '127.0.0.1', port: 40_000 },
    destination: { ip: '127.0.0.1', port: 21 },
    startTls: async () => {
      cx.encrypted = true
    },
  }
  const session = ftp.session!(conn, cx)
    .catch(error => error)
    .finally(() => conn.end())
  const exchanges = await converse(
    {
      control: client,
      secure: async wire => wire,
      data: async port => {
        const [near, far] = duplexPair()
        doors.get(port)!(new Conn(far))
        return near
      },
    },
    steps,
  )
  await session
  return exchanges
}

/**
 * What may differ: data port numbers, the minute of an upload, a unique name, inode numbers, the order in which a disk
 * lists names, the recording machine's own name.
 */
const masked = (exchange: Exchange, now: number) => {
  const today = `${new Date(now).toUTCString().slice(8, 11)} ${String(new Date(now).getUTCDate()).padStart(2)}`
  const mask = (text: string) =>
    text
      .replace(/(227 .*,)\d+,\d+\)/, '$1P,P)')
      .replace(/\(\|\|\|\d+\|\)/, '(|||P|)')
      .replace(/ftp[A-Za-z0-9]{6}(?=[\s:])/g, 'ftpXXXXXX')
      .replace(/unique=[0-9A-F]+U[0-9A-F]+/g, 'unique=I')
      .replace(/modify=2026112\d{7}/g, 'modify=NOW')
      .replaceAll(new RegExp(`${today} \\d\\d:\\d\\d`, 'g'), 'NOW')
      .replace(/(local time is: ).*\r/, '$1NOW\r')
      .replace(/localhost \(127\.0\.0\.1\)/, '127.0.0.1 (127.0.0.1)')
      .replace(/@localhost !/, '@127.0.0.1 !')
      .replace(/root@(localhost|files\.example\.org)/, 'root@HOST')
      .replace(/(Total bytes transferred for session: )\d+/, '$1N')
  const data = exchange.data === undefined ? undefined : mask(exchange.data)
  const unsorted = /^(NLST|MLSD)/.test(exchange.say)
  return {
    say: exchange.say,
    replies: mask(exchange.replies),
    data: data !== undefined && unsorted ? data.split('\r\n').sort().join('\r\n') : data,
  }
}

/** Where we differ on purpose: a TLS stream that goes back to plain text, and the QUIT after it. */
const different = new Map([['ProFTPD secured', ['CCC', 'QUIT']]])

for (const [file, product] of [
  ['vsftpd', 'vsFTPd'],
  ['proftpd', 'ProFTPD'],
] as const) {
  const { now, dialogues } = load(file)
  describe(`answers as ${product} did`, () => {
    for (const [name, recorded] of Object.entries(dialogues)) {
      test(`${name}: ${recorded.length} exchanges`, async () => {
        const steps = recorded.slice(1).map(({ say, upload }) => (upload === undefined ? { say } : { say, upload }))
        const ours = (await playAtUs(product, now, steps)).map(e => masked(e, now))
        const theirs = recorded.map(e => masked(e, now))
        const accepted = different.get(`${product} ${name}`) ?? []
        const unlike = (e: { say: string }) => !accepted.includes(e.say)
        assert.deepEqual(ours.filter(unlike), theirs.filter(unlike))
        assert.equal(ours.length, theirs.length)
      })
    }
  })
}
