import { charName, controlNames, isPrint } from './byte-names.ts'

/** A piece of a format: text, an address, or a conversion of so many bytes. */
type Part =
  | { kind: 'text'; text: string }
  | { kind: 'address' | 'end'; base: number; flags: string; width: number; precision: number | undefined }
  | { kind: 'bytes'; letter: string; size: number; flags: string; width: number; precision: number | undefined }
/** `8/2 "%04x "`: so many times, so many bytes. */
export type Unit = { times: number; timesGiven: boolean; parts: Part[]; size: number }
export type Format = Unit[]

/** A format string of hexdump(1); what is wrong with it as a message. */
export const parseFormat = (text: string): Format | string => {
  const units: Format = []
  let at = 0
  const bad = `bad format {${text}}`
  for (;;) {
    while (/\s/.test(text[at] ?? '')) at++
    if (at >= text.length) return units
    const counts = /^([0-9]+)?\s*(?:\/\s*([0-9]+)?)?\s*/.exec(text.slice(at, at + 40))!
    at += counts[0].length
    if (text[at] !== '"') return bad
    let end = at + 1
    while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1
    if (end >= text.length) return bad
    const parts = partsOf(unescaped(text.slice(at + 1, end)), counts[2] === undefined ? undefined : Number(counts[2]))
    if (typeof parts === 'string') return parts
    at = end + 1
    const size = parts.reduce((sum, part) => sum + (part.kind === 'bytes' ? part.size : 0), 0)
    const times = Math.min(counts[1] === undefined ? 1 : Number(counts[1]), 65_536)
    units.push({ times, timesGiven: counts[1] !== undefined, parts, size: size || Number(counts[2] ?? 0) })
  }
}

const unescaped = (text: string): string =>
  text.replace(/\\(.)/gs, (_, c: string) => {
    const index = '0abfnrtv'.indexOf(c)
    return index < 0 ? c : '\0\x07\b\f\n\r\t\v'[index]!
  })

