import { errorText } from '../../errors.ts'
import { bytesInput } from '../../input.ts'
import type { Regex } from '../../regex/regex.ts'
import { Broken, type Input, type Process, SystemError } from '../../system.ts'
import { absolute } from '../paths.ts'
import { openInput, type Writer, writerOf } from '../text/io.ts'

/** Files and commands open at once. */
const mostOpen = 64
/** Bytes of one record, and of what a command is given or gives. */
const largest = 8 << 20

/** How records end: one character, blank lines (`''`), or an expression. */
export type Ending = { text: string; regex: Regex | undefined }

export type RecordReader = { next(ending: Ending): Promise<string | undefined> }

export const recordsOf = (process: Process, input: Input): RecordReader => {
  let kept = ''
  let over = false
  const more = async (): Promise<boolean> => {
    const data = over ? undefined : await input.read()
    if (!data) over = true
    else kept += data.toString('latin1')
    if (kept.length > largest) throw new SystemError('ENOSPC')
    return !over
  }
  const cut = (length: number, ending: number): string => {
    const record = kept.slice(0, length)
    kept = kept.slice(length + ending)
    return record
  }
  return {
    async next({ text, regex }) {
      process.step()
      if (text === '') {
        for (;;) {
          kept = kept.replace(/^\n+/, '')
          if (kept !== '' || !(await more())) break
        }
        for (;;) {
          const end = kept.indexOf('\n\n')
          if (end >= 0) return cut(end, 2)
          if (!(await more())) break
        }
        if (kept === '') return undefined
        const record = cut(kept.length, 0)
        return record.endsWith('\n') ? record.slice(0, -1) : record
      }
      let from = 0
      for (;;) {
        if (regex) {
          const found = regex.find(kept, 0, process.step)
          // One that reaches the end may go on in what is yet to come.
          if (found && found[1]! > found[0]! && (found[1]! < kept.length || over))
            return cut(found[0]!, found[1]! - found[0]!)
        } else {
          const end = kept.indexOf(text, from)
          if (end >= 0) return cut(end, text.length)
          from = kept.length
        }
        if (!(await more())) {
          if (regex && kept !== '') {
            const found = regex.find(kept, 0, process.step)
            if (found && found[1]! > found[0]!) return cut(found[0]!, found[1]! - found[0]!)
          }
          break
        }
      }
      return kept === '' ? undefined : cut(kept.length, 0)
    },
  }
}

export type Streams = {
  standard: Writer
  /** What print writes to; opened when first named. */
  output(operator: '>' | '>>' | '|', name: string): Promise<(text: string) => Promise<void>>
  /** `undefined`: it cannot be opened. */
  file(name: string): RecordReader | undefined
  command(line: string): Promise<RecordReader>
  close(name: string): Promise<number>
  flush(): Promise<void>
  system(line: string): Promise<number>
  finish(): Promise<void>
}

export class OutputFault extends Error {}

export const streamsOf = (process: Process): Streams => {
  const standard = writerOf(process)
  const outputs = new Map<string, { write(text: string): Promise<void>; close(): Promise<number> }>()
  const inputs = new Map<string, { reader: RecordReader; status: number }>()
  const room = (): void => {
    if (outputs.size + inputs.size >= mostOpen) throw new OutputFault('file overflow, program limit exceeded')
  }
  const shell = (line: string, how: Parameters<Process['run']>[1]): Promise<number> => {
    return process.run(['/bin/sh', '-c', line], { name: 'sh', ...how })
  }
  const toFile = (operator: string, name: string) => {
    if (name === '/dev/stdout' || name === '-')
      return { write: async (text: string) => void (await standard.put(text)), close: async () => 0 }
    if (name === '/dev/stderr')
      return {
        async write(text: string) {
          await standard.flush()
          await process.stderr.write(text)
        },
        close: async () => 0,
      }
    const path = absolute(process, name)
    const { fs, who, umask } = process
    try {
      fs.writeFile(path, Buffer.alloc(0), who, {
        mode: 0o666 & ~umask,
        ...(operator === '>>' ? { append: true as const } : {}),
      })
    } catch (error) {
      throw new OutputFault(`cannot open "${name}" for output`, { cause: errorText(error) })
    }
    let kept = ''
    const flush = (): void => {
      if (kept === '') return
      process.step(1 + (kept.length >> 10))
      fs.writeFile(path, Buffer.from(kept, 'latin1'), who, { append: true })
      kept = ''
    }
    return {
      async write(text: string) {
        kept += text
        if (kept.length > 8192) flush()
      },
      async close() {
        flush()
        return 0
      },
    }
  }
  /** The command sees its input once that is complete. */
  const toCommand = (line: string) => {
    const pieces: string[] = []
    let size = 0
    return {
      async write(text: string) {
        pieces.push(text)
        size += text.length
        if (size > largest) throw new Broken()
      },
      close: () => shell(line, { stdin: bytesInput(Buffer.from(pieces.join(''), 'latin1')) }),
    }
  }
  const streams: Streams = {
    standard,
    async output(operator, name) {
      const found = outputs.get(name)
      if (found) return found.write
      room()
      // Forking leaves nothing in buffers.
      if (operator === '|') await standard.flush()
      const made = operator === '|' ? toCommand(name) : toFile(operator, name)
      outputs.set(name, made)
      return made.write
    },
    file(name) {
      const found = inputs.get(name)
      if (found) return found.reader
      room()
      try {
        const reader = recordsOf(process, openInput(process, name))
        inputs.set(name, { reader, status: 0 })
        return reader
      } catch (error) {
        if (error instanceof SystemError) return undefined
        throw error
      }
    },
    async command(line) {
      const found = inputs.get(line)
      if (found) return found.reader
      room()
      await standard.flush()
      const pieces: Buffer[] = []
      let size = 0
      const status = await shell(line, {
        stdout: {
          async write(data) {
            const bytes = Buffer.from(data as string, 'latin1')
            pieces.push(bytes)
            size += bytes.length
            if (size > largest) throw new Broken()
          },
        },
      })
      const reader = recordsOf(process, bytesInput(Buffer.concat(pieces)))
      inputs.set(line, { reader, status })
      return reader
    },
    async close(name) {
      const output = outputs.get(name)
      outputs.delete(name)
      const input = inputs.get(name)
      inputs.delete(name)
      if (output) return output.close()
      return input ? input.status : -1
    },
    async flush() {
      await standard.flush()
    },
    async system(line) {
      await standard.flush()
      return shell(line, {})
    },
    async finish() {
      for (const name of [...outputs.keys()]) await streams.close(name)
      await standard.flush()
    },
  }
  return streams
}
