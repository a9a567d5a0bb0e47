import type { JsonSchema } from '@valibot/to-json-schema'
import { stringify } from 'yaml'
import type { Service } from '#sensor/service.ts'

type Properties = Record<string, JsonSchema>
type Services = Service<unknown>[]

const intro = `# Configuration

*Generated from \`src/config/schema.ts\` and the services' own options by \`docs/generate.ts\`; do not edit.*

skep runs without any configuration. What you want different stands in \`skep.yaml\`, in the directory where you start it, or in
the file that \`--config\` names. Copy [\`skep.example.yaml\`](../skep.example.yaml), which has every key with its default, and
take one \`#\` away from the lines you change; a key without a value counts as not said.

- \`skep config check\` prints every mistake with its line, and starts nothing. A start does the same: exit code 2, nothing runs.
- \`skep config schema\` prints the JSON Schema that is kept here as \`skep.schema.json\`. Editors with a YAML language server
  complete and check the file when its first line is \`# yaml-language-server: $schema=./skep.schema.json\`.
- \`skep reload\` (or SIGHUP) takes over services' options and the bounds of the store at once; the program says what waits
  for the next start.
- Flags stand above the file: \`--edition\`, \`--provider\`, \`--listen\`, \`--port-offset\`, \`--dashboard\`.
`

/** docs/configuration.md */
export function configurationPage(schema: JsonSchema, services: Services): string {
  const parts = [intro]
  const properties = schema.properties as Properties
  const single = Object.entries(properties).filter(([, value]) => !value.properties)
  parts.push('## At the top\n', ...rows(Object.fromEntries(single)))
  for (const [name, value] of Object.entries(properties)) {
    if (!value.properties || name === 'services') continue
    parts.push(`\n## \`${name}\`\n\n${value.description}\n`, ...rows(value.properties as Properties))
  }
  const { services: entry } = properties
  parts.push(`\n## \`services\`\n\n${entry!.description} Every service has these two keys:\n`)
  const each = entry!.properties as Properties
  const { enabled, listen } = Object.values(each)[0]!.properties as Properties
  parts.push(...rows({ enabled: enabled!, listen: listen! }))
  for (const service of services) {
    const { enabled: _, listen: __, ...own } = each[service.name]!.properties as Properties
    parts.push(`\n### \`services.${service.name}\`\n\n${service.title}; ${where(service)}.\n`)
    parts.push(...(Object.keys(own).length ? rows(own) : ['No options of its own.']))
  }
  return `${parts.join('\n')}\n`
}

const rows = (properties: Properties): string[] => [
  '| key | what to write | default | |',
  '|---|---|---|---|',
  ...Object.entries(properties).map(
    ([key, value]) =>
      `| \`${key}\` | ${cell(expects(value))} | ${value.default === undefined ? '' : `\`${inline(value.default)}\``} | ${cell(value.description ?? '')} |`,
  ),
]
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** What a person has to write, in words. */
function expects(schema: JsonSchema): string {
  if (schema.title !== undefined) return schema.title
  if (schema.enum) return schema.enum.map(value => `\`${value}\``).join(', ')
  if (schema.anyOf) return (schema.anyOf as JsonSchema[]).map(expects).join(' or ')
  if (schema.type === 'array') return `list: ${expects(schema.items as JsonSchema)}`
  if (schema.type === 'object') return `keys with values: ${expects(schema.additionalProperties as JsonSchema)}`
  if (schema.type === 'boolean') return '`true`, `false`'
  if (schema.type === 'string') return schema.format === 'ipv4' ? 'IPv4 address' : 'text'
  const kind = schema.type === 'integer' ? 'whole number' : 'number'
  const { minimum, maximum } = schema
  return minimum === undefined || maximum === undefined ? kind : `${kind} from ${minimum} to ${maximum}`
}

const inline = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

/** A service's own ports as \`services.NAME.listen\` takes them. */
const ports = ({ listen }: Service<unknown>): string[] =>
  listen.filter(e => !e.pool).map(e => `${e.port}${e.transport === 'udp' ? '/udp' : e.tls ? '/tls' : ''}`)

/** Spare ports are too many to be read: how many they are is enough. */
const spare = ({ listen }: Service<unknown>): number => listen.filter(e => e.spare).length
const where = (service: Service<unknown>): string =>
  spare(service) > 0
    ? `listens at ${spare(service)} often scanned ports, or at all`
    : `listens at ${ports(service).join(', ')}${pool(service)}`

function pool({ listen }: Service<unknown>): string {
  const data = listen.filter(e => e.pool).map(e => e.port)
  return data.length ? `, and for data connections at ${Math.min(...data)}–${Math.max(...data)}` : ''
}

/** skep.example.yaml: one `#` less on every line, and it is a whole configuration that says what holds anyway. */
export function exampleFile(schema: JsonSchema, services: Services): string {
  const lines = [
    '# yaml-language-server: $schema=./skep.schema.json',
    'Every key of skep.yaml with its default. Copy this file to skep.yaml and take one # away from the lines you change,',
    'and from those of the section they stand in. Explained in docs/configuration.md; `skep config check` finds mistakes.',
  ].map((line, i) => (i ? `# ${line}` : line))
  for (const [name, value] of Object.entries(schema.properties as Properties)) {
    lines.push('', ...prose(value.description ?? '', 0))
    if (name === 'services') lines.push('services:', ...services.flatMap(service => serviceLines(service, value)))
    else if (value.properties) lines.push(`${name}:`, ...keyLines(value.properties as Properties, 2))
    else lines.push(...keyLine(name, value.default, 0))
  }
  return `${lines.map(line => (line === '' ? '' : `#${line}`)).join('\n')}\n`
}

function serviceLines(service: Service<unknown>, all: JsonSchema): string[] {
  const { enabled, listen, ...own } = (all.properties as Properties)[service.name]!.properties as Properties
  const pairs = {
    enabled: enabled!,
    listen: spare(service) > 0 ? listen! : { ...listen!, default: ports(service).map(numeric) },
    ...own,
  }
  return [...prose(service.title, 2), `  ${service.name}:`, ...keyLines(pairs as Properties, 4)]
}
const numeric = (port: string) => (/^\d+$/.test(port) ? Number(port) : port)

const keyLines = (properties: Properties, indent: number): string[] =>
  Object.entries(properties).flatMap(([key, value]) => [
    ...prose([value.description, value.enum && `One of ${value.enum.join(', ')}.`].filter(Boolean).join(' '), indent),
    ...keyLine(key, value.default, indent),
  ])

const keyLine = (key: string, value: unknown, indent: number): string[] => {
  const text = value === undefined ? '' : ` ${stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim()}`
  return [`${' '.repeat(indent)}${key}:${text}`]
}

function prose(text: string, indent: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').filter(Boolean)) {
    if (line && line.length + word.length > 108 - indent) {
      lines.push(line)
      line = ''
    }
    line += (line && ' ') + word
  }
  return [...lines, line].filter(Boolean).map(piece => `${' '.repeat(indent)}# ${piece}`)
}
