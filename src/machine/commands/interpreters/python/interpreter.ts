import type { Process } from '../../../system.ts'
import type { Clause, Expression, Parameter, Statement } from './ast.ts'
import { shaped } from './methods.ts'
import { attribute, bring, type Finder, nameOf } from './names.ts'
import { catches, operate, sliced, weightOf } from './operators.ts'
import {
  asNumber,
  Bytes,
  bounded,
  Callable,
  Dict,
  display,
  Exit,
  Float,
  itemsOf,
  List,
  mostItems,
  Raised,
  repr,
  Thing,
  Tuple,
  truth,
  typeName,
  Unknown,
  type Value,
} from './values.ts'

type Scope = { names: Map<string, Value>; outer: Scope | undefined }
class Jump extends Error {
  readonly how: 'break' | 'continue' | 'return'
  readonly value: Value
  constructor(how: Jump['how'], value: Value = null) {
    super()
    this.how = how
    this.value = value
  }
}

/** Calls within each other (sys.getrecursionlimit is 1000, which is more than a dropper needs). */
const deepest = 80

export type Python = {
  run(statements: readonly Statement[]): Promise<void>
  /** The value of one expression, for the prompt. */
  evaluate(expression: Expression): Promise<Value>
  globals: Map<string, Value>
  /** The line that was reached last. */
  line(): number
}

