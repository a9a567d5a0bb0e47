import { isUtf8 } from 'node:buffer'

/**
 * The part of XML that a stream is made of (RFC 6120 §11): elements, attributes, text, the five entities and numbers. No
 * document types, comments or processing instructions. Strings are Latin-1, a character a byte of UTF-8.
 */
export type Element = {
  name: string
  /** Its name space. */
  space: string
  /** `name`, or `space name` where it has a name space of its own; `xml:lang` keeps its name. */
  attributes: Map<string, string>
  children: (Element | string)[]
}

export type StreamEvent =
  | { kind: 'open' | 'stanza'; element: Element }
  | { kind: 'close' }
  /** Beyond it nothing is read. */
  | { kind: 'broken'; why: string }

/** Elements within elements, and elements of one stanza (c2s_max_child_elements). */
const DEPTH = 256
const ELEMENTS = 25_000
const NAME = /[A-Za-z_\x80-\xff][-A-Za-z0-9._\x80-\xff]*(?::[A-Za-z_\x80-\xff][-A-Za-z0-9._\x80-\xff]*)?/y
const SPACE = /[ \t\r\n]*/y
const XML = 'http://www.w3.org/XML/1998/namespace'

class Broken extends Error {}
type Scope = ReadonlyMap<string, string>
type Open = { element: Element; qualified: string; scope: Scope }

/** Reads a stream piece by piece; what it keeps is no longer than the stanza that has not ended. */
export class StreamReader {
  #token = Buffer.allocUnsafe(256)
  #length = 0
  #state: 'text' | 'tag' | 'cdata' | 'declaration' = 'text'
  #quote = 0
  #begun = false
  #root: Open | undefined
  #stack: Open[] = []
  #elements = 0
  /** Bytes since the last stanza ended. */
  outstanding = 0
  /** Bytes of the last piece that were read. */
  taken = 0

