import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import v8 from 'node:v8'
import vm from 'node:vm'
import { numbers } from '#codec/testing.ts'
import type { Service } from '#sensor/service.ts'
import { watchCoverage } from './coverage.ts'
import { type PlayOptions, play, playDatagrams } from './play.ts'
import { parseTalk, type Talk } from './talk.ts'

type Draw = (below: number) => number
export type Fuzz = {
  /** The service's folder: its talks are what is mutated. */
  folder: string
  /** What the protocol's verbs, fields and lengths are made of: put in wherever it hurts. */
  words: readonly (string | Buffer)[]
  /** Conversations of a normal run, 20,000 if not given; SKEP_FUZZ multiplies (10 for 200,000). */
  conversations?: number
  how?: PlayOptions
}

const TIMES = Number(process.env.SKEP_FUZZ ?? 1)
/** Of so many conversations one is watched: where it leads somewhere new, it is mutated on. None in a normal run, which is the same every time. */
const WATCHED = Number(process.env.SKEP_FUZZ_WATCHED ?? 0)
const MOST_FOUND = 2000
/** Bytes of a conversation that is mutated on. */
const LARGEST = 16 << 10
/** Bytes that the heap may have grown by at the end. */
const GROWTH = 96 << 20
const named = /^(done|eof|malformed|flooded|idle|stalled|lifetime)$/

/** Bytes of the heap that are in use, once what nobody needs any more is gone. */
function collected(): number {
  v8.setFlagsFromString('--expose-gc')
  vm.runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

/**
 * Plays mutated conversations: each ends in a named way, and memory stays bounded. With SKEP_FUZZ_WATCHED, those that go
 * through the code in a way that none did before are mutated on.
 */
export async function fuzzConversations<O>(service: Service<O>, fuzz: Fuzz): Promise<void> {
  const corpus: Seed[] = fs
    .readdirSync(path.join(fuzz.folder, 'talks'))
    .filter(file => file.endsWith('.talk'))
    .map(file => parseTalk(fs.readFileSync(path.join(fuzz.folder, 'talks', file), 'utf8')))
    .map(talk => ({ talk, pieces: talk.steps.map(step => step.client) }))
  assert.ok(corpus.length > 0, 'There is nothing to mutate')
  const most = corpus.length + MOST_FOUND
  await service.load?.(false)
  const words = fuzz.words.map(word => (typeof word === 'string' ? Buffer.from(word, 'latin1') : word))
  const count = Math.ceil((fuzz.conversations ?? 20_000) * TIMES)
  const draw = numbers(20_261_122)
  const coverage = WATCHED > 0 ? watchCoverage() : undefined
  const before = collected()
  for (let n = 0; n < count; n++) {
    const { talk, pieces: from } = corpus[draw(corpus.length)]!
    const pieces = mutated(from, words, draw)
    const how = { options: talk.options, ...(talk.port === undefined ? {} : { port: talk.port }), ...fuzz.how }
    // Datagrams are answered at once: what they left for later, samples, gets its turn here.
    if (n % 50 === 0) await new Promise(setImmediate)
    const watched = coverage && n % WATCHED === 0
    if (watched) coverage.forget()
    const { ending } =
      talk.transport === 'udp' ? playDatagrams(service, pieces, how) : await play(service, joined(pieces, draw), how)
    assert.match(ending, named, `conversation ${n}: ${pieces.map(piece => JSON.stringify(piece.toString('latin1')))}`)
    if (watched && coverage.isNew() && corpus.length < most && sizeOf(pieces) < LARGEST) corpus.push({ talk, pieces })
  }
  coverage?.stop()
  const grown = collected() - before
  assert.ok(grown < GROWTH, `${grown} bytes more after ${count} conversations`)
}

type Seed = { talk: Talk; pieces: Buffer[] }
const sizeOf = (pieces: readonly Buffer[]) => pieces.reduce((sum, { length }) => sum + length, 0)

function mutated(pieces: readonly Buffer[], words: readonly Buffer[], draw: Draw): Buffer[] {
  const out = [...pieces]
  for (let left = 1 + draw(4); left > 0; left--) {
    const at = draw(out.length || 1)
    const piece = out[at] ?? Buffer.alloc(0)
    const place = draw(piece.length + 1)
    const kind = draw(9)
    if (kind === 0 && piece.length > 0) out[at] = flipped(piece, draw)
    else if (kind === 1) out[at] = piece.subarray(0, place)
    else if (kind === 2) out.splice(at, 0, piece)
    else if (kind === 3 && out.length > 1) out.splice(at, 1)
    else if (kind === 4) [out[at], out[out.length - 1]] = [out.at(-1) ?? piece, piece]
    else if (kind === 5) out[at] = spliced(piece, place, noise(draw))
    else if (kind === 6) out[at] = spliced(piece, place, Buffer.alloc(draw(3000), draw(256)))
    else out[at] = spliced(piece, place, words[draw(words.length || 1)] ?? noise(draw))
  }
  return out
}

/** Some pieces arrive together: few turns of the event loop, and boundaries where no talk has them. */
function joined(pieces: Buffer[], draw: Draw): Buffer[] {
  if (draw(3) > 0) return [Buffer.concat(pieces)]
  const at = draw(pieces.length + 1)
  return [Buffer.concat(pieces.slice(0, at)), Buffer.concat(pieces.slice(at))]
}

const flipped = (piece: Buffer, draw: Draw): Buffer => {
  const out = Buffer.from(piece)
  for (let left = 1 + draw(8); left > 0; left--) out[draw(out.length)]! ^= 1 << draw(8)
  return out
}
const spliced = (piece: Buffer, at: number, bytes: Buffer): Buffer =>
  Buffer.concat([piece.subarray(0, at), bytes, piece.subarray(at)])
const noise = (draw: Draw): Buffer => Buffer.from(Array.from({ length: draw(24) }, () => draw(256)))
