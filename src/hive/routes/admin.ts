import { randomUUID } from 'node:crypto'
import { createReadStream, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as v from 'valibot'
import { SqlError } from '#store/errors.ts'
import type { Filter } from '#store/store.ts'
import { gate } from '../bounded.ts'
import { attachment, openEvidence } from '../evidence.ts'
import type { House, Questions } from '../house.ts'
import { type Answer, json } from '../message.ts'
import { later, Problem } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { table } from '../shapes.ts'

/** What only an admin takes away: samples, raw SQL, the whole store. Each is written to the log. */
export function adminRoutes({ store, settings, log }: House): Route[] {
  const exports = join(settings.data, 'state', 'hive', 'exports')
  rmSync(exports, { recursive: true, force: true })
  const exportGate = gate(1, 0, () => later(503, 'Another export is running', 30))

  return [
    route({
      method: 'GET',
      path: '/artifacts/:sha256',
      access: 'admin',
      summary: 'A sample, exactly as the attacker left it. Handle with care.',
      query: {},
      filtered: false,
      answer: { type: 'application/octet-stream' },
      async handle({ params, user, request }) {
        const sha256 = params.sha256!
        if (!/^[0-9a-f]{64}$/.test(sha256))
          throw new Problem(400, 'Expected a SHA-256 in lower-case hex', { parameter: 'sha256' })
        const answer = await sampleAnswer(join(settings.data, 'artifacts'), sha256)
        log('sample-taken', { user: user!.name, address: request.address, sha256 })
        return answer
      },
    }),
    route({
      method: 'POST',
      path: '/sql',
      access: 'admin',
      summary: 'A read-only SQL query',
      query: {},
      filtered: false,
      body: v.strictObject({
        query: v.pipe(v.string(), v.minLength(1), v.maxLength(50_000)),
        limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)), 1000),
      }),
      answer: { type: 'application/json', schema: table },
      async handle({ body, user, request }) {
        log('sql', { user: user!.name, address: request.address, query: body.query.slice(0, 500) })
        try {
          return json(await store.sql(body.query, body.limit))
        } catch (error) {
          if (!(error instanceof SqlError)) throw error
          // The engine's words are for the person who wrote the query.
          throw new Problem(400, error.message.slice(0, 2000), { parameter: 'query' })
        }
      },
    }),
    route({
      method: 'GET',
      path: '/export',
      access: 'admin',
      summary: 'Events to take away: Parquet, or JSON lines (newest first)',
      query: { format: v.picklist(['parquet', 'jsonl'], 'Expected parquet or jsonl') },
      filtered: true,
      answer: { type: 'application/octet-stream' },
      async handle({ query, filter, user, request }) {
        log('export', { user: user!.name, address: request.address, format: query.format })
        if (query.format === 'jsonl')
          return attachment('skep-events.jsonl', 'application/x-ndjson', out =>
            pipeline(Readable.from(lines(store, filter)), out),
          )
        mkdirSync(exports, { recursive: true, mode: 0o700 })
        const path = join(exports, `${randomUUID()}.parquet`)
        const forget = () => rmSync(path, { force: true })
        await exportGate(() => store.export(filter, path)).catch(error => {
          forget()
          throw error
        })
        return attachment('skep-events.parquet', 'application/vnd.apache.parquet', out =>
          pipeline(createReadStream(path), out).finally(forget),
        )
      },
    }),
  ]
}

async function sampleAnswer(folder: string, sha256: string): Promise<Answer> {
  const file = await openEvidence(join(folder, sha256.slice(0, 2), sha256), 'sample')
  return attachment(`${sha256}.sample`, 'application/octet-stream', out => pipeline(file.createReadStream(), out))
}

async function* lines(store: Questions, filter: Filter): AsyncGenerator<string> {
  let cursor: string | undefined
  do {
    const { items, next } = await store.events(filter, 500, cursor)
    yield items.map(item => `${JSON.stringify(item)}\n`).join('')
    cursor = next
  } while (cursor !== undefined)
}
