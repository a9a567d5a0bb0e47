import { errorText } from '../../errors.ts'
import type { Process } from '../../system.ts'
import { statOf } from '../paths.ts'
import { type LineReader, linesOf, openInput } from '../text/io.ts'

/** The files that sed goes through, as one text or each for itself. */
export type Source = {
  /** The next line, with the file it is of; `undefined` at the end. */
  next(): Promise<{ text: string; ended: boolean; file: string; first: boolean } | undefined>
  /** Whether the line that was had last is the last one. */
  isLast(): Promise<boolean>
  status: number
}

export const sourceOf = (
  process: Process,
  files: readonly string[],
  { end, separate, inPlace }: { end: string; separate: boolean; inPlace: boolean },
): Source => {
  let index = -1
  let reader: LineReader | undefined
  let ahead: { text: string; ended: boolean; file: string; first: boolean } | undefined
  let first = false
  const complain = async (message: string, status: number): Promise<void> => {
    source.status = status
    await process.stderr.write(`sed: ${message}\n`)
  }
  const open = async (): Promise<boolean> => {
    while (++index < files.length) {
      const file = files[index]!
      const type = file === '-' ? undefined : statOf(process, file)?.type
      if (inPlace && type !== undefined && type !== 'file') {
        await complain(`couldn't edit ${file}: not a regular file`, 4)
        continue
      }
      try {
        reader = linesOf(process, openInput(process, file), end)
        first = true
        return true
      } catch (error) {
        const why = errorText(error)
        if (why === 'Is a directory') await complain(`read error on ${file}: ${why}`, 4)
        else await complain(`can't read ${file}: ${why}`, 2)
      }
    }
    return false
  }
  const pull = async (): Promise<typeof ahead> => {
    for (;;) {
      const line = await reader?.line()
      if (line) {
        const isFirst = first
        first = false
        return { ...line, file: files[index]!, first: isFirst }
      }
      reader = undefined
      if (!(await open())) return undefined
    }
  }
  let current: string | undefined
  const source: Source = {
    status: 0,
    async next() {
      const line = ahead ?? (await pull())
      ahead = undefined
      current = line?.file
      return line
    },
    async isLast() {
      ahead ??= await pull()
      if (!ahead) return true
      return separate && (ahead.first || ahead.file !== current)
    },
  }
  return source
}
