/** How sure a recogniser is: a magic that nothing else has, a shape that fits, or a shape that much else would fit too. */
export type Confidence = 'certain' | 'likely' | 'guess'

/** What one recogniser makes of first bytes. `more`: they are the beginning of what it looks for, and may go on as such. */
export type Sight = Seen | 'more' | undefined
export type Seen = { confidence: Confidence; detail?: string }

/** One protocol's first bytes. `ports` (IANA's or customary) decide between protocols that begin alike. */
export type Recogniser = {
  protocol: string
  /** The service of ours that speaks it, where its name is another. */
  service?: string
  ports?: readonly number[]
  /** Fits so much that it counts on its own ports alone. */
  onlyAtHome?: true
  /** Two bytes tell it nothing yet: it says `undefined` to beginnings of what it knows. */
  late?: true
  see: (bytes: Buffer) => Sight
}

export const certain = (detail?: string): Seen => seen('certain', detail)
export const likely = (detail?: string): Seen => seen('likely', detail)
export const guess = (detail?: string): Seen => seen('guess', detail)
const seen = (confidence: Confidence, detail?: string): Seen =>
  detail === undefined || detail === '' ? { confidence } : { confidence, detail }

/** Whether `bytes` begin with `mark` (latin1), or may once more have come. */
export function begins(bytes: Buffer, mark: string): 'yes' | 'more' | 'no' {
  const length = Math.min(bytes.length, mark.length)
  for (let i = 0; i < length; i++) if (bytes[i] !== mark.charCodeAt(i)) return 'no'
  return length === mark.length ? 'yes' : 'more'
}

/** Looks for any of some marks (latin1) at the very beginning. */
export const magic =
  (marks: string | readonly string[], found: Seen = certain()): Recogniser['see'] =>
  bytes => {
    let more = false
    for (const mark of typeof marks === 'string' ? [marks] : marks) {
      const answer = begins(bytes, mark)
      if (answer === 'yes') return found
      more ||= answer === 'more'
    }
    return more ? 'more' : undefined
  }

/** Needs `length` bytes, looking at fewer as far as they go: `test` says whether what is there fits. */
export const header =
  (length: number, test: (bytes: Buffer) => boolean, found: (bytes: Buffer) => Sight): Recogniser['see'] =>
  bytes =>
    !test(bytes) ? undefined : bytes.length < length ? 'more' : found(bytes)

/** True when byte `at` is among `values`, or has not come yet. */
export const at = (bytes: Buffer, index: number, ...values: number[]): boolean =>
  index >= bytes.length || values.includes(bytes[index]!)

/** A number's bounds that a big- or little-endian field may have; a field that is not whole yet fits. */
export const within = (
  bytes: Buffer,
  index: number,
  size: 2 | 4,
  low: number,
  high: number,
  order: 'be' | 'le' = 'be',
): boolean => {
  if (bytes.length < index + size) return true
  const value = order === 'be' ? bytes.readUIntBE(index, size) : bytes.readUIntLE(index, size)
  return value >= low && value <= high
}

/** The first line without its end (latin1); `undefined` while none is whole, or when it holds what no text line does. */
export function firstLine(bytes: Buffer, max = 2048): { line: string; whole: boolean } | undefined {
  const most = Math.min(bytes.length, max)
  // Byte by byte: most of what is asked is no text, and shows it at once.
  let end = 0
  for (; end < most; end++) {
    const byte = bytes[end]!
    if (byte === 10) break
    const last = byte === 13 && (end + 1 === most || bytes[end + 1] === 10)
    if ((byte < 32 && byte !== 9 && !last) || byte === 127) return undefined
  }
  const whole = end < most || bytes.length >= max
  const line = bytes.toString('latin1', 0, end > 0 && bytes[end - 1] === 13 ? end - 1 : end)
  return { line, whole }
}

/** Lets `judge` see the first line; one that it likes so far, and that is not whole, may go on. */
export const line =
  (max: number, judge: (line: string, whole: boolean) => Sight): Recogniser['see'] =>
  bytes => {
    const found = firstLine(bytes, max)
    const sight = found && judge(found.line, found.whole)
    return sight === undefined || found!.whole ? sight : 'more'
  }

/** Looks for a line whose first word is one of `verbs` (upper case), and lets `judge` see the whole line. */
export const verbs = (
  list: string,
  judge: (verb: string, rest: string, line: string) => Sight,
  exactCase = false,
): Recogniser['see'] => {
  const words = list.split(' ')
  const known = new Set(words)
  const longest = Math.max(...words.map(word => word.length))
  return bytes => {
    const head = bytes.toString('latin1', 0, longest + 1)
    const cut = head.search(/[ \t\r\n]/)
    const word = exactCase
      ? head.slice(0, cut < 0 ? undefined : cut)
      : head.slice(0, cut < 0 ? undefined : cut).toUpperCase()
    if (cut < 0) return bytes.length <= longest && words.some(verb => verb.startsWith(word)) ? 'more' : undefined
    if (!known.has(word)) return undefined
    const found = firstLine(bytes)
    if (!found) return undefined
    if (!found.whole) return 'more'
    return judge(word, found.line.slice(cut).trim(), found.line)
  }
}

/** Letters that a detail may show of what an attacker wrote. */
export const shown = (value: string, max = 64): string =>
  value.slice(0, max).replace(/[^\x20-\x7e]/g, char => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
