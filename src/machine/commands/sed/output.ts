import type { Process } from '../../system.ts'
import { absolute, statOf } from '../paths.ts'
import { writerOf } from '../text/io.ts'
import { overwrite, Stopped } from './run.ts'

/** Where sed writes lines: one that had no newline gets it when another follows. */
export type Sink = {
  line(text: string, ended: boolean): Promise<void>
  text(text: string): Promise<void>
}
export type Outputs = {
  /** Standard output, or the file that is edited. */
  main(): Sink
  /** The file that `w` named. */
  to(file: string): Sink
  /** Lines of another file come: with `-i` the one before is done. */
  enter(file: string): Promise<void>
  flush(): Promise<void>
  finish(): Promise<void>
}

/** Bytes of a file that is edited in place. */
const largest = 16 << 20

export const outputsOf = (
  process: Process,
  files: readonly string[],
  { end, inPlace }: { end: string; inPlace: string | undefined },
): Outputs => {
  const sinkOf = (write: (text: string) => Promise<void>): Sink => {
    let missing = false
    const text = async (piece: string): Promise<void> => {
      const before = missing ? end : ''
      missing = false
      if (before + piece !== '') await write(before + piece)
    }
    return {
      text,
      async line(line, ended) {
        await text(line + (ended ? end : ''))
        missing = !ended
      },
    }
  }
  const writer = writerOf(process)
  const standard = sinkOf(async text => {
    await writer.put(text)
  })
  const opened = new Map<string, Sink>()
  for (const file of files) {
    if (opened.has(file)) continue
    if (file === '/dev/stdout') opened.set(file, standard)
    else if (file === '/dev/stderr')
      opened.set(
        file,
        sinkOf(text => process.stderr.write(text)),
      )
    else {
      overwrite(process, file, Buffer.alloc(0))
      const path = absolute(process, file)
      opened.set(
        file,
        sinkOf(async text => {
          process.fs.writeFile(path, Buffer.from(text, 'latin1'), process.who, { append: true })
        }),
      )
    }
  }
  let edited: { file: string; pieces: string[]; size: number; sink: Sink } | undefined
  const close = (): void => {
    if (!edited) return
    const { file, pieces } = edited
    edited = undefined
    if (inPlace) {
      const folder = file.slice(0, file.lastIndexOf('/') + 1)
      const base = file.slice(folder.length)
      const name = inPlace.includes('*') ? inPlace.replaceAll('*', base) : base + inPlace
      const backup = name.includes('/') ? name : folder + name
      const before = process.fs.readFile(absolute(process, file), process.who)
      overwrite(process, backup, before)
      process.fs.chmod(absolute(process, backup), statOf(process, file)?.mode ?? 0o644, process.who)
    }
    overwrite(process, file, Buffer.from(pieces.join(''), 'latin1'))
  }
  return {
    main: () => edited?.sink ?? standard,
    to: file => opened.get(file)!,
    async enter(file) {
      if (inPlace === undefined) return
      close()
      if (file === '-') throw new Stopped("couldn't edit -: not a regular file", 4)
      const pieces: string[] = []
      const one = {
        file,
        pieces,
        size: 0,
        sink: sinkOf(async text => {
          one.size += text.length
          if (one.size > largest) throw new Stopped(`couldn't write to ${file}: No space left on device`, 4)
          process.step(1 + (text.length >> 12))
          pieces.push(text)
        }),
      }
      edited = one
    },
    flush: () => writer.flush(),
    async finish() {
      close()
      await writer.flush()
    },
  }
}
