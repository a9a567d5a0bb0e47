import type { Element } from './xml.ts'

type Attributes = Readonly<Record<string, string | undefined>>
type Child = Element | string

/** An element of our own; what is `undefined` is left out. */
export function element(name: string, space: string, attributes: Attributes = {}, ...children: Child[]): Element {
  const found = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  )
  return { name, space, attributes: new Map(found), children }
}

export const childrenOf = ({ children }: Element): Element[] => children.filter(child => typeof child !== 'string')
export const childOf = (parent: Element, name: string, space = parent.space): Element | undefined =>
  childrenOf(parent).find(child => child.name === name && child.space === space)
/** Its first text, as Prosody takes it. */
export const textOf = (parent: Element | undefined): string | undefined => {
  const first = parent?.children[0]
  return typeof first === 'string' ? first : undefined
}

const marks = new Map([
  ["'", '&apos;'],
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
])
export const escaped = (said: string): string => said.replace(/['&<>"]/g, mark => marks.get(mark)!)

/** As it is sent where `space` is what an element without a declaration is of. Latin-1. */
export function written(of: Element, space: string): string {
  const out: string[] = []
  write(of, space, out)
  return out.join('')
}
function write({ name, space, attributes, children }: Element, outer: string, out: string[]): void {
  out.push('<', name)
  if (space !== outer) out.push(" xmlns='", escaped(space), "'")
  let own = 0
  for (const [key, value] of attributes) {
    const gap = key.lastIndexOf(' ')
    const local = key.slice(gap + 1)
    if (gap < 0) out.push(' ', local, "='", escaped(value), "'")
    else {
      const prefix = `ns${++own}`
      out.push(` xmlns:${prefix}='`, escaped(key.slice(0, gap)), `' ${prefix}:`, local, "='", escaped(value), "'")
    }
  }
  if (children.length === 0) return void out.push('/>')
  out.push('>')
  for (const child of children) {
    if (typeof child === 'string') out.push(escaped(child))
    else write(child, space, out)
  }
  out.push('</', name, '>')
}
