import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import test from 'node:test'
import * as v from 'valibot'
import { accessOf } from '#access/access.ts'
import { computerOf } from '#access/machine.ts'
import { accessOptions } from '#access/options.ts'
import { Cursor } from '#codec/cursor.ts'
import { witnessOf } from '#machine/witness.ts'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { Hangup, Malformed } from '#sensor/endings.ts'
import { data, eof, exec, openChannel, pty, request, sessionProbes } from '../../../test/oracle/ssh/session-probes.ts'
import { listeningRecorder, testContext } from '../testing/play.ts'
import { serve } from './connection.ts'
import ssh from './index.ts'
import { serverOf } from './server.ts'
import { dice, mutate, times } from './testing-fuzz.ts'
import type { Transport } from './transport.ts'

/** Everything that is sent to a real sshd, but for what only waits. */
const seeds = sessionProbes.flatMap(({ rounds }) => rounds.flat()).filter(bytes => !bytes.includes('sleep'))
/** Messages of one connection. */
const each = 100

test(`${times(25_000)} mutated messages of those who are logged in`, { timeout: 3_600_000 }, async () => {
  const roll = dice(7)
  const memory = new Map<string, object>()
  const before = process.memoryUsage().heapUsed
  let sent = 0
  for (let left = times(25_000); left > 0; ) {
    const payloads = [openChannel('session'), ...(roll(3) ? [pty()] : []), exec('cat'), openChannel('session', 1)]
    for (let i = 0; i < each; i++) {
      const kind = roll(20)
      if (kind === 0) payloads.push(openChannel('session', roll(5)))
      else if (kind === 1) payloads.push(data(Buffer.alloc(roll(40_000)), roll(3)))
      else if (kind === 2) payloads.push(eof(roll(3)))
      else if (kind === 3)
        payloads.push(request(roll(3), ['shell', 'exec', 'signal', 'break'][roll(4)]!, roll(2) === 1))
      else payloads.push(mutate(seeds[roll(seeds.length)]!, roll))
    }
    const { record } = listeningRecorder()
    const cx = testContext(ssh, record, { memory })
    const [near, far] = duplexPair()
    near.resume()
    const transport = {
      sessionId: Buffer.alloc(32),
      rsaSha2: { sha256: true, sha512: true },
      flush: async () => undefined,
      room: async () => undefined,
      close: () => undefined,
      disconnect: async () => undefined,
      unimplemented: () => undefined,
      send(payload: Buffer) {
        sent++
        assert.ok(payload.length > 0 && payload.length < 300_000)
      },
      receive: async () => {
        const payload = payloads.shift()
        if (!payload) throw new Hangup('eof')
        // Only what is looked at counts: much of it ends the connection.
        left--
        if (roll(10) === 0) await new Promise(setImmediate)
        return { type: payload[0]!, sequence: 0, payload, body: new Cursor(payload.subarray(1)) }
      },
    } as unknown as Transport
    const computer = computerOf(cx)
    const recording = witnessOf(cx)
    accessOf(cx, v.parse(accessOptions, {}))
    await serve({
      ...cx,
      conn: new Conn(far, defaultLimits),
      transport,
      server: serverOf(cx.persona),
      client: 'SSH-2.0-OpenSSH_9.2',
      account: computer.account('root')!,
      computer,
      witness: recording,
    }).catch(error => {
      if (!(error instanceof Malformed) && !(error instanceof Hangup)) throw error
    })
    await recording.settled()
  }
  gcIfAllowed()
  assert.ok(sent > 1000)
  assert.ok(process.memoryUsage().heapUsed - before < 256 << 20, 'memory is bounded')
})

const gcIfAllowed = () => (globalThis as { gc?: () => void }).gc?.()
