import { text } from '#events/text.ts'
import { Malformed } from '#sensor/endings.ts'
import { boundaries, enough, givePack, objectsFor, type Wanted } from './give.ts'
import { BAND, DELIMITER, FLUSH, packet, readPacket } from './pktline.ts'
import type { Repository } from './repositories.ts'
import type { Visit } from './upload-pack.ts'

const LINES = 4096
const ID = /^[0-9a-f]{40}$/

/** Version 2 (gitprotocol-v2(5)): what can be done, then commands one after the other. */
export async function protocol2(visit: Visit): Promise<void> {
  const { conn, cx } = visit
  const { version } = cx.persona.software.git
  await conn.write(
    [
      'version 2\n',
      `agent=git/${version}\n`,
      // Since 2.31 an empty repository's HEAD can be told; waiting came in 2.32, object-info in 2.32.
      ...(since(version, 31) ? ['ls-refs=unborn\n'] : ['ls-refs\n']),
      ...(since(version, 32) ? ['fetch=shallow wait-for-done\n'] : ['fetch=shallow\n']),
      'server-option\n',
      ...(since(version, 28) ? ['object-format=sha1\n'] : []),
      ...(since(version, 32) ? ['object-info\n'] : []),
    ]
      .map(packet)
      .join('') + FLUSH,
  )
  while (await answerOne(visit));
}
const since = (version: string, minor: number): boolean => Number(version.split('.')[1]) >= minor

type Handler = (visit: Visit, args: readonly string[]) => Promise<void>
const commands = new Map<string, Handler>([
  ['ls-refs', lsRefs],
  ['fetch', fetch],
  ['object-info', objectInfo],
])

async function answerOne(visit: Visit): Promise<boolean> {
  const { conn, cx, name } = visit
  const keys: string[] = []
  const args: string[] = []
  let into = keys
  for (;;) {
    const line = await readPacket(conn)
    if (typeof line !== 'string') {
      if (line.special === 'flush') break
      into = args
      continue
    }
    if (keys.length + args.length > LINES) throw new Malformed('A request without end')
    into.push(line.replace(/\n$/, ''))
  }
  if (keys.length === 0) return false
  const command = keys.find(key => key.startsWith('command='))?.slice(8)
  const shown = [...keys.filter(key => !key.startsWith('command=')), ...args].join(' ')
  cx.record.command({
    line: text(Buffer.from(`${command ?? ''} ${name} ${shown}`.trim(), 'latin1'), 4096),
    verb: text(Buffer.from(command?.slice(0, 32) ?? 'none', 'latin1')),
  })
  const handler = commands.get(command ?? '')
  if (!handler) throw new Malformed(command === undefined ? 'no command requested' : 'invalid command')
  const format = keys.find(key => key.startsWith('object-format='))?.slice(14)
  if (format !== undefined && format !== 'sha1') throw new Malformed('mismatched object format')
  await handler(visit, args)
  return true
}

async function lsRefs({ conn, repository }: Visit, args: readonly string[]): Promise<void> {
  const prefixes = args.filter(arg => arg.startsWith('ref-prefix ')).map(arg => arg.slice(11))
  const [peel, symrefs] = [args.includes('peel'), args.includes('symrefs')]
  const wanted = (name: string) => prefixes.length === 0 || prefixes.some(prefix => name.startsWith(prefix))
  const { refs, head } = repository
  const rows = [{ name: 'HEAD', id: refs.find(({ name }) => name === head)!.id, peeled: undefined }, ...refs]
    .filter(({ name }) => wanted(name))
    .map(({ name, id, peeled }) => {
      const target = name === 'HEAD' && symrefs ? ` symref-target:${head}` : ''
      return packet(`${id} ${name}${target}${peel && peeled !== undefined ? ` peeled:${peeled}` : ''}\n`)
    })
  await conn.write(rows.join('') + FLUSH)
}

async function fetch({ conn, repository }: Visit, args: readonly string[]): Promise<void> {
  const [wanted, haves] = readFetch(repository, args)
  const unknown = wanted.wants.find(id => !repository.objects.has(id))
  if (unknown !== undefined) {
    await conn.write(packet(`ERR upload-pack: not our ref ${unknown}`))
    throw new Malformed(`not our ref ${unknown}`)
  }
  const done = args.includes('done')
  if (wanted.wants.length === 0) return
  let head = ''
  if (!done) {
    const common = [...wanted.common]
    const ready = enough(repository, wanted.wants, wanted.common) && !args.includes('wait-for-done')
    head = packet('acknowledgments\n')
    head += common.length === 0 ? packet('NAK\n') : common.map(id => packet(`ACK ${id}\n`)).join('')
    if (ready) head += packet('ready\n')
    // A client that has nothing goes on at once.
    if (haves > 0 && !ready) return conn.write(head + FLUSH)
    head = haves === 0 ? '' : head + DELIMITER
  }
  const lines = boundaries(repository, wanted)
  if (wanted.depth !== undefined) head += packet('shallow-info\n') + lines + DELIMITER
  await conn.write(head + packet('packfile\n'))
  await givePack(conn, objectsFor(repository, wanted), { bands: BAND, progress: wanted.progress })
}

function readFetch(repository: Repository, args: readonly string[]): [Wanted, haves: number] {
  const of = (verb: string) => args.filter(arg => arg.startsWith(`${verb} `)).map(arg => arg.slice(verb.length + 1))
  const haves = of('have').filter(id => ID.test(id))
  const depth = of('deepen')[0]
  return [
    {
      wants: [...new Set(of('want').filter(id => ID.test(id)))],
      common: new Set(haves.filter(id => repository.objects.has(id))),
      depth: depth !== undefined && /^[1-9]\d{0,9}$/.test(depth) ? Number(depth) : undefined,
      shallow: of('shallow').filter(id => ID.test(id)),
      includeTag: args.includes('include-tag'),
      progress: !args.includes('no-progress'),
    },
    haves.length,
  ]
}

async function objectInfo({ conn, repository }: Visit, args: readonly string[]): Promise<void> {
  const ids = args.filter(arg => arg.startsWith('oid ')).map(arg => arg.slice(4))
  if (!args.includes('size')) return conn.write(FLUSH)
  const rows = ids.map(id => `${id} ${repository.objects.get(id)?.content.length ?? ''}`)
  await conn.write(packet('size') + rows.map(packet).join('') + FLUSH)
}
