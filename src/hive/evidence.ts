import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { type Answer, cache } from './message.ts'
import { Problem } from './problem.ts'

/** Saved, never shown: whatever a sample or an attacker's text is, no browser may interpret it in this page's name. */
export const attachment = (name: string, type: string, body: Buffer | ((out: Writable) => Promise<void>)): Answer => ({
  status: 200,
  headers: {
    'content-type': type,
    'content-disposition': `attachment; filename="${name}"`,
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'cache-control': cache.never,
  },
  body,
})

// The exposed side writes those folders, so a link or a device in them is not followed or opened.
const CAREFUL = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** An ordinary file that the exposed side left. Throws 404 with `what`. The caller closes it. */
export async function openEvidence(path: string, what: string): Promise<FileHandle> {
  const file = await open(path, CAREFUL).catch(() => undefined)
  if (!file) throw new Problem(404, `No such ${what}`)
  if ((await file.stat()).isFile()) return file
  await file.close()
  throw new Problem(404, `No such ${what}`)
}
