import { placeOf } from './catalog.ts'
import { objectKey } from './described.ts'
import { failed } from './errors.ts'
import type { Node } from './nodes.ts'
import type { Run } from './run.ts'
import { command } from './sink.ts'
import { MOST_TEXT, MOST_THINGS, now } from './state.ts'

/** CREATE and ALTER of procedures, functions and triggers. */
export function createModule(node: Extract<Node, { is: 'module' }>, { session, sink }: Run): void {
  const { server, cx } = session
  const place = placeOf(session, node.path)
  const key = objectKey(place.database, place.schema, place.name)
  if (server.modules.has(key) && !node.replace)
    throw failed(2714, `There is already an object named '${place.name}' in the database.`, { state: 3, ends: true })
  if (server.modules.size >= MOST_THINGS || server.weight() + node.text.length > MOST_TEXT * 2)
    throw failed(
      1105,
      `Could not allocate space for object 'sys.sysobjvalues' in database '${session.database}' because the 'PRIMARY' filegroup is full.`,
      { class: 17, state: 2 },
    )
  const kind = node.external === undefined ? node.kind : node.kind === 'P' ? 'PC' : 'FS'
  const assembly = node.external?.split('.')[0]?.toLowerCase()
  if (assembly !== undefined && !server.assemblies.has(assembly))
    throw failed(6528, `Assembly '${assembly}' was not found in the SQL catalog of database '${session.database}'.`, {
      ends: true,
    })
  server.modules.set(key, {
    ...place,
    kind,
    text: node.text,
    createdAt: now(session),
    ...(node.external === undefined ? {} : { external: node.external }),
  })
  if (node.external !== undefined)
    cx.record.exploit({
      id: 'mssql-clr',
      name: 'A procedure bound to an assembly that was loaded into the database',
      evidence: node.text.slice(0, 512),
    })
  sink.done(command.other)
}
