import type { Input, Process } from '../../system.ts'

/** Bytes of what would be sent that are kept. */
const mostSent = 64 << 10
/** Connections that wait for nobody end by themselves, after so many seconds. */
const longest = 600

type Place = { host: string; port: number; tool: string }

/**
 * A connection that stands, with nobody at the other end who says anything: what is typed or piped goes there, and is
 * written down. With a program, that program's standard streams are the connection.
 */
export const relay = async (process: Process, place: Place, address: string, argv?: string[]): Promise<number> => {
  const sent: Buffer[] = []
  let size = 0
  const take = (data: Buffer): void => {
    process.step(1 + (data.length >> 12))
    if (size < mostSent) sent.push(data.subarray(0, mostSent - size))
    size += data.length
  }
  try {
    if (argv) {
      // The program at this end waits for orders that never come, until the other side hangs up.
      const patience = 4 + (address.charCodeAt(address.length - 1) % 20)
      const stdin: Input = {
        read: async () => {
          await process.sleep(patience)
          return undefined
        },
      }
      const stdout = {
        write: async (data: Buffer | string) => take(typeof data === 'string' ? Buffer.from(data, 'latin1') : data),
      }
      return await process.run(argv, { stdin, stdout, stderr: stdout })
    }
    for (let data = await process.stdin.read(); data !== undefined; data = await process.stdin.read()) take(data)
    await process.sleep(0.3)
    return 0
  } finally {
    const data = Buffer.concat(sent)
    process.host.witness.connection({ ...place, ...(data.length > 0 ? { sent: data } : {}) })
  }
}

/** A port that nobody connects to: waits, as long as the session or `patience` lasts. */
export const listen = async (process: Process, port: number, patience = 0): Promise<number> => {
  process.host.witness.connection({ host: '0.0.0.0', port, tool: 'nc -l' })
  await process.sleep(patience > 0 ? Math.min(patience, longest) : longest)
  return 1
}
