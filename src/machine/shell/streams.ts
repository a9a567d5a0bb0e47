import { Broken, type Credentials, Exhausted, type FileSystem, type Input, type Output, type Stat } from '../system.ts'
import { countOutput, finish, pause, spend, type World, wakeAll } from './world.ts'

/** An open file description: shared by all descriptors and shells that were copied from it. */
export type Handle = {
  input: Reader | undefined
  output: Output | undefined
  /** How many descriptors refer to it. */
  references: number
  close(): void
  tty: boolean
}

/** Input of which a line can be taken and the rest left to the next reader. */
export type Reader = Input & {
  /** Puts bytes back in front. */
  unread(data: Buffer): void
}

export const handleOf = (ends: {
  input?: Input | undefined
  output?: Output | undefined
  close?: () => void
  tty?: boolean
}): Handle => ({
  input: ends.input && readerOf(ends.input),
  output: ends.output,
  references: 1,
  close: ends.close ?? (() => {}),
  tty: ends.tty ?? false,
})

export const retain = (handle: Handle): Handle => {
  handle.references++
  return handle
}

export const release = (handle: Handle | undefined): void => {
  if (handle && --handle.references === 0) handle.close()
}

const readerOf = (input: Input): Reader => {
  let kept: Buffer | undefined
  const cut = (data: Buffer, max = data.length): Buffer => {
    kept = data.length > max ? data.subarray(max) : undefined
    return data.subarray(0, max)
  }
  return {
    unread(data) {
      if (data.length > 0) kept = kept ? Buffer.concat([data, kept]) : data
    },
    read(max) {
      if (kept) return Promise.resolve(cut(kept, max))
      const data = input.read(max)
      return max === undefined ? data : data.then(data => data && cut(data, max))
    },
  }
}

/** pipe(7): as much as Linux keeps in one, then the writer waits. */
const CAPACITY = 65_536

export type Pipe = {
  writers: number
  readers: number
  opened: boolean
  write: Output['write']
  read: Input['read']
  changed(): void
}

export const pipeOf = (world: World): Pipe => {
  let chunks: Buffer[] = []
  let size = 0
  const sleepers = new Set<() => void>()
  const pipe: Pipe = {
    writers: 0,
    readers: 0,
    opened: false,
    changed: () => wakeAll(sleepers),
    async write(data) {
      const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data
      spend(world, bytes.length >> 12)
      while (pipe.readers > 0 && size >= CAPACITY) await pause(world, sleepers)
      if (pipe.readers === 0) throw new Broken()
      if (bytes.length === 0) return
      chunks.push(bytes)
      size += bytes.length
      wakeAll(sleepers)
    },
    async read() {
      while (size === 0) {
        if (pipe.opened && pipe.writers === 0) return undefined
        await pause(world, sleepers)
      }
      const data = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
      chunks = []
      size = 0
      wakeAll(sleepers)
      return data
    },
  }
  return pipe
}

/** The pipe behind a fifo(7), the same for all who open it. */
export const namedPipe = (world: World, { dev, ino }: Pick<Stat, 'dev' | 'ino'>): Pipe => {
  const key = `${dev}:${ino}`
  const pipe = world.fifos.get(key) ?? pipeOf(world)
  if (world.fifos.size < 64) world.fifos.set(key, pipe)
  return pipe
}

export const readEnd = (pipe: Pipe): Handle => {
  pipe.readers++
  return handleOf({
    input: pipe,
    close: () => {
      pipe.readers--
      pipe.changed()
    },
  })
}

export const writeEnd = (pipe: Pipe): Handle => {
  pipe.writers++
  pipe.opened = true
  return handleOf({
    output: pipe,
    close: () => {
      pipe.writers--
      pipe.changed()
    },
  })
}

/** Keeps what is written, up to so many bytes; beyond that all is over. */
export const collector = (world: World, limit: number): { output: Output; text(): string } => {
  const chunks: Buffer[] = []
  let size = 0
  return {
    output: {
      async write(data) {
        const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data
        size += bytes.length
        spend(world, bytes.length >> 10)
        if (size > limit) {
          finish(world)
          throw new Exhausted()
        }
        chunks.push(bytes)
      },
    },
    text: () => Buffer.concat(chunks).toString('latin1'),
  }
}

export const fileOutput = (world: World, fs: FileSystem, path: string, who: Credentials): Output => ({
  async write(data) {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data
    countOutput(world, bytes.length)
    fs.writeFile(path, bytes, who, { append: true })
  },
})

export const countedOutput = (world: World, output: Output): Output => ({
  async write(data) {
    countOutput(world, data.length)
    await output.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data)
  },
})

/** The memory devices of Linux (mem(4), random(4)) by their minor number. */
export const deviceHandle = (world: World, minor: number): Handle | undefined => {
  const swallow: Output = { write: async data => spend(world, data.length >> 12) }
  const fill = (make: (size: number) => Buffer): Input => ({
    async read(max = 4096) {
      const size = Math.min(max, 65_536)
      // Dear, so that who reads a device without an end comes to one.
      spend(world, 1 + (size >> 5))
      return make(size)
    },
  })
  if (minor === 3) return handleOf({ input: { read: async () => undefined }, output: swallow })
  if (minor === 5) return handleOf({ input: fill(size => Buffer.alloc(size)), output: swallow })
  if (minor === 8 || minor === 9) return handleOf({ input: fill(size => world.process.random(size)), output: swallow })
  return undefined
}
