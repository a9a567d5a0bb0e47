import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import { boundaries, enough, givePack, objectsFor, type Wanted } from './give.ts'
import type { Options } from './options.ts'
import { BAND, FLUSH, OLD_BAND, packet, readPacket } from './pktline.ts'
import type { Repository } from './repositories.ts'

/** Lines of one request. */
const LINES = 4096

export type Visit = { conn: Conn; cx: TcpContext<Options>; repository: Repository; name: string }

/** Versions 0 and 1 (gitprotocol-pack(5)): all refs at once, then what is wanted, and what is there already. */
export async function uploadPack(visit: Visit, version: 0 | 1): Promise<void> {
  const { conn, cx, repository, name } = visit
  await conn.write((version === 1 ? packet('version 1\n') : '') + advertisement(repository, cx))
  const { wanted, capabilities } = await readWants(visit)
  if (wanted.wants.length === 0) return
  const unknown = wanted.wants.find(id => !advertised(repository, id))
  cx.record.command({ line: `fetch ${name} ${wanted.wants.join(' ')}`, verb: 'fetch' })
  if (unknown !== undefined) return conn.write(packet(`ERR upload-pack: not our ref ${unknown}`))
  if (wanted.depth !== undefined) await conn.write(boundaries(repository, wanted) + FLUSH)
  await negotiate(visit, wanted, capabilities)
  const bands = capabilities.has('side-band-64k') ? BAND : capabilities.has('side-band') ? OLD_BAND : undefined
  await givePack(conn, objectsFor(repository, wanted), { bands, progress: wanted.progress })
}

const advertised = ({ refs }: Repository, id: string) => refs.some(ref => ref.id === id || ref.peeled === id)

function advertisement({ refs, head }: Repository, { persona }: TcpContext<Options>): string {
  const capabilities = `multi_ack thin-pack side-band side-band-64k ofs-delta shallow deepen-since deepen-not deepen-relative no-progress include-tag multi_ack_detailed symref=HEAD:${head} object-format=sha1 agent=git/${persona.software.git.version}`
  const rows = [
    `${refs.find(({ name }) => name === head)!.id} HEAD\0${capabilities}`,
    ...refs.flatMap(({ name, id, peeled }) => [
      `${id} ${name}`,
      ...(peeled === undefined ? [] : [`${peeled} ${name}^{}`]),
    ]),
  ]
  return rows.map(row => packet(`${row}\n`)).join('') + FLUSH
}

const ID = /^[0-9a-f]{40}$/

async function readWants({ conn, cx }: Visit) {
  const wanted = {
    wants: [] as string[],
    common: new Set<string>(),
    depth: undefined as number | undefined,
    shallow: [] as string[],
    includeTag: false,
    progress: true,
  }
  const capabilities = new Set<string>()
  for (let lines = 0; ; lines++) {
    const line = await readPacket(conn)
    if (typeof line !== 'string') break
    if (lines > LINES) throw new Malformed('Wants without end')
    const [verb = '', id = '', ...more] = line.trimEnd().split(' ')
    if (verb === 'want' && ID.test(id)) {
      if (wanted.wants.length === 0) for (const one of more.slice(0, 64)) capabilities.add(one)
      if (!wanted.wants.includes(id)) wanted.wants.push(id)
    } else if (verb === 'shallow' && ID.test(id)) wanted.shallow.push(id)
    else if (verb === 'deepen' && /^[1-9]\d{0,9}$/.test(id)) wanted.depth = Number(id)
    else if (verb !== 'deepen-since' && verb !== 'deepen-not' && verb !== 'filter') {
      cx.record.command({ line: text(Buffer.from(line, 'latin1')), verb: 'upload-pack' })
      throw new Malformed(
        `git upload-pack: protocol error, expected to get object ID, not '${text(Buffer.from(line, 'latin1'))}'`,
      )
    }
  }
  wanted.includeTag = capabilities.has('include-tag')
  wanted.progress = !capabilities.has('no-progress')
  const agent = [...capabilities].find(one => one.startsWith('agent='))
  if (agent) cx.record.command({ line: text(Buffer.from(agent, 'latin1')), verb: 'agent' })
  return { wanted, capabilities }
}

/** upload-pack.c: get_common_commits. */
async function negotiate(
  { conn, repository }: Visit,
  wanted: Wanted & { common: Set<string> },
  capabilities: ReadonlySet<string>,
) {
  const { common, wants } = wanted
  const detailed = capabilities.has('multi_ack_detailed')
  const multiple = detailed || capabilities.has('multi_ack')
  let [gotCommon, gotOther, last] = [false, false, '']
  for (let lines = 0; ; lines++) {
    if (lines > LINES) throw new Malformed('Haves without end')
    const line = await readPacket(conn)
    if (typeof line !== 'string') {
      const ready = detailed && gotCommon && !gotOther && enough(repository, wants, common)
      await conn.write(
        (ready ? packet(`ACK ${last} ready\n`) : '') + (common.size === 0 || multiple ? packet('NAK\n') : ''),
      )
      ;[gotCommon, gotOther] = [false, false]
      continue
    }
    const [verb, id = ''] = line.trimEnd().split(' ')
    if (verb === 'done')
      return conn.write(common.size === 0 ? packet('NAK\n') : multiple ? packet(`ACK ${last}\n`) : '')
    if (verb !== 'have' || !ID.test(id)) throw new Malformed('git upload-pack: expected SHA1 list')
    if (repository.objects.has(id)) {
      const first = common.size === 0
      common.add(id)
      gotCommon = true
      last = id
      if (multiple) await conn.write(packet(`ACK ${id} ${detailed ? 'common' : 'continue'}\n`))
      else if (first) await conn.write(packet(`ACK ${id}\n`))
    } else {
      gotOther = true
      if (multiple && enough(repository, wants, common))
        await conn.write(packet(`ACK ${id} ${detailed ? 'ready' : 'continue'}\n`))
    }
  }
}
