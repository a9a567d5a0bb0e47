import { createHash } from 'node:crypto'
import { constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'
import { fileType, isWritten, textShare } from './content.ts'
import { unescaped } from './undisguise.ts'
import { unmask } from './xor.ts'

/** One wrapping that was undone. */
export type Layer = {
  /** `base64`, `hex`, `gzip`, `xor 5a` … from the outermost: `base64 > gzip`. */
  path: string
  bytes: Buffer
}

/** Wrappings within wrappings. */
const DEPTH = 4
/** Bytes that come out of all layers together. */
const OUTPUT = 1 << 20
const LAYERS = 24
/** Bytes of one layer that are looked at, and what comes out at most for each byte that goes in. */
const LOOKED_AT = 256 << 10
const RATIO = 100

type Find = { kind: string; bytes: Buffer }
type Budget = { bytes: number }

/** What is inside, every wrapping undone: the outermost first. Bounded in depth, number and bytes. */
export function layersOf(payload: Buffer): Layer[] {
  const layers: Layer[] = []
  const seen = new Set([digest(payload)])
  const budget: Budget = { bytes: OUTPUT }
  const queue: { path: string; depth: number; bytes: Buffer }[] = [{ path: '', depth: 0, bytes: payload }]
  for (const { path, depth, bytes } of queue) {
    if (depth === DEPTH) break
    for (const found of wrappings(bytes.subarray(0, LOOKED_AT), depth, budget)) {
      if (layers.length === LAYERS || found.bytes.length > budget.bytes) return layers
      const name = digest(found.bytes)
      if (found.bytes.length < 4 || seen.has(name)) continue
      seen.add(name)
      budget.bytes -= found.bytes.length
      const layer = { path: path === '' ? found.kind : `${path} > ${found.kind}`, bytes: found.bytes }
      layers.push(layer)
      queue.push({ ...layer, depth: depth + 1 })
    }
  }
  return layers
}

/** Texts that stand encoded in a text, in base64 or hex, one wrapping deep (Latin-1): for requests, of which there are many. */
export const encodedIn = (text: string): string[] =>
  Array.from(runs(text), ({ bytes }) => (utf16(bytes) ?? bytes).toString('latin1'))

const digest = (bytes: Buffer) => createHash('sha1').update(bytes).digest('latin1')

/** Everything one step deeper. */
function* wrappings(bytes: Buffer, depth: number, budget: Budget): Generator<Find> {
  yield* compressed(bytes, depth, budget)
  const text = bytes.toString('latin1')
  if (text.includes('%')) yield* percent(text)
  if (text.includes('\\')) yield* escapes(text)
  yield* runs(text)
  const wide = utf16(bytes)
  if (wide) yield { kind: 'utf-16', bytes: wide }
  if (depth > 1 || fileType(bytes) !== undefined) return
  const plain = unmask(bytes, isWritten(bytes))
  if (plain) yield { kind: `xor ${plain.key.toString('hex')}`, bytes: plain.bytes }
}

/** gzip wherever it begins, zlib at the beginning; raw deflate inside something else, where nothing announces it. */
function* compressed(bytes: Buffer, depth: number, budget: Budget): Generator<Find> {
  const limit = (length: number) => Math.max(1, Math.min(budget.bytes, length * RATIO + 4096))
  const inflate = (kind: string, undo: typeof inflateSync, from: number): Find | undefined => {
    const maxOutputLength = limit(bytes.length - from)
    try {
      const out = undo(bytes.subarray(from), { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH })
      return out.length >= 4 ? { kind, bytes: out } : undefined
    } catch {
      return undefined
    }
  }
  let from = bytes.indexOf('\x1f\x8b\x08', 0, 'latin1')
  for (let tries = 0; from >= 0 && tries < 4; tries++) {
    const found = inflate('gzip', gunzipSync, from)
    if (found) yield found
    from = bytes.indexOf('\x1f\x8b\x08', from + 3, 'latin1')
  }
  if (bytes.length < 16) return
  if (bytes[0] === 0x78 && bytes.readUInt16BE(0) % 31 === 0) {
    const found = inflate('zlib', inflateSync, 0)
    if (found) yield found
  } else if (depth > 0 && fileType(bytes) === undefined && textShare(bytes) < 0.8) {
    const found = inflate('deflate', inflateRawSync, 0)
    if (found && found.bytes.length > 16 && isMeaningful(found.bytes)) yield found
  }
}

/** From three escapes on. */
function* percent(text: string): Generator<Find> {
  const { plain, count } = unescaped(text)
  if (count >= 3) yield { kind: 'percent', bytes: Buffer.from(plain, 'latin1') }
}

/** `$'\x2f'`, `echo -e '\057'`, `\u002f`: from four escapes on. */
function* escapes(text: string): Generator<Find> {
  let count = 0
  const plain = text.replace(
    /\\(?:x([0-9A-Fa-f]{2})|u00([0-9A-Fa-f]{2})|0?([0-3]?[0-7]{2}))/g,
    (whole, hex, code, octal) => {
      const value = octal === undefined ? Number.parseInt(hex ?? code, 16) : Number.parseInt(octal, 8)
      if (value > 255) return whole
      count++
      return String.fromCharCode(value)
    },
  )
  if (count >= 4) yield { kind: 'escapes', bytes: Buffer.from(plain, 'latin1') }
}

/** Runs of one alphabet that are something when decoded: hex before base64, of whose alphabet it is a part. */
const candidates = /[A-Za-z0-9+/_-]{16,}(?:\r?\n[A-Za-z0-9+/_-]{16,})*={0,2}/g
const RUNS = 32

function* runs(text: string): Generator<Find> {
  let tried = 0
  // Raw deflate looks like noise: it is looked for where something is said that undoes it.
  const deflated = /flate|zlib/i.test(text)
  for (const [run] of text.matchAll(candidates)) {
    if (++tried > RUNS) return
    const whole = decoded(run, deflated)
    if (whole) yield whole
    // A slash may part a path's names, of which one is encoded: `/Command/Base64/d2dldA==`.
    else if (run.includes('/'))
      for (const name of run.split('/', 16)) {
        const part = name.length >= 16 ? decoded(name, false) : undefined
        if (part) yield part
      }
  }
}

function decoded(run: string, anything: boolean): Find | undefined {
  const joined = run.replace(/[\r\n]+/g, '')
  if (/^[0-9A-Fa-f]{32,}$/.test(joined)) {
    const bytes = Buffer.from(joined.slice(0, joined.length & ~1), 'hex')
    return isMeaningful(bytes) ? { kind: 'hex', bytes } : undefined
  }
  const bytes = Buffer.from(joined, 'base64')
  return bytes.length >= 12 && (anything || isMeaningful(bytes)) ? { kind: 'base64', bytes } : undefined
}

/** Text, wide text, or a file: what nobody gets by decoding something that was not encoded. */
const isMeaningful = (bytes: Buffer): boolean =>
  textShare(bytes) > 0.96 ||
  fileType(bytes) !== undefined ||
  (bytes[0] === 0x78 && bytes.length > 16 && bytes.readUInt16BE(0) % 31 === 0) ||
  utf16(bytes) !== undefined

/** UTF-16LE text that Latin-1 can hold, as PowerShell's -EncodedCommand has it. */
function utf16(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 16) return undefined
  const pairs = Math.min(bytes.length >> 1, 2048)
  let wide = 0
  for (let i = 0; i < pairs; i++) if (bytes[2 * i + 1] === 0 && bytes[2 * i]! >= 9 && bytes[2 * i]! < 0x7f) wide++
  return wide > pairs * 0.95 ? Buffer.from(bytes.toString('utf16le'), 'latin1') : undefined
}
