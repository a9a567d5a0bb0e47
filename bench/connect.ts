import { costColumns, costRows } from './costs.ts'
import { repeat, sideBySide, visit } from './load.ts'
import { startBare } from './peers.ts'
import { startProgram } from './program.ts'
import type { Table } from './table.ts'

const COUNT = 5000
const AT_ONCE = 50

/** A connection, the banner, and the end of it: what nine of ten visitors do. */
export default async function connect(): Promise<Table> {
  const program = await startProgram()
  const bare = await startBare()
  const visits = (port: number) => async () => {
    await repeat(COUNT, AT_ONCE, () => visit(port, [{ line: '220' }]))
    return COUNT
  }
  try {
    const [ftp, floor] = await sideBySide([
      { name: 'FTP, both events durable', pid: program.sensor, run: visits(program.port('ftp')) },
      { name: 'bare node:net', pid: bare.pid, run: visits(bare.ports.banner) },
    ])
    return {
      title: `Connection and banner, ${AT_ONCE} at once`,
      columns: costColumns,
      rows: costRows(ftp!, floor!, { cpuMs: 0.2, bare: 0.1 }),
      notes: [`${COUNT} connections a round.`],
    }
  } finally {
    bare.stop()
    await program.stop()
  }
}
