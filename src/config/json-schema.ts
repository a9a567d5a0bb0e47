import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema'
import type * as v from 'valibot'
import { services } from '#services/index.ts'
import { serviceEntry, settingsSchema } from './schema.ts'

/** JSON Schema (draft 7) of what an operator may write in skep.yaml, with the options of every service. */
export async function configSchema(): Promise<JsonSchema> {
  const schema = convert(settingsSchema)
  const entries = await Promise.all([...services].map(async ([name, load]) => [name, entry((await load()).default)]))
  const { services: all } = schema.properties as Record<string, JsonSchema>
  return {
    ...schema,
    title: 'skep.yaml',
    properties: {
      ...schema.properties,
      services: {
        type: 'object',
        ...(all?.description === undefined ? {} : { description: all.description }),
        properties: Object.fromEntries(entries) as Record<string, JsonSchema>,
        additionalProperties: false,
      },
    },
  }
}

/** What may stand under one service's name: what every service has, and its own options. */
function entry({ title, options }: { title: string; options: v.GenericSchema }): JsonSchema {
  const { $schema: _, ...own } = convert(options)
  const common = convert(serviceEntry).properties
  return {
    type: 'object',
    description: title,
    properties: { ...common, ...own.properties },
    additionalProperties: false,
  }
}

// Rules that JSON Schema cannot express (a port's range in text, two keys that go together) are checked at the start only.
const convert = (schema: v.GenericSchema): JsonSchema =>
  toJsonSchema(schema, { typeMode: 'input', errorMode: 'ignore' })
