import { type ActionName, actions } from '#events/actions.ts'
import { type Event, recorder } from '#events/event.ts'
import { columns } from '#store/columns.ts'
import { examples } from './examples.ts'

/** The fields of every event, from `envelope` in src/events/event.ts. */
const common = [
  ['@timestamp', 'When it happened, in UTC, to the millisecond.'],
  ['event.id', 'A UUIDv7 of its own: the key that makes storing it twice impossible.'],
  ['event.kind', '`event` for what a peer did, `state` for what the program says of itself.'],
  ['event.action', 'What happened: one of the actions below.'],
  ['event.category, event.type', 'The ECS categories of the action.'],
  ['event.dataset', '`skep.` and the service.'],
  ['event.sequence', 'Number of the event within its session, from 0. A gap means that events were not recorded.'],
  ['event.outcome', '`success` or `failure`, where an attempt was answered.'],
  ['source.ip, source.port', 'The peer; behind a PROXY protocol front end, the real one.'],
  ['destination.ip, destination.port', 'Where it came in: the real port, offset included.'],
  ['network.transport, network.type', '`tcp` or `udp`; `ipv4` or `ipv6`.'],
  ['observer.name', 'Your name for the sensor (`sensor` in skep.yaml).'],
  ['observer.product, observer.type', 'Always `skep` and `honeypot`.'],
  ['skep.session', 'The conversation; the same in all its events.'],
  ['skep.service', 'The service that recorded it, or the part of the program.'],
] as const

const intro = `# Events

*Generated from \`src/events/actions.ts\` by \`docs/generate.ts\`; the examples come from the real constructors. Do not edit.*

Everything that happens is one event: a JSON object on a line of its own, in the field names of the
[Elastic Common Schema](https://www.elastic.co/guide/en/ecs/current/index.html) 8. What ECS has no field for stands under
\`skep\`. The journal (\`DATA/journal/*.jsonl\`, closed segments as \`.jsonl.zst\`) holds them as they are here; the store adds where
the source is and whose network it is.

Text from an attacker is bounded in length (… marks a cut); where it is no valid UTF-8, its bytes over 0x7f appear as \`\\xNN\`.
A session records at most 20,000 events and then only counts; \`connection-closed\` always comes. No line is longer than 1 MiB.

Events about the program itself (\`event.kind: state\`) have no source, destination or session.

## Fields of every event

| field | |
|---|---|
${common.map(([field, doc]) => `| \`${field}\` | ${doc} |`).join('\n')}

## Actions

${Object.values(actions)
  .map(({ name, doc }) => `- [\`${name}\`](#${name}): ${doc}`)
  .join('\n')}
`

const store = `
## Columns of the store

\`skep sql\` asks the table \`events\`. Each row is one event: \`ts\` (when), \`id\`, \`sequence\`, \`source_port\`, \`lat\`, \`lon\`, the
whole event as the journal has it in \`json\`, and:

| column | type | taken from |
|---|---|---|
${Object.entries(columns as Record<string, { type: string; path?: string }>)
  .map(
    ([name, { type, path }]) =>
      `| \`${name}\` | ${type} | ${path === undefined ? 'the geography of `source.ip`' : `\`${path}\``} |`,
  )
  .join('\n')}
`

/** docs/events.md */
export function eventsPage(): string {
  const sections = (Object.keys(actions) as ActionName[]).map((key, i) => {
    const { name, doc, kind, category, type } = actions[key]
    const made = examples[key].map((details, n) => make(key, details, i * 16 + n))
    const own = new Set(made.flatMap(event => fieldsOf(event)))
    const facts = `\`event.kind: ${kind}\`, \`event.category: ${category.join(', ')}\`, \`event.type: ${type.join(', ')}\``
    const fields = own.size
      ? `Fields of its own: ${[...own].map(field => `\`${field}\``).join(', ')}.`
      : 'No fields of its own.'
    const shown = made.map(event => `\`\`\`json\n${pretty(event)}\n\`\`\``)
    return [`\n## ${name}\n`, doc, '', `${facts}. ${fields}`, '', shown.join('\n\n')].join('\n')
  })
  return `${intro}${sections.join('\n')}\n${store}`
}

/** Lists of words on one line. */
const pretty = (event: Event) =>
  JSON.stringify(event, null, 2).replace(
    /\[\n\s+("[^\n]*"(?:,\n\s+"[^\n]*")*)\n\s+\]/g,
    (_, words: string) => `[${words.replace(/,\n\s+/g, ', ')}]`,
  )

/** 2026-01-15 03:04:05.678 UTC */
const NOW = Date.UTC(2026, 0, 15, 3, 4, 5, 678)
const stamp = NOW.toString(16).padStart(12, '0')

/** The event that a service's `record` makes of `details`, with nothing left to chance. */
function make(key: ActionName, details: object, number: number): Event {
  let made: Event | undefined
  const options = { sensor: 'tokyo-1', now: () => NOW, sink: (event: Event) => (made = event) }
  const about = actions[key].kind === 'state' || key === 'serviceError'
  const session = '019bbf9c-3b2e-7bbb-8ccc-ddddeeeeffff'
  const record = recorder(
    about && key !== 'serviceError'
      ? { service: key === 'eventsLost' ? 'journal' : 'supervisor' }
      : {
          session,
          service: services.get(key) ?? 'ssh',
          source: { ip: '198.51.100.23', port: 40312 },
          destination: { ip: '203.0.113.80', port: ports.get(services.get(key) ?? 'ssh')! },
          transport: 'tcp',
        },
    options,
  )
  record[key](details as never)
  // What would be chance.
  made!.event.id = `${stamp.slice(0, 8)}-${stamp.slice(8)}-7000-8000-${number.toString(16).padStart(12, '0')}`
  return made!
}

/** Whose event the example is. */
const services = new Map<ActionName, string>([
  ['tlsHello', 'http'],
  ['telnetOption', 'telnet'],
  ['command', 'redis'],
  ['request', 'http'],
  ['fileUpload', 'ftp'],
  ['mail', 'smtp'],
  ['fileDownload', 'redis'],
  ['fileRead', 'ftp'],
  ['exploit', 'redis'],
  ['payload', 'telnet'],
  ['malformed', 'redis'],
  ['serviceError', 'ftp'],
])
const ports = new Map([
  ['ssh', 22],
  ['ftp', 21],
  ['telnet', 23],
  ['http', 80],
  ['redis', 6379],
  ['smtp', 25],
])

const shared = new Set([
  '@timestamp',
  ...'event.id event.kind event.action event.category event.type event.dataset event.sequence'.split(' '),
  ...'source.ip source.port destination.ip destination.port network.transport network.type'.split(' '),
  ...'observer.name observer.product observer.type skep.session skep.service'.split(' '),
])

function fieldsOf(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = `${prefix}${key}`
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) return fieldsOf(inner, `${name}.`)
    return shared.has(name) ? [] : [name]
  })
}
