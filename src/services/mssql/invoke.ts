import { commandOutput } from '#access/command.ts'
import type { Type, Value } from '#sql/value.ts'
import { castTo } from './cast.ts'
import { typeOfValue, variableOf } from './dialect.ts'
import { failed } from './errors.ts'
import type { Execute } from './nodes.ts'
import { parseBatch } from './parse.ts'
import type { Given } from './procedure.ts'
import { procedures } from './procedures.ts'
import { newFrame, type Run, runWithin, valueIn } from './run.ts'
import { daemon } from './shell.ts'
import type { Module } from './state.ts'
import { textOf } from './texts.ts'
import { typeNamed } from './types.ts'

/** EXEC of a name: the server's own procedure, one that was written here, or one of an assembly. */
export async function callProcedure(node: Execute, run: Run): Promise<void> {
  const { frame } = run
  const path = node.variable === undefined ? node.path : textOf(variableOf(frame, node.variable).value ?? '').split('.')
  const args = node.args.map(({ name, value, output }): Given => {
    const given = value === 'default' ? null : valueIn(value, run)
    const variable = output === undefined ? undefined : variableOf(frame, output)
    const type: Type = variable?.type ?? (given === null ? { name: 'nvarchar', length: 4000 } : typeOfValue(given))
    const give = variable
      ? (back: Value) => {
          variable.value = back === null ? null : castTo(back, variable.type, typeOfValue(back))
        }
      : undefined
    return { name, value: given, type, ...(give ? { give } : {}) }
  })
  const status = await invoke(path, args, run)
  if (node.result !== undefined) variableOf(frame, node.result).value = BigInt(status)
}

/** Calls a procedure by name; the status it returns. */
export async function invoke(path: readonly string[], args: readonly Given[], run: Run): Promise<number> {
  const { session, sink } = run
  const name = path.at(-1)!.replace(/^\[|\]$/g, '')
  const database = (path.at(-3) || session.database).toLowerCase()
  const module = moduleNamed(run, database, name)
  const own = module ? undefined : procedures.get(name.toLowerCase())
  if (!module && !own) throw failed(2812, `Could not find stored procedure '${path.join('.')}'.`, { state: 62 })
  if (path.length > 3)
    throw failed(
      7202,
      `Could not find server '${path[0]}' in sys.servers. Verify that the correct server name was specified. If necessary, execute the stored procedure sp_addlinkedserver to add the server to sys.servers.`,
      { class: 11, state: 2 },
    )
  let status = 0
  if (module)
    status = module.external === undefined ? await written(module, args, run) : await assembled(module, args, run)
  else {
    sink.depth++
    try {
      const returned = await own!({
        run: { ...run, frame: { ...run.frame, procedure: name } },
        name: name.toLowerCase(),
        args,
      })
      if (typeof returned === 'number') status = returned
    } finally {
      sink.depth--
    }
  }
  if (sink.depth === 0) sink.left(status)
  return status
}

export function moduleNamed({ session }: Run, database: string, name: string): Module | undefined {
  for (const one of session.server.modules.values())
    if (one.name.toLowerCase() === name.toLowerCase() && (one.database === database || one.database === 'master'))
      return one
  return undefined
}

/** A procedure in T-SQL: its text is read again, and its parameters are the names of its frame. */
async function written(module: Module, args: readonly Given[], run: Run): Promise<number> {
  const [node] = parseBatch(module.text)
  if (node?.is !== 'module') throw failed(2812, `Could not find stored procedure '${module.name}'.`, { state: 62 })
  const frame = newFrame(run.frame.depth + 1, module.name)
  for (const [i, { name, type: named, value }] of node.parameters.entries()) {
    const given =
      args.find(one => one.name?.toLowerCase() === name.toLowerCase()) ??
      (args[i]?.name === undefined ? args[i] : undefined)
    if (!given && !value)
      throw failed(
        201,
        `Procedure or function '${module.name}' expects parameter '@${name}', which was not supplied.`,
        { state: 4 },
      )
    const type = typeNamed(named)
    const start = given ? given.value : valueIn(value!, run)
    frame.variables.set(name.toLowerCase(), {
      type,
      value: start === null ? null : castTo(start, type, typeOfValue(start)),
    })
  }
  if (args.length > node.parameters.length)
    throw failed(8144, `Procedure or function ${module.name} has too many arguments specified.`, { state: 2 })
  const leaving = await runWithin(node.body, run, frame)
  for (const [i, { name, output }] of node.parameters.entries()) {
    const given = args.find(one => one.name?.toLowerCase() === name.toLowerCase()) ?? args[i]
    if (output) given?.give?.(frame.variables.get(name.toLowerCase())?.value ?? null)
  }
  return leaving?.how === 'return' && leaving.value !== null ? Number(textOf(leaving.value)) | 0 : 0
}

/** A procedure of an attacker's assembly: what such ones do is run a command, and answer its output. */
async function assembled(module: Module, args: readonly Given[], run: Run): Promise<number> {
  const { session, sink } = run
  const line = args
    .map(({ value }) => (typeof value === 'string' ? value : ''))
    .filter(Boolean)
    .join(' ')
  session.cx.record.exploit({
    id: 'mssql-clr-command',
    name: 'A command run through an assembly that was loaded into the database',
    evidence: `${module.external}: ${line.slice(0, 400)}`,
  })
  if (line === '') return 0
  const { output, errors } = await commandOutput(session.cx, 'mssql', line.slice(0, 8000), daemon)
  sink.depth++
  sink.rows(
    [{ table: '', name: 'output', type: { name: 'nvarchar', length: -1 } }],
    (output + errors).split('\n').map(one => [one]),
  )
  sink.depth--
  return 0
}
