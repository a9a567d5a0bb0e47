import fs from 'node:fs'
import path from 'node:path'
import { openStore } from '#store/open.ts'
import { askHive, NoHive } from './hive.ts'
import { common, dataDirectory, flags, print, printTable, Usage } from './usage.ts'

const help = `Usage: skep sql "QUERY" [--json] [--limit N] [--data DIR]

Asks the store in DuckDB's SQL, read-only, whether the program runs or not. The table is "events".

  --json       one object a row
  --limit N    at most so many rows, up to 10000; default 1000
  --data DIR   default ./data-local

Examples:
  skep sql "SELECT service, count(*) AS n FROM events GROUP BY service ORDER BY n DESC"
  skep sql "SELECT user, password, count(*) AS n FROM events WHERE action = 'login' GROUP BY ALL ORDER BY n DESC LIMIT 20"
  skep sql "DESCRIBE events"
`

type Table = { columns: string[]; rows: unknown[][] }

async function ask(data: string, query: string, limit: number): Promise<Table> {
  try {
    return (await askHive(data, 'POST', '/sql', { query, limit })) as Table
  } catch (error) {
    if (!(error instanceof NoHive)) throw error
  }
  if (!fs.existsSync(path.join(data, 'store/skep.duckdb'))) throw new Error(`No store in ${data}`)
  const store = await openStore({ directory: path.join(data, 'store') })
  try {
    return await store.sql(query, limit)
  } finally {
    await store.close()
  }
}

export default {
  help,
  async run(args: string[]) {
    const { values, positionals } = flags('sql', args, { ...common, limit: { type: 'string', default: '1000' } }, 1)
    const [query] = positionals
    const limit = Number(values.limit)
    if (!query) throw new Usage('Say what to ask', 'skep sql --help')
    if (!(Number.isInteger(limit) && limit > 0)) throw new Usage('--limit is a whole number', 'skep sql --help')
    const { columns, rows } = await ask(dataDirectory(values.data), query, limit)
    if (values.json)
      for (const row of rows) print(JSON.stringify(Object.fromEntries(columns.map((name, i) => [name, row[i]]))))
    else {
      printTable([columns, ...rows.map(row => row.map(show))])
      if (rows.length === limit) print(`(${limit} rows; there may be more: --limit)`)
    }
    return 0
  },
}

/** An attacker's text must not steer the reader's terminal. */
const show = (value: unknown): string => {
  const text =
    value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, c => JSON.stringify(c).slice(1, -1)).slice(0, 200)
}
