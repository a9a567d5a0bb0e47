import { services } from '#services/index.ts'
import { askHive, NoHive } from './hive.ts'
import { common, dataDirectory, flags, print, printTable, Usage } from './usage.ts'

const help = `Usage: skep service list [--json] [--data DIR]

Every service there is: what it pretends to be and whose place it takes; and, where the program runs, where it listens,
why it does not, and when it last saw anybody. With --json one line for each port.

Examples:
  skep service list
  skep service list --json | jq -r 'select(.state == "down") | "\\(.service) \\(.why)"'
`

type Row = {
  service: string
  title: string
  replaces: readonly string[]
  transport?: string
  tls?: boolean
  address?: string
  port?: number
  /** It stands for so many ports. */
  ports?: number
  state: string
  why?: string
  last?: number
}

async function known(): Promise<Row[]> {
  const all = await Promise.all([...services.values()].map(load => load()))
  return all.map(({ default: { name, title, replaces, listen } }) => ({
    service: name,
    title,
    replaces,
    state: 'not running',
    ...(listen[0] ? { port: listen[0].port } : {}),
  }))
}

async function rows(data: string): Promise<Row[]> {
  try {
    const running = ((await askHive(data, 'GET', '/services')) as { services: Row[] }).services
    const rest = (await known()).filter(row => !running.some(other => other.service === row.service))
    return [...running, ...rest.map(row => ({ ...row, state: 'off' }))]
  } catch (error) {
    if (error instanceof NoHive) return known()
    throw error
  }
}

/** Ports that are told one by one; of more, how many there are. */
const PORTS = 4

/** One line for all ports of a service that are in the same state for the same reason. */
function byService(found: Row[]): { row: Row; ports: string; last: number | undefined }[] {
  return [...Map.groupBy(found, ({ service, state, why = '' }) => `${service} ${state} ${why}`).values()]
    .map(rows => {
      const ports = rows
        .toSorted((a, b) => (a.transport === b.transport ? 0 : a.transport === 'tcp' ? -1 : 1))
        .map(({ ports, port, tls, transport }) =>
          ports === undefined ? `${port ?? ''}${tls ? '/tls' : transport === 'udp' ? '/udp' : ''}` : `${ports} others`,
        )
      const more = ports.length - PORTS
      const last = rows.flatMap(row => row.last ?? [])
      return {
        row: rows[0]!,
        ports: ports.slice(0, PORTS).join(' ') + (more > 0 ? ` and ${more} more` : ''),
        last: last.length ? Math.max(...last) : undefined,
      }
    })
    .sort((a, b) => (a.row.service < b.row.service ? -1 : 1))
}

export default {
  help,
  async run(args: string[]) {
    const { values, positionals } = flags('service', args, common, 1)
    if (positionals[0] !== 'list') throw new Usage('Say what: list', 'skep service --help')
    const found = await rows(dataDirectory(values.data))
    if (values.json) for (const row of found) print(JSON.stringify(row))
    else
      printTable([
        ['SERVICE', 'PORTS', 'STATE', 'LAST EVENT', 'PRETENDS', 'REPLACES'],
        ...byService(found).map(({ row, ports, last }) => [
          row.service,
          ports,
          row.why === undefined ? row.state : `${row.state}: ${row.why}`,
          last === undefined ? '' : new Date(last).toISOString().slice(0, 19).replace('T', ' '),
          row.title,
          row.replaces.join(', '),
        ]),
      ])
    return 0
  },
}
