import type { Expression } from './ast.ts'
import { type Token, unescaped } from './tokens.ts'

type Part = string | { value: Expression; form: string; convert: string }

/** Strings that stand side by side, as one; `parse` reads what stands in braces of an f-string. */
export const literalOf = (pieces: readonly Token[], parse: (code: string) => Expression | undefined): Expression => {
  const parts: Part[] = []
  let bytes = false
  for (const { text: body, prefix = '' } of pieces) {
    bytes ||= prefix.includes('b')
    const plain = (part: string): string => (prefix.includes('r') ? part : unescaped(part, bytes))
    if (!prefix.includes('f')) parts.push(plain(body))
    else for (const part of formatParts(body, parse)) parts.push(typeof part === 'string' ? plain(part) : part)
  }
  if (parts.some(part => typeof part !== 'string')) return { kind: 'format', parts }
  const value = parts.join('')
  return bytes ? { kind: 'bytes', value } : { kind: 'constant', value }
}

const formatParts = (body: string, parse: (code: string) => Expression | undefined): Part[] => {
  const parts: Part[] = []
  for (const [piece] of body.matchAll(/\{\{|\}\}|\{[^{}]*\}|[^{}]+|[{}]/g)) {
    if (piece === '{{' || piece === '}}') parts.push(piece[0]!)
    else if (!piece.startsWith('{')) parts.push(piece)
    else {
      const [, code = '', convert = '', form = ''] = /^\{(.*?)(?:!([rsa]))?(?::([^:]*))?\}$/s.exec(piece) ?? []
      const value = parse(`(${code})`)
      if (value) parts.push({ value, form, convert })
    }
  }
  return parts
}

/** A number as it is written. */
export const numberOf = (text: string): number => {
  const bare = text.replaceAll('_', '')
  return /^0[oO]/.test(bare) ? Number.parseInt(bare.slice(2), 8) : Number(bare)
}
