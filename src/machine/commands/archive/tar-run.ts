import { errorText } from '../../errors.ts'
import { matches } from '../../shell/pattern.ts'
import { type Process, SystemError } from '../../system.ts'
import { absolute, complain } from '../paths.ts'
import { afterContent, type Member, writeHeader } from './tar-format.ts'
import type { TarSettings } from './tar-options.ts'

/** One run of tar(1). */
export type Tar = {
  process: Process
  settings: TarSettings
  status: number
  /** Prefixes that were told to be left out of names. */
  told: Set<string>
  widest: number
  folders: { path: string; member: Member }[]
}

/** All is over, and was told. */
export class Fatal extends Error {}

export const say = (tar: Tar, message: string): Promise<void> => complain(tar.process, message)
export const failed = async (tar: Tar, message: string): Promise<void> => {
  await say(tar, message)
  tar.status = 2
}
export const fatal = async (tar: Tar, message: string): Promise<never> => {
  await say(tar, message)
  await say(tar, 'Error is not recoverable: exiting now')
  throw new Fatal()
}

type Patterns = Parameters<typeof matches>[0][]

/** A pattern fits the whole name or what is behind any slash of it, and all that is below. */
export const isExcluded = (patterns: Patterns, name: string, step: (cost?: number) => void): boolean => {
  if (patterns.length === 0) return false
  const parts = name.split('/')
  for (let end = 1; end <= parts.length; end++) {
    for (let start = 0; start < end; start++) {
      const piece = parts.slice(start, end).join('/')
      if (patterns.some(pattern => matches(pattern, piece, step))) return true
    }
  }
  return false
}

/** Names as tar shows them: controls and backslashes escaped. */
export const shownName = (name: string): string =>
  name.replace(/[\0-\x1f\x7f-\xff\\]/g, c => {
    const letter = { '\n': 'n', '\t': 't', '\r': 'r', '\b': 'b', '\f': 'f', '\v': 'v', '\x07': 'a', '\\': '\\' }[c]
    return letter ? `\\${letter}` : `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`
  })

/** Writes an archive to its file; what is in the way is told as tar does. */
export const writeWhole = async (run: Tar, data: Buffer): Promise<void> => {
  const { process, settings } = run
  if (settings.archive === '-') return process.stdout.write(data)
  try {
    process.fs.writeFile(absolute(process, settings.archive), data, process.who, { mode: 0o666 & ~process.umask })
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const what =
      error.errno === 'ENOSPC'
        ? `${settings.archive}: Wrote only 0 of 10240 bytes`
        : `${settings.archive}: Cannot open: ${errorText(error)}`
    await fatal(run, what)
  }
}

/** A member as it stands in an archive. */
export const packed = (member: Member, content: Buffer): Buffer =>
  Buffer.concat([writeHeader(member), content, afterContent(content.length)])
