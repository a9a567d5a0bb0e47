import { toJsonSchema } from '@valibot/to-json-schema'
import type * as v from 'valibot'
import { fields } from '#store/store.ts'
import { filterEntries } from './filters.ts'
import type { HiveSettings } from './house.ts'
import type { Route } from './route.ts'

const shape = (schema: v.GenericSchema, typeMode: 'input' | 'output') => {
  const { $schema: _, ...rest } = toJsonSchema(schema as v.BaseSchema<unknown, unknown, v.BaseIssue<unknown>>, {
    typeMode,
    errorMode: 'ignore',
  })
  return rest
}
const problem = { $ref: '#/components/responses/Problem' }

/** The OpenAPI 3.1 document of a route table. */
export function openapi(routes: readonly Route[], { sensor }: HiveSettings): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = `/api/v1${route.path.replace(/:(\w+)/g, '{$1}')}`
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'skep',
      version: sensor.version,
      description:
        'Times are milliseconds since the epoch. Errors are problem+json (RFC 9457). Requests that change something must carry Origin or, from a program, X-Skep-Request.',
    },
    paths,
    components: {
      parameters: filterParameters(),
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: '__Host-skep' } },
      responses: {
        Problem: {
          description: 'What is wrong with the request',
          content: {
            'application/problem+json': {
              schema: {
                type: 'object',
                required: ['type', 'title', 'status', 'detail'],
                properties: {
                  type: { type: 'string' },
                  title: { type: 'string' },
                  status: { type: 'integer' },
                  detail: { type: 'string' },
                  parameter: { type: 'string' },
                },
              },
            },
          },
        },
      },
    },
  }
}

function operation({ path, access, summary, query, filtered, body, answer }: Route): object {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const own = Object.entries(query).map(([name, schema]) => ({
    name,
    in: 'query',
    required: schema.type !== 'optional',
    schema: shape(schema as v.GenericSchema, 'input'),
  }))
  const shared = filtered
    ? Object.keys(filterParameters()).map(name => ({ $ref: `#/components/parameters/${name}` }))
    : []
  return {
    summary: access === 'admin' ? `${summary} (admin)` : summary,
    security: access === 'open' ? [] : [{ session: [] }],
    parameters: [...inPath, ...own, ...shared],
    ...(body
      ? { requestBody: { required: true, content: { 'application/json': { schema: shape(body, 'input') } } } }
      : {}),
    responses: {
      ...(answer
        ? {
            200: {
              description: 'The answer',
              content: { [answer.type]: answer.schema ? { schema: shape(answer.schema, 'output') } : {} },
            },
          }
        : { 204: { description: 'Done' } }),
      '4XX': problem,
      '5XX': problem,
    },
  }
}

function filterParameters(): Record<string, object> {
  const parameters: Record<string, object> = {}
  for (const [name, schema] of Object.entries(filterEntries))
    parameters[name] = { name, in: 'query', schema: shape(schema as v.GenericSchema, 'input') }
  for (const field of fields)
    for (const [key, name, description] of [
      [field, field, 'One of these values'],
      [`not_${field}`, `${field}!`, 'None of these values'],
    ] as const)
      parameters[key] = {
        name,
        in: 'query',
        description,
        explode: true,
        schema: { type: 'array', maxItems: 50, items: { type: 'string', maxLength: 1024 } },
      }
  return parameters
}
