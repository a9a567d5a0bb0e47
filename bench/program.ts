/** The real program as the benchmarks start it: every decoy, store and page, caps that do not stand in the way. */
import { type Skep, startSkep } from '../test/skep.ts'
import { commandLine } from './process.ts'

export type Product = { ftp?: 'ProFTPD' | 'vsFTPd'; redisPassword?: string }
export type Program = Skep & { sensor: number }

/** nginx stands for the web and ProFTPD for FTP, so that two runs measure the same products. */
export async function startProgram({ ftp = 'ProFTPD', redisPassword }: Product = {}): Promise<Program> {
  const config = {
    limits: { connections: 30_000, perSource: 30_000 },
    persona: { os: 'debian-12', web: 'nginx', ftp },
    ...(redisPassword === undefined ? {} : { services: { redis: { password: redisPassword } } }),
  }
  const program = await startSkep({ edition: 'standard', config: JSON.stringify(config) })
  return { ...program, sensor: sensorOf(program) }
}

/** The process behind all TCP ports: the supervisor starts it first. */
export const sensorOf = (program: Skep): number =>
  program.children().find(pid => commandLine(pid).includes('src/sensor/main.ts'))!
