import { type Doc, decimalNumber, isArray, isDoc, type Tagged, type Value } from './value.ts'

/**
 * A document as MongoDB Extended JSON (v2, relaxed), for an event: Latin-1 as it came, cut off behind `most` characters.
 * Fields of the session, which no person wrote, are left out at the top.
 */
export function jsonOf(document: Doc, most: number): string {
  const writer = { out: '', most }
  write(new Map([...document].filter(([name]) => !plumbing.has(name))), writer)
  return writer.out.length > most ? `${writer.out.slice(0, most)}…` : writer.out
}
const plumbing = new Set(['lsid', '$db', '$clusterTime', '$readPreference', 'txnNumber', 'apiVersion'])

type Writer = { out: string; most: number }
function write(value: Value, writer: Writer): void {
  if (writer.out.length > writer.most) return
  if (isDoc(value) || isArray(value)) {
    const open = isDoc(value)
    writer.out += open ? '{' : '['
    let first = true
    for (const [name, item] of value.entries()) {
      if (!first) writer.out += ','
      first = false
      if (open) writer.out += `${quoted(String(name), writer)}:`
      write(item, writer)
      if (writer.out.length > writer.most) return
    }
    writer.out += open ? '}' : ']'
  } else writer.out += plain(value, writer)
}
function plain(value: Exclude<Value, Doc | Value[]>, writer: Writer): string {
  if (typeof value === 'string') return quoted(value, writer)
  if (value === null || typeof value !== 'object') return String(value)
  return tagged(value, writer)
}
function tagged(value: Tagged, writer: Writer): string {
  switch (value.is) {
    case 'int':
      return String(value.n)
    case 'oid':
      return `{"$oid":"${value.hex}"}`
    case 'date':
      return `{"$date":${value.at}}`
    case 'binary':
      return `{"$binary":{"base64":"${value.bytes.subarray(0, writer.most).toString('base64')}","subType":"${value.kind.toString(16).padStart(2, '0')}"}}`
    case 'regex':
      return `{"$regularExpression":{"pattern":${quoted(value.source, writer)},"options":${quoted(value.flags, writer)}}}`
    case 'timestamp':
      return `{"$timestamp":{"t":${value.seconds},"i":${value.increment}}}`
    case 'decimal':
      return `{"$numberDecimal":"${decimalNumber(value)}"}`
    case 'code':
      return `{"$code":${quoted(value.text, writer)}}`
    case 'undefined':
      return '{"$undefined":true}'
    case 'min':
      return '{"$minKey":1}'
    case 'max':
      return '{"$maxKey":1}'
  }
}
const quoted = (text: string, { most }: Writer): string => JSON.stringify(text.slice(0, most))