  #take(byte: number): StreamEvent | undefined {
    if (this.#state === 'text') {
      if (byte === 0x3c) {
        this.#text()
        this.#state = 'tag'
        this.#quote = 0
      } else if (this.#stack.length > 0) this.#keep(byte)
      else if (this.#root) this.outstanding = 0
      else if (!blank(byte)) throw new Broken('Text before the stream')
      return
    }
    this.#keep(byte)
    if (this.#state === 'tag') return this.#tag(byte)
    if (byte !== 0x3e) return
    if (this.#state === 'declaration') {
      if (this.#token[this.#length - 2] === 0x3f) this.#declared()
    } else if (this.#ends(']]>')) {
      this.#add(this.#said().slice('![CDATA['.length, -3))
      this.#state = 'text'
    }
  }

  /** What is whole with these bytes. */
  *feed(bytes: Buffer): Generator<StreamEvent, void> {
    try {
      this.taken = 0
      for (const byte of bytes) {
        this.outstanding++
        this.taken++
        const event = this.#take(byte)
        if (!event) continue
        yield event
        if (event.kind === 'close') return
      }
    } catch (error) {
      if (!(error instanceof Broken)) throw error
      yield { kind: 'broken', why: error.message }
    }
  }

  #tag(byte: number): StreamEvent | undefined {
    if (this.#length === 1) {
      if (byte === 0x3f) this.#state = 'declaration'
      else if (!(byte === 0x2f || byte === 0x21 || byte === 0x5f || byte >= 0x80 || letter(byte)))
        throw new Broken('No tag after <')
      return
    }
    if (this.#token[0] === 0x21) {
      const wanted = '![CDATA['
      if (byte !== wanted.charCodeAt(this.#length - 1) || this.#stack.length === 0)
        throw new Broken(this.#length > 2 ? 'Restricted XML' : byte === 0x2d ? 'A comment' : 'A document type')
      if (this.#length === wanted.length) this.#state = 'cdata'
      return
    }
    if (byte === 0x3c) throw new Broken('A < within a tag')
    if (this.#quote !== 0) {
      if (byte === this.#quote) this.#quote = 0
      return
    }
    if (byte === 0x22 || byte === 0x27) this.#quote = byte
    if (byte !== 0x3e) return
    const said = this.#said().slice(0, -1)
    this.#state = 'text'
    if (said.startsWith('/')) return this.#end(said.slice(1))
    return said.endsWith('/') ? this.#start(said.slice(0, -1), true) : this.#start(said, false)
  }

  #keep(byte: number): void {
    if (this.#length === this.#token.length) this.#token = Buffer.concat([this.#token], this.#length * 2)
    this.#token[this.#length++] = byte
  }
  #ends(mark: string): boolean {
    return (
      this.#length >= mark.length && this.#token.toString('latin1', this.#length - mark.length, this.#length) === mark
    )
  }
  #said(): string {
    const bytes = this.#token.subarray(0, this.#length)
    this.#length = 0
    if (!isUtf8(bytes)) throw new Broken('No UTF-8')
    const said = bytes.toString('latin1')
    for (let at = 0; at < said.length; at++) {
      const code = said.charCodeAt(at)
      if (code < 0x20 && !blank(code)) throw new Broken('A control character')
    }
    return said
  }
  #text(): void {
    if (this.#length > 0) this.#add(decoded(this.#said()))
  }
  #add(text: string): void {
    const parent = this.#stack.at(-1)?.element
    if (!parent || text === '') return
    const last = parent.children.at(-1)
    if (typeof last === 'string') parent.children[parent.children.length - 1] = last + text
    else parent.children.push(text)
  }

  /** `<?xml version='1.0'?>`, at the very beginning alone. */
  #declared(): void {
    const said = this.#said().slice(1, -2)
    const encoding = /\bencoding\s*=\s*["']([^"']*)["']/.exec(said)?.[1]
    const version = /\bversion\s*=\s*["']([^"']*)["']/.exec(said)?.[1]
    if (!/^xml\s/.test(said) || this.#begun) throw new Broken('A processing instruction')
    if (
      version !== '1.0' ||
      (encoding !== undefined && encoding.toLowerCase() !== 'utf-8') ||
      /standalone\s*=\s*["']no/.test(said)
    )
      throw new Broken('Another version or encoding of XML')
    this.#begun = true
    this.#state = 'text'
  }

  #start(said: string, empty: boolean): StreamEvent | undefined {
    const open = opened(said, this.#stack.at(-1) ?? this.#root)
    this.#begun = true
    if (!this.#root) {
      this.#root = open
      this.outstanding = 0
      return { kind: 'open', element: open.element }
    }
    if (++this.#elements > ELEMENTS || this.#stack.length >= DEPTH) throw new Broken('Too many elements')
    this.#stack.at(-1)?.element.children.push(open.element)
    this.#stack.push(open)
    return empty ? this.#close() : undefined
  }

  #end(said: string): StreamEvent | undefined {
    const open = this.#stack.at(-1) ?? this.#root
    if (!open || said.trimEnd() !== open.qualified) throw new Broken('An end of something else')
    return this.#close()
  }

  #close(): StreamEvent | undefined {
    const open = this.#stack.pop()
    if (!open) return { kind: 'close' }
    if (this.#stack.length > 0) return undefined
    this.outstanding = this.#elements = 0
    return { kind: 'stanza', element: open.element }
  }
}

const blank = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
const letter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a

/** A start tag between its angles. */
function opened(said: string, parent: Open | undefined): Open {
  NAME.lastIndex = 0
  const qualified = NAME.exec(said)?.[0]
  if (qualified === undefined) throw new Broken('An element without a name')
  const raw = new Map<string, string>()
  for (let at = qualified.length; ; ) {
    SPACE.lastIndex = at
    const gap = SPACE.exec(said)![0].length
    at += gap
    if (at === said.length) break
    NAME.lastIndex = at
    const name = gap > 0 ? NAME.exec(said)?.[0] : undefined
    if (name === undefined) throw new Broken('An attribute without a name')
    SPACE.lastIndex = at + name.length
    at += name.length + SPACE.exec(said)![0].length
    if (said[at] !== '=') throw new Broken('An attribute without a value')
    SPACE.lastIndex = at + 1
    at += 1 + SPACE.exec(said)![0].length
    const quote = said[at]
    const end = quote === '"' || quote === "'" ? said.indexOf(quote, at + 1) : -1
    if (end < 0) throw new Broken('An attribute without quotes')
    if (raw.has(name)) throw new Broken('An attribute twice')
    raw.set(name, decoded(said.slice(at + 1, end)))
    at = end + 1
  }
  const declared = [...raw].filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'))
  const scope: Scope =
    declared.length === 0 && parent
      ? parent.scope
      : new Map([
          ...(parent?.scope ?? ([['xml', XML]] as const)),
          ...declared.map(([name, value]) => [name.slice(6), value] as const),
        ])
  const attributes = new Map<string, string>()
  for (const [name, value] of raw) {
    if (name === 'xmlns' || name.startsWith('xmlns:')) continue
    const [prefix, local] = parts(name)
    const space = prefix === '' ? '' : spaceOf(scope, prefix)
    attributes.set(prefix === '' || space === XML ? name : `${space} ${local}`, value)
  }
  const [prefix, name] = parts(qualified)
  const space = prefix === '' ? (scope.get('') ?? '') : spaceOf(scope, prefix)
  return { element: { name, space, attributes, children: [] }, qualified, scope }
}

const parts = (name: string): [prefix: string, local: string] => {
  const colon = name.indexOf(':')
  return colon < 0 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)]
}
function spaceOf(scope: Scope, prefix: string): string {
  const space = scope.get(prefix)
  if (space === undefined) throw new Broken('A prefix that nobody declared')
  return space
}

const entities = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])
function decoded(said: string): string {
  if (!said.includes('&')) return said
  return said.replace(/&([^;&]{0,10}(;?))/g, (_, name: string, end: string) => {
    const known = end === '' ? undefined : (entities.get(name.slice(0, -1)) ?? character(name.slice(0, -1)))
    if (known === undefined) throw new Broken('An entity that nobody declared')
    return known
  })
}
function character(name: string): string | undefined {
  const [, hex, decimal] = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name) ?? []
  const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal ?? Number.NaN)
  const fine =
    code >= 0x20
      ? code < 0xd800 || (code > 0xdfff && code < 0xfffe) || (code > 0xffff && code <= 0x10ffff)
      : blank(code)
  return fine ? Buffer.from(String.fromCodePoint(code), 'utf8').toString('latin1') : undefined
}
