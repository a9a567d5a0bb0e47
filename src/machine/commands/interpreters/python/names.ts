import type { Expression } from './ast.ts'
import { attributeOf } from './methods.ts'
import { Raised, Thing, Unknown, type Value } from './values.ts'

/** How a module is found: `undefined` where Python would not find it either. */
export type Finder = (name: string) => Thing | undefined

/** A name behind a dot. */
export const attribute = (of: Value, name: string): Value => {
  if (!(of instanceof Thing)) return attributeOf(of, name)
  const found = of.attributes.get(name)
  if (found !== undefined) return found
  if (of.type === 'module') throw new Unknown()
  throw new Raised('AttributeError', `'${of.type}' object has no attribute '${name}'`)
}

/** The name that an expression of `except` is. */
export const nameOf = (node: Expression): string => (node.kind === 'name' || node.kind === 'attribute' ? node.name : '')

/** What an import binds: the module, or with `first` the package that it is in. */
export const bring = (find: Finder, name: string, first: boolean): Thing => {
  const module = find(name)
  if (!module) throw new Raised('ModuleNotFoundError', `No module named '${name.split('.')[0]}'`)
  if (!first || !name.includes('.')) return module
  // `import a.b` binds a, with b in it.
  const [head = '', ...rest] = name.split('.')
  const base = find(head) ?? new Thing('module')
  let at = base
  rest.forEach((part, index) => {
    const inner = find([head, ...rest.slice(0, index + 1)].join('.')) ?? new Thing('module')
    at.attributes.set(part, inner)
    at = inner
  })
  return base
}
