import path from 'node:path'
import { downloadsIn } from '#codec/downloads.ts'
import { text } from '#events/text.ts'
import type { Context } from '#sensor/service.ts'
import { ownText } from './commands/client.ts'
import { RedisError } from './keyspace.ts'
import type { Options } from './options.ts'
import { dump } from './rdb.ts'
import { type Redis, type Server, setting } from './state.ts'

/** The well-trodden ways from an open Redis to its host. Each is let go as far as the real one goes, and recorded. */

const bytes = (latin1: string) => Buffer.from(latin1, 'latin1')

/** Directories that exist on the pretended machine; a real one refuses to change to any other. */
const directories = [
  /^\/(?:etc|root|tmp|var|home|usr|opt|srv|run|dev\/shm|mnt)?$/,
  /^\/etc\/(?:cron\.(?:d|daily|hourly|weekly|monthly)|init\.d|ssh|systemd\/system|profile\.d)$/,
  /^\/root\/\.ssh$/,
  /^\/var\/(?:lib(?:\/redis)?|spool(?:\/cron(?:\/crontabs)?)?|www(?:\/html)?|tmp|log|run|backups)$/,
  /^\/usr\/(?:share|lib|local|bin|sbin)(?:\/(?:share|lib|bin|nginx|html))?$/,
  /^\/(?:dev\/shm|run|tmp)(?:\/\.?[\w-]{1,20})?$/,
]

/** CONFIG SET dir: chdir(2) of the redis user. */
export function changeDirectory(to: string, redis: Redis): void {
  const home = redis.cx.persona.users.map(user => user.home)
  const target = path.posix.resolve(setting(redis.server, 'dir'), to)
  const there = directories.some(known => known.test(target)) || home.some(h => target === h || target === `${h}/.ssh`)
  if (!there)
    throw new RedisError("ERR CONFIG SET failed (possibly related to argument 'dir') - No such file or directory")
  redis.server.config.set('dir', ownText(target, 1024))
}

/** SAVE and BGSAVE to a place of the attacker's choice: the file is kept, the fetches in it are noted. */
export async function save(redis: Redis): Promise<void> {
  const { cx, server } = redis
  server.savedAt = cx.now()
  server.saves++
  const directory = setting(server, 'dir')
  const name = setting(server, 'dbfilename')
  server.keyspace.changes = 0
  if (directory === '/var/lib/redis' && name === 'dump.rdb') return
  const file = path.posix.join(directory, name)
  const content = dump(server.keyspace, cx.persona.software.redis.version, cx.now())
  const writer = cx.sample()
  await writer.write(content)
  cx.record.fileUpload({ path: text(bytes(file)), sample: await writer.close() })
  for (const download of downloadsIn(text(content, 64 << 10))) cx.record.fileDownload(download)
  const [id, what] = purpose(directory, name)
  cx.record.exploit({
    id,
    name: what,
    evidence: text(bytes(`CONFIG SET dir ${directory}, dbfilename ${name}, SAVE`), 512),
  })
}

function purpose(directory: string, name: string): [id: string, name: string] {
  if (/cron/.test(directory)) return ['redis-cron', 'Redis dump written as a cron job']
  if (/\.ssh$/.test(directory) || name === 'authorized_keys') return ['redis-ssh-key', 'Redis dump written as SSH keys']
  if (/www|html|nginx/.test(directory)) return ['redis-webshell', 'Redis dump written into a web root']
  return ['redis-file-write', 'Redis dump written to a place of the attacker’s choice']
}

/** SLAVEOF a rogue master, which would send a module as its data set. No connection is made. */
export function replicate(host: string, port: number, server: Server, { record }: Context<Options>): void {
  server.master = { host: ownText(host, 256), port }
  const address = `${server.master.host}:${port}`
  record.fileDownload({ url: text(bytes(`redis://${address}/`), 512), tool: 'slaveof' })
  record.exploit({
    id: 'redis-rogue-master',
    name: 'Redis told to replicate from an outside master',
    evidence: text(bytes(`SLAVEOF ${address.replace(/:(\d+)$/, ' $1')}`), 512),
  })
}