const partsOf = (text: string, size: number | undefined): Part[] | string => {
  const parts: Part[] = []
  let at = 0
  while (at < text.length) {
    const percent = text.indexOf('%', at)
    if (percent !== at) {
      const end = percent < 0 ? text.length : percent
      parts.push({ kind: 'text', text: text.slice(at, end) })
      at = end
      continue
    }
    const found = /^%([-+ #0]*)([0-9]*)(?:\.([0-9]*))?(_[aA][dox]|_[cpu]|[cdiouxXeEfgGs]|%)/.exec(
      text.slice(at, at + 40),
    )
    if (!found) return `bad conversion character ${text.slice(at, at + 2)}`
    at += found[0].length
    const letter = found[4]!
    if (letter === '%') {
      parts.push({ kind: 'text', text: '%' })
      continue
    }
    const shape = {
      flags: found[1]!,
      width: Math.min(Number(found[2] || 0), 4096),
      precision: found[3] === undefined ? undefined : Math.min(Number(found[3]), 4096),
    }
    if (letter.startsWith('_a') || letter.startsWith('_A'))
      parts.push({
        kind: letter[1] === 'a' ? 'address' : 'end',
        base: { d: 10, o: 8, x: 16 }[letter[2] as 'd' | 'o' | 'x'],
        ...shape,
      })
    else {
      const single = letter === 'c' || letter.startsWith('_')
      const usual = single ? 1 : 'eEfgG'.includes(letter) ? 8 : letter === 's' ? (shape.precision ?? 1) : 4
      const own = single ? 1 : (size ?? usual)
      if (!('eEfgG'.includes(letter) ? [4, 8] : letter === 's' || single ? [own] : [1, 2, 4, 8]).includes(own))
        return `bad byte count for conversion character ${letter}`
      parts.push({ kind: 'bytes', letter, size: Math.min(own, 4096), ...shape })
    }
  }
  return parts
}

export const sizeOf = (format: Format): number => format.reduce((sum, unit) => sum + unit.times * unit.size, 0)

/** The last unit goes on to the end of the block, where its times were not given. */
export const stretched = (format: Format, block: number): Format => {
  const last = format.at(-1)
  if (!last || last.timesGiven || last.size === 0) return format
  const more = Math.floor((block - sizeOf(format)) / last.size)
  return more > 0 ? [...format.slice(0, -1), { ...last, times: last.times + more }] : format
}

const padded = (text: string, { flags, width }: { flags: string; width: number }): string => {
  if (flags.includes('-')) return text.padEnd(width)
  return flags.includes('0') ? text.padStart(width, '0') : text.padStart(width)
}

/** One block by one format. `end`: where the data ends; conversions beyond it are blank. */
export const showBlock = (format: Format, data: Buffer, address: number, end: number): string => {
  let out = ''
  let at = 0
  const block = Buffer.concat([data, Buffer.alloc(16)])
  for (const { times, parts } of format)
    for (let turn = 0; turn < times; turn++) {
      let text = ''
      for (const part of parts) {
        if (part.kind === 'text') text += part.text
        else if (part.kind === 'address')
          text += padded((address + at).toString(part.base).padStart(part.precision ?? 0, '0'), part)
        else if (part.kind === 'bytes') {
          text +=
            address + at >= end ? ' '.repeat(part.width) : padded(value(part, block.subarray(at, at + part.size)), part)
          at += part.size
        }
      }
      // The space between values is not behind the last.
      const last = parts.at(-1)
      if (times > 1 && turn === times - 1 && last?.kind === 'text')
        text = text.slice(0, text.length - last.text.length) + last.text.replace(/\s+$/, '')
      out += text
    }
  return out
}

/** The address at the end of all, where the format has one. */
export const showEnd = (format: Format, end: number): string => {
  for (const { parts } of format)
    if (parts.some(({ kind }) => kind === 'end'))
      return parts
        .map(part =>
          part.kind === 'text'
            ? part.text
            : part.kind === 'end'
              ? padded(end.toString(part.base).padStart(part.precision ?? 0, '0'), part)
              : '',
        )
        .join('')
  return ''
}

const value = ({ letter, size, precision, flags }: Extract<Part, { kind: 'bytes' }>, bytes: Buffer): string => {
  const byte = bytes[0] ?? 0
  switch (letter) {
    case '_c':
      return charName(byte)
    case '_p':
      return isPrint(byte) ? String.fromCharCode(byte) : '.'
    case '_u':
      return controlNames[byte] ?? (byte === 127 ? 'del' : byte > 127 ? byte.toString(16) : String.fromCharCode(byte))
    case 'c':
      return String.fromCharCode(byte)
    case 's': {
      const stop = bytes.indexOf(0)
      return bytes.subarray(0, stop < 0 ? size : stop).toString('latin1')
    }
  }
  const full = Buffer.concat([bytes, Buffer.alloc(8)])
  if ('eEfgG'.includes(letter)) {
    const number = size === 4 ? full.readFloatLE() : full.readDoubleLE()
    return letter === 'f' ? number.toFixed(precision ?? 6) : number.toExponential(precision ?? 6)
  }
  const unsigned = size === 8 ? full.readBigUInt64LE() : BigInt(full.readUIntLE(0, size))
  const signed = letter === 'd' || letter === 'i' ? BigInt.asIntN(size * 8, unsigned) : unsigned
  const digits = signed
    .toString(letter === 'o' ? 8 : letter === 'x' || letter === 'X' ? 16 : 10)
    .padStart(precision ?? 0, '0')
  const lead =
    flags.includes('#') && signed !== 0n
      ? letter === 'o'
        ? '0'
        : letter === 'x' || letter === 'X'
          ? `0${letter}`
          : ''
      : ''
  return lead + (letter === 'X' ? digits.toUpperCase() : digits)
}
