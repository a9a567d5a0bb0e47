import { join } from 'node:path'
import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import { isRecordingId, recordingPath } from '#artifacts/recording-path.ts'
import { gate } from '../bounded.ts'
import { attachment, openEvidence } from '../evidence.ts'
import type { House } from '../house.ts'
import { later, Problem } from '../problem.ts'
import { type Route, route } from '../route.ts'

const unpack = promisify(zstdDecompress)
/** A recording on disk, and unpacked: far above what the sensor keeps, so that a file of somebody else's cannot fill memory. */
const MAX_PACKED = 16 << 20
const MAX_UNPACKED = 64 << 20

/** Terminal sessions, to be played back. */
export function recordingRoutes({ settings }: House): Route[] {
  const one = gate(1, 16, () => later(503, 'Too many recordings at once', 2))
  return [
    route({
      method: 'GET',
      path: '/recordings/:id',
      access: 'viewer',
      summary: 'A terminal session as an asciicast file (version 2); the id is the file name in its `recording` event',
      query: {},
      filtered: false,
      answer: { type: 'application/x-asciicast' },
      async handle({ params }) {
        const id = params.id!
        if (!isRecordingId(id)) throw new Problem(400, 'Expected a session id', { parameter: 'id' })
        const path = recordingPath(join(settings.data, 'recordings'), id)
        return one(async () => attachment(`${id}.cast`, 'application/x-asciicast', await read(path)))
      },
    }),
  ]
}

async function read(path: string): Promise<Buffer> {
  const file = await openEvidence(path, 'recording')
  try {
    if ((await file.stat()).size > MAX_PACKED) throw new Problem(500, 'The recording is too long')
    return await unpack(await file.readFile(), { maxOutputLength: MAX_UNPACKED })
  } finally {
    await file.close()
  }
}