export const createPython = (
  process: Process,
  globals: Map<string, Value>,
  builtins: ReadonlyMap<string, Value>,
  find: Finder,
): Python => {
  let depth = 0
  let reached = 1
  const top: Scope = { names: globals, outer: undefined }

  const lookup = (scope: Scope, name: string): Value => {
    for (let at: Scope | undefined = scope; at; at = at.outer) {
      const found = at.names.get(name)
      if (found !== undefined) return found
    }
    const built = builtins.get(name)
    if (built !== undefined) return built
    throw new Raised('NameError', `name '${name}' is not defined`)
  }

  /** Large values cost what it takes to make them. */
  const evaluate = async (node: Expression, scope: Scope): Promise<Value> => {
    const value = await evaluated(node, scope)
    process.step(weightOf(value))
    return value
  }

  const evaluated = async (node: Expression, scope: Scope): Promise<Value> => {
    process.step()
    if ('line' in node) reached = node.line
    switch (node.kind) {
      case 'constant':
        return node.value
      case 'float':
        return Number.isInteger(node.value) ? new Float(node.value) : node.value
      case 'bytes':
        return new Bytes(Buffer.from(node.value, 'latin1'))
      case 'format': {
        let text = ''
        for (const part of node.parts) {
          if (typeof part === 'string') text += part
          else {
            const value = await evaluate(part.value, scope)
            text += shaped(part.convert === 'r' ? repr(value) : value, part.form)
          }
        }
        return bounded(text)
      }
      case 'name':
        return lookup(scope, node.name)
      case 'attribute':
        return attribute(await evaluate(node.of, scope), node.name)
      case 'item':
        return item(await evaluate(node.of, scope), node.index, scope)
      case 'slice':
        throw new Unknown()
      case 'call':
        return call(node, scope)
      case 'star':
        return evaluate(node.of, scope)
      case 'list':
        return new List(await all(node.items, scope))
      case 'tuple':
        return new Tuple(await all(node.items, scope))
      case 'set':
        return new List(await all(node.items, scope), 'set')
      case 'dict': {
        const dict = new Dict()
        for (const [key, value] of node.items) dict.set(await evaluate(key, scope), await evaluate(value, scope))
        return dict
      }
      case 'unary': {
        const value = await evaluate(node.of, scope)
        if (node.operator === 'not') return !truth(value)
        if (node.operator === '~') return ~asNumber(value)
        return node.operator === '-' ? (value instanceof Float ? new Float(-value.value) : -asNumber(value)) : value
      }
      case 'binary': {
        const left = await evaluate(node.left, scope)
        if (node.operator === 'and') return truth(left) ? evaluate(node.right, scope) : left
        if (node.operator === 'or') return truth(left) ? left : evaluate(node.right, scope)
        return operate(node.operator, left, await evaluate(node.right, scope))
      }
      case 'choice':
        return evaluate(truth(await evaluate(node.test, scope)) ? node.then : node.other, scope)
      case 'lambda':
        return callable('<lambda>', node.parameters, node.body, scope)
      case 'each': {
        const items: Value[] = []
        await each(node.clauses, 0, { names: new Map(), outer: scope }, async inner => {
          if (items.length > mostItems) throw new Raised('MemoryError')
          items.push(await evaluate(node.value, inner))
        })
        return new List(items, node.of === 'set' ? 'set' : 'list')
      }
    }
  }

  const each = async (
    clauses: Clause[],
    at: number,
    scope: Scope,
    take: (scope: Scope) => Promise<void>,
  ): Promise<void> => {
    const clause = clauses[at]
    if (!clause) return take(scope)
    for (const one of itemsOf(await evaluate(clause.source, scope))) {
      process.step()
      await assign(clause.target, one, scope)
      let wanted = true
      for (const test of clause.tests) wanted &&= truth(await evaluate(test, scope))
      if (wanted) await each(clauses, at + 1, scope, take)
    }
  }

  const all = async (nodes: readonly Expression[], scope: Scope): Promise<Value[]> => {
    const values: Value[] = []
    for (const node of nodes) {
      const value = await evaluate(node, scope)
      if (node.kind === 'star') values.push(...itemsOf(value))
      else values.push(value)
    }
    return values
  }

  const item = async (of: Value, index: Expression, scope: Scope): Promise<Value> => {
    const sequence = typeof of === 'string' || of instanceof Bytes || of instanceof List || of instanceof Tuple
    if (index.kind === 'slice') {
      if (!sequence) throw new Raised('TypeError', `'${typeName(of)}' object is not subscriptable`)
      const bound = async (node: Expression | undefined) => {
        const value = node ? await evaluate(node, scope) : null
        return value === null ? undefined : asNumber(value)
      }
      const [from, to, step = 1] = [await bound(index.from), await bound(index.to), await bound(index.step)]
      return sliced(of, from, to, step)
    }
    const key = await evaluate(index, scope)
    if (of instanceof Dict) {
      const found = of.get(key)
      if (found === undefined) throw new Raised('KeyError', repr(key))
      return found
    }
    if (!sequence) {
      if (of instanceof Thing) throw new Unknown()
      throw new Raised('TypeError', `'${typeName(of)}' object is not subscriptable`)
    }
    const list = typeof of === 'string' ? of : of instanceof Bytes ? of.data : of.items
    const at = asNumber(key) < 0 ? list.length + asNumber(key) : asNumber(key)
    const found = (list as ArrayLike<Value>)[at]
    if (found === undefined)
      throw new Raised('IndexError', `${typeName(of) === 'str' ? 'string' : typeName(of)} index out of range`)
    return found
  }

  const call = async (node: Expression & { kind: 'call' }, scope: Scope): Promise<Value> => {
    const of = await evaluate(node.of, scope)
    const args = await all(node.args, scope)
    const named = new Map<string, Value>()
    for (const [name, value] of node.named) named.set(name, await evaluate(value, scope))
    reached = node.line
    if (of instanceof Thing && of.attributes.has('__call__'))
      return (of.attributes.get('__call__') as Callable).run({ args, named })
    if (!(of instanceof Callable)) throw new Raised('TypeError', `'${typeName(of)}' object is not callable`)
    process.step(5)
    return of.run({ args, named })
  }

  const callable = (
    name: string,
    parameters: readonly Parameter[],
    body: Statement[] | Expression,
    outer: Scope,
  ): Callable =>
    new Callable(name, async ({ args, named }) => {
      if (++depth > deepest) throw new Raised('RecursionError', 'maximum recursion depth exceeded')
      const scope: Scope = { names: new Map(), outer }
      try {
        for (const [at, { name: parameter, usual }] of parameters.entries()) {
          const given = args[at] ?? named.get(parameter) ?? (usual ? await evaluate(usual, outer) : undefined)
          if (given === undefined)
            throw new Raised('TypeError', `${name}() missing 1 required positional argument: '${parameter}'`)
          scope.names.set(parameter, given)
        }
        if (!Array.isArray(body)) return await evaluate(body, scope)
        await block(body, scope)
        return null
      } catch (error) {
        if (error instanceof Jump && error.how === 'return') return error.value
        throw error
      } finally {
        depth--
      }
    })

  const assign = async (target: Expression, value: Value, scope: Scope): Promise<void> => {
    if (target.kind === 'name') scope.names.set(target.name, value)
    else if (target.kind === 'tuple' || target.kind === 'list') {
      const values = itemsOf(value)
      if (values.length !== target.items.length)
        throw new Raised(
          'ValueError',
          values.length < target.items.length
            ? `not enough values to unpack (expected ${target.items.length}, got ${values.length})`
            : `too many values to unpack (expected ${target.items.length})`,
        )
      for (const [at, one] of target.items.entries()) await assign(one, values[at]!, scope)
    } else if (target.kind === 'attribute') {
      const of = await evaluate(target.of, scope)
      if (of instanceof Thing) of.attributes.set(target.name, value)
    } else if (target.kind === 'item') {
      const of = await evaluate(target.of, scope)
      const key = await evaluate(target.index, scope)
      if (of instanceof Dict) of.set(key, value)
      else if (of instanceof List) {
        const at = asNumber(key)
        if (Math.abs(at) >= of.items.length + (at < 0 ? 1 : 0))
          throw new Raised('IndexError', 'list assignment index out of range')
        of.items[at < 0 ? of.items.length + at : at] = value
      } else if (of instanceof Thing) throw new Unknown()
    }
  }

  const block = async (statements: readonly Statement[], scope: Scope): Promise<void> => {
    for (const one of statements) await execute(one, scope)
  }

  const loop = async (body: readonly Statement[], scope: Scope): Promise<boolean> => {
    try {
      await block(body, scope)
      return true
    } catch (error) {
      if (!(error instanceof Jump) || error.how === 'return') throw error
      return error.how === 'continue'
    }
  }

  const execute = async (one: Statement, scope: Scope): Promise<void> => {
    process.step()
    reached = one.line
    switch (one.kind) {
      case 'expression':
        await evaluate(one.value, scope)
        return
      case 'assign': {
        const value = await evaluate(one.value, scope)
        for (const target of one.targets) await assign(target, value, scope)
        return
      }
      case 'change': {
        const value = operate(one.operator, await evaluate(one.target, scope), await evaluate(one.value, scope))
        return assign(one.target, value, scope)
      }
      case 'import':
        for (const { name, as } of one.modules)
          scope.names.set(as ?? name.split('.')[0]!, bring(find, as === undefined ? name : name, as === undefined))
        return
      case 'from': {
        const module = bring(find, one.module, false)
        for (const { name, as } of one.names) {
          if (name === '*') for (const [key, value] of module.attributes) scope.names.set(key, value)
          else {
            const found = module.attributes.get(name) ?? find(`${one.module}.${name}`)
            if (found === undefined) throw new Unknown()
            scope.names.set(as, found)
          }
        }
        return
      }
      case 'if':
        for (const { test, body } of one.branches) if (truth(await evaluate(test, scope))) return block(body, scope)
        return block(one.other, scope)
      case 'while':
        while (truth(await evaluate(one.test, scope))) {
          process.step(5)
          if (!(await loop(one.body, scope))) return
        }
        return
      case 'for':
        for (const value of itemsOf(await evaluate(one.source, scope))) {
          process.step(5)
          await assign(one.target, value, scope)
          if (!(await loop(one.body, scope))) return
        }
        return
      case 'def':
        scope.names.set(one.name, callable(one.name, one.parameters, one.body, scope))
        return
      case 'class':
        throw new Unknown()
      case 'try':
        return attempt(one, scope)
      case 'with':
        for (const { value, as } of one.items) {
          const made = await evaluate(value, scope)
          if (as) await assign(as, made, scope)
        }
        return block(one.body, scope)
      case 'return':
        throw new Jump('return', one.value ? await evaluate(one.value, scope) : null)
      case 'break':
      case 'continue':
        throw new Jump(one.kind)
      case 'raise': {
        const value = one.value ? await evaluate(one.value, scope) : null
        if (value instanceof Thing) throw new Raised(value.type, display(value.attributes.get('message') ?? ''))
        throw new Raised(
          value instanceof Callable ? value.name : 'RuntimeError',
          value === null ? 'No active exception to reraise' : '',
        )
      }
      case 'assert':
        if (one.value && !truth(await evaluate(one.value, scope))) throw new Raised('AssertionError')
        return
      case 'delete':
        if (one.value?.kind === 'name') scope.names.delete(one.value.name)
        return
      case 'pass':
        return
    }
  }

  const attempt = async (one: Statement & { kind: 'try' }, scope: Scope): Promise<void> => {
    try {
      await block(one.body, scope)
    } catch (error) {
      const type = error instanceof Raised ? error.type : error instanceof Exit ? 'SystemExit' : undefined
      if (type === undefined) throw error
      for (const { types, as, body } of one.handlers) {
        const names =
          types === undefined ? ['BaseException'] : types.kind === 'tuple' ? types.items.map(nameOf) : [nameOf(types)]
        if (!names.some(name => catches(name, type))) continue
        if (as) scope.names.set(as, new Thing(type, [['__text__', (error as Error).message]]))
        return await block(body, scope)
      }
      throw error
    } finally {
      await block(one.last, scope)
    }
  }

  return {
    run: statements => block(statements, top),
    evaluate: expression => evaluate(expression, top),
    globals,
    line: () => reached,
  }
}
