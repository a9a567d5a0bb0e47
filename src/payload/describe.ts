import { text } from '#events/text.ts'
import { entropy, fileType, nature } from './content.ts'
import { type Protocol, protocolOf } from './identify.ts'
import { type Indicator, indicatorsIn } from './indicators/indicators.ts'
import { type Layer, layersOf } from './layers.ts'
import { shapeHash } from './shape.ts'
import { attacksOf, type Sighting, sightings, tagsOf, textsOf } from './sightings.ts'
import { tlsh } from './tlsh.ts'

/** Bytes of a payload that are looked at: what is longer is known by its hash and its beginning. */
const LOOKED_AT = 64 << 10
const EVIDENCE = 256
const TAGS = 32

/** What is known of a payload, in the fields of the `payload` event. */
export type Description = {
  protocol?: string
  /** Kinds and ids of the rules that saw it, what kind of bytes they are, and what wrapped them. */
  tags: string[]
  /** Bits a byte. */
  entropy: number
  /** TLSH, for what is long and varied enough. */
  fuzzy?: string
  /** The same for payloads that differ in numbers and names only. */
  shape: string
  /** Wrappings that were undone, each from the outermost: `base64 > gzip`. */
  layers: string[]
  indicators: Indicator[]
}

export type Described = {
  description: Description
  /** Attacks that the rules saw: an `exploit` event each. */
  exploits: { id: string; name: string; evidence: string }[]
  identified?: Protocol
}

/** All that can be told of bytes that nobody here understood. `port`: where they came in. Bounded work, no state. */
export function describePayload(payload: Buffer, { port }: { port?: number } = {}): Described {
  const bytes = payload.subarray(0, LOOKED_AT)
  const identified = protocolOf(bytes, port)
  const layers = layersOf(bytes)
  const seen = sightingsIn(bytes, layers, identified?.protocol, port)
  const fuzzy = tlsh(bytes)
  const type = fileType(bytes)
  const indicators = indicatorsIn([readable(bytes, identified?.protocol), ...layers.map(layer => layer.bytes)]).map(
    ({ kind, value }) => ({ kind, value: printable(value, 512) }),
  )
  return {
    description: {
      ...(identified ? { protocol: identified.protocol } : {}),
      tags: tags(seen, bytes, layers, type),
      entropy: entropy(bytes),
      ...(fuzzy === undefined ? {} : { fuzzy }),
      shape: shapeHash(bytes),
      layers: layers.map(({ path }) => path),
      indicators,
    },
    exploits: attacksOf(seen).map(attack => ({ ...attack, evidence: printable(attack.evidence, EVIDENCE) })),
    ...(identified ? { identified } : {}),
  }
}

/** In a request's target `+` is a blank. */
function readable(bytes: Buffer, protocol: string | undefined): Buffer | string {
  if (protocol !== 'http') return bytes
  const whole = bytes.toString('latin1')
  const end = whole.indexOf('\n')
  return end < 0 ? whole.replaceAll('+', ' ') : whole.slice(0, end).replaceAll('+', ' ') + whole.slice(end)
}

const printable = (latin1: string, max: number) =>
  latin1.length <= max && !/[^\x20-\x7e]/.test(latin1) ? latin1 : text(Buffer.from(latin1, 'latin1'), max)

/** The payload as it came, and what was inside it, each rule once. */
function sightingsIn(
  bytes: Buffer,
  layers: Layer[],
  protocol: string | undefined,
  port: number | undefined,
): Sighting[] {
  const about = { ...(protocol === undefined ? {} : { protocol }), ...(port === undefined ? {} : { port }) }
  const found = new Map<string, Sighting>()
  for (const sighting of sightings(textsOf(bytes, protocol), about)) found.set(sighting.id, sighting)
  for (const { bytes: inner } of layers)
    for (const sighting of sightings({ raw: inner }, about))
      if (!found.has(sighting.id)) found.set(sighting.id, sighting)
  return [...found.values()].slice(0, 16)
}

function tags(seen: Sighting[], bytes: Buffer, layers: Layer[], type: string | undefined): string[] {
  const inside = layers.map(layer => fileType(layer.bytes)).filter(found => found !== undefined)
  const wrapped = layers.flatMap(({ path }) => path.split(' > ').map(kind => kind.split(' ')[0]!))
  const all = [...tagsOf(seen), nature(bytes), ...(type ? [type] : []), ...inside, ...wrapped]
  return [...new Set(all)].slice(0, TAGS)
}
