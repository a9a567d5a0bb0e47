import { agentProcedures } from './agent.ts'
import { catalogProcedures } from './catalog-procedures.ts'
import { configureProcedures } from './configuring.ts'
import { handleProcedures } from './handles.ts'
import { objectProcedures } from './objects.ts'
import { peopleProcedures } from './people-procedures.ts'
import type { Procedure } from './procedure.ts'
import { registryProcedures } from './registry.ts'
import { serverProcedures } from './server-procedures.ts'
import { shellProcedures } from './shell.ts'

/** Procedures of the server's own, by name, in whatever database or schema they are asked for. */
export const procedures: ReadonlyMap<string, Procedure> = new Map([
  ...shellProcedures,
  ...configureProcedures,
  ...registryProcedures,
  ...objectProcedures,
  ...peopleProcedures,
  ...agentProcedures,
  ...catalogProcedures,
  ...serverProcedures,
  ...handleProcedures,
])
