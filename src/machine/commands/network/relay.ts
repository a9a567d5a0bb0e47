import { greetingOf, replyTo, unfinished, urlAsked } from '../../internet/peer.ts'
import type { Input, Output, Process } from '../../system.ts'

/** Bytes of what would be sent that are kept. */
const mostSent = 64 << 10
/** Ports that nobody connects to are listened on no longer; seconds. */
const longest = 600

export type Place = { host: string; port: number; tool: string }

/**
 * A connection that stands. What is typed or piped goes there and is written down; a request of HTTP is answered, and
 * nothing else is. With a program, that program's standard streams are the connection.
 */
export const relay = async (process: Process, place: Place, address: string, argv?: string[]): Promise<number> => {
  const sent: Buffer[] = []
  let size = 0
  const take = (data: Buffer): void => {
    process.step(1 + (data.length >> 12))
    if (size < mostSent) sent.push(data.subarray(0, mostSent - size))
    size += data.length
  }
  const soFar = (): string => Buffer.concat(sent).toString('latin1')
  // A shell on offer is told at once: whoever gave it may end everything before it ends.
  if (argv) process.host.witness.connection(place)
  try {
    if (argv) return await attached(process, address, argv, { write: async data => take(bytesOf(data)) })
    const greeting = greetingOf(process, place.port, address)
    if (greeting) await process.stdout.write(greeting)
    for (let data = await process.stdin.read(); data !== undefined; data = await process.stdin.read()) {
      take(data)
      if (!unfinished(soFar()) && (await answered(process, place, address, soFar()))) return 0
    }
    await answered(process, place, address, soFar())
    return 0
  } finally {
    const data = Buffer.concat(sent)
    if (data.length > 0 || !argv)
      process.host.witness.connection({ ...place, ...(data.length > 0 ? { sent: data } : {}) })
  }
}

const bytesOf = (data: Buffer | string): Buffer => (typeof data === 'string' ? Buffer.from(data, 'latin1') : data)

const answered = async (
  process: Process,
  { host, port, tool }: Place,
  address: string,
  sent: string,
): Promise<boolean> => {
  const reply = replyTo(process, host, port, address, sent)
  await process.sleep(reply ? 0.1 : 0.3)
  if (!reply) return false
  const url = urlAsked(host, port, sent)
  if (url) process.host.witness.download({ url, tool, argv: process.argv })
  await process.stdout.write(reply)
  return true
}

/** The program at this end waits for orders that never come, until the other side hangs up. */
export const attached = (process: Process, address: string, argv: string[], stdout: Output): Promise<number> => {
  const patience = 4 + (address.charCodeAt(address.length - 1) % 20)
  const stdin: Input = {
    read: async () => {
      await process.sleep(patience)
      return undefined
    },
  }
  return process.run(argv, { stdin, stdout, stderr: stdout })
}

/** A port that nobody connects to: waits, as long as the session or `patience` lasts. */
export const listen = async (process: Process, port: number, patience = 0): Promise<number> => {
  process.host.witness.connection({ host: '0.0.0.0', port, tool: `${process.argv[0] ?? 'nc'} -l` })
  await process.sleep(patience > 0 ? Math.min(patience, longest) : longest)
  return 1
}
