/** A shell variable. Indexed arrays keep their numbers as text, in no order of their own. */
export type Variable = {
  value: string | undefined
  items: Map<string, string> | undefined
  kind: 'scalar' | 'array' | 'map'
  exported: boolean
  readonly: boolean
  integer: boolean
  letters: 'upper' | 'lower' | undefined
  reference: boolean
}

/** Dynamic scopes: functions see the locals of whoever called them. */
export type Variables = {
  scopes: Map<string, Variable>[]
  /** Bytes held in all values. */
  bytes: number
}

/** Assignment to something `readonly`. */
export class ReadonlyFault extends Error {}
/** Values together have grown past what one shell may hold. */
export class TooBig extends Error {}

export const variablesOf = (env: ReadonlyMap<string, string>): Variables => {
  const variables: Variables = { scopes: [new Map()], bytes: 0 }
  for (const [name, value] of env) {
    variables.scopes[0]!.set(name, { ...blank(), value, exported: true })
    variables.bytes += value.length
  }
  return variables
}

export const blank = (): Variable => ({
  value: undefined,
  items: undefined,
  kind: 'scalar',
  exported: false,
  readonly: false,
  integer: false,
  letters: undefined,
  reference: false,
})

/** A subshell's own copy. */
export const copyVariables = (variables: Variables): Variables => ({
  bytes: variables.bytes,
  scopes: variables.scopes.map(
    scope =>
      new Map([...scope].map(([name, found]) => [name, { ...found, items: found.items && new Map(found.items) }])),
  ),
})

export const find = (variables: Variables, name: string): Variable | undefined => {
  for (let i = variables.scopes.length - 1; i >= 0; i--) {
    const found = variables.scopes[i]!.get(name)
    if (found) return found
  }
  return undefined
}

/** The variable behind `declare -n` names. */
export const resolve = (variables: Variables, name: string): string => {
  let at = name
  for (let i = 0; i < 8; i++) {
    const found = find(variables, at)
    if (!found?.reference || found.value === undefined) return at
    at = found.value
  }
  return at
}

/** The variable, made in the global scope where there is none. */
export const need = (variables: Variables, name: string): Variable => {
  const found = find(variables, name)
  if (found) return found
  const made = blank()
  variables.scopes[0]!.set(name, made)
  return made
}

const grow = (variables: Variables, before: string | undefined, after: string, limit: number): void => {
  variables.bytes += after.length - (before?.length ?? 0) + (before === undefined ? 32 : 0)
  if (variables.bytes > limit) throw new TooBig()
}

const shaped = (found: Variable, value: string): string =>
  found.letters === 'upper' ? value.toUpperCase() : found.letters === 'lower' ? value.toLowerCase() : alone(value)

/** V8 keeps a piece of a text as a view of all of it, a startup file for the sake of a prompt: shorter ones are copied. */
const alone = (value: string): string =>
  value.length > 12 && value.length < 1024 ? Buffer.from(value, 'latin1').toString('latin1') : value

/** Sets the variable or one element of it; `limit` is for all of the shell's values, in bytes. */
export const assign = (
  variables: Variables,
  name: string,
  index: string | undefined,
  value: string,
  limit: number,
): void => {
  const found = need(variables, name)
  if (found.readonly) throw new ReadonlyFault(name)
  const text = shaped(found, value)
  if (index === undefined && found.kind === 'scalar') {
    grow(variables, found.value, text, limit)
    found.value = text
    return
  }
  if (found.kind === 'scalar') toArray(found)
  const key = index ?? '0'
  found.items ??= new Map()
  grow(variables, found.items.get(key), text, limit)
  found.items.set(key, text)
}

export const toArray = (found: Variable): void => {
  found.kind = 'array'
  found.items ??= new Map()
  if (found.value !== undefined) found.items.set('0', found.value)
  found.value = undefined
}

/** The plain value: of an array, its element 0. */
export const scalarOf = (found: Variable | undefined): string | undefined =>
  found === undefined ? undefined : found.kind === 'scalar' ? found.value : found.items?.get('0')

/** Keys in the order bash shows them. */
export const keysOf = (found: Variable | undefined): string[] => {
  if (!found) return []
  if (found.kind === 'scalar') return found.value === undefined ? [] : ['0']
  const keys = [...(found.items?.keys() ?? [])]
  return found.kind === 'array' ? keys.sort((a, b) => Number(a) - Number(b)) : keys
}

export const elementsOf = (found: Variable | undefined): string[] =>
  found?.kind === 'scalar'
    ? found.value === undefined
      ? []
      : [found.value]
    : keysOf(found).map(key => found!.items!.get(key)!)

export const remove = (variables: Variables, name: string): boolean => {
  for (let i = variables.scopes.length - 1; i >= 0; i--) {
    const found = variables.scopes[i]!.get(name)
    if (!found) continue
    if (found.readonly) throw new ReadonlyFault(name)
    for (const element of elementsOf(found)) variables.bytes -= element.length + 32
    variables.scopes[i]!.delete(name)
    return true
  }
  return false
}

/** What a program started now gets. */
export const environmentOf = (variables: Variables): Map<string, string> => {
  const env = new Map<string, string>()
  for (const scope of variables.scopes) {
    for (const [name, found] of scope) {
      const value = scalarOf(found)
      if (found.exported && value !== undefined) env.set(name, value)
      else env.delete(name)
    }
  }
  return env
}

/** All names in sight, sorted. */
export const namesOf = (variables: Variables): string[] =>
  [...new Set(variables.scopes.flatMap(scope => [...scope.keys()]))].sort()
