/**
 * Writes what is generated from the code: docs/events.md, docs/configuration.md, docs/fidelity.md, docs/payload-rules.md,
 * data/payload-rules.json, skep.schema.json, skep.example.yaml.
 * `sh bin/skep-node docs/generate.ts`; test/docs.test.ts fails when one of them is stale.
 */
import fs from 'node:fs'
import path from 'node:path'
import { configSchema } from '#config/json-schema.ts'
import { services } from '#services/index.ts'
import { configurationPage, exampleFile } from './generate/configuration.ts'
import { eventsPage } from './generate/events.ts'
import { fidelityPage } from './generate/fidelity.ts'
import { rulesFile, rulesPage } from './generate/payload-rules.ts'

export const root = path.resolve(import.meta.dirname, '..')

/** File name from the root → what it has to hold. */
export async function generated(): Promise<Map<string, string>> {
  const schema = await configSchema()
  const all = await Promise.all([...services.values()].map(async load => (await load()).default))
  return new Map([
    ['docs/configuration.md', configurationPage(schema, all)],
    ['data/payload-rules.json', rulesFile()],
    ['docs/events.md', eventsPage()],
    ['docs/fidelity.md', fidelityPage()],
    ['docs/payload-rules.md', rulesPage()],
    ['skep.example.yaml', exampleFile(schema, all)],
    ['skep.schema.json', `${JSON.stringify(schema, null, 2)}\n`],
  ])
}

if (import.meta.main) for (const [file, text] of await generated()) fs.writeFileSync(path.join(root, file), text)
