import { createHash } from 'node:crypto'
import type { SampleWriter } from '#artifacts/samples.ts'
import type { Sample } from '#events/actions.ts'
import type { Recorder } from '#events/event.ts'
import { text } from '#events/text.ts'
import type { Witness } from './system.ts'

/** Bytes of a command line, of a path, and of what would have been sent that go into an event. */
const lineMax = 8192
const pathMax = 1024
const startMax = 1024
/** Contents of one session that are kept; more are counted by hash alone, which the events' own cap bounds. */
const mostSamples = 200

const latin1 = (line: string, max: number): string => text(Buffer.from(line, 'latin1'), max)

/** Writes down what is done on the machine as events and samples. */
export type Recording = Witness & {
  /** Everything seen so far is on disk. */
  settled(): Promise<void>
}

export const witnessOf = ({ record, sample }: { record: Recorder; sample(): SampleWriter }): Recording => {
  const pending = new Set<Promise<void>>()
  const kept = new Map<string, Promise<Sample>>()
  const keep = (data: Buffer): Promise<Sample> => {
    const key = createHash('sha256').update(data).digest('hex')
    const found = kept.get(key)
    if (found) return found
    const writing = (async () => {
      const writer = sample()
      if (kept.size <= mostSamples) {
        await writer.write(data)
        return writer.close()
      }
      await writer.abort()
      const hash = (name: string) => createHash(name).update(data).digest('hex')
      return { sha256: key, sha1: hash('sha1'), md5: hash('md5'), size: data.length, kept: 0 }
    })()
    if (kept.size <= mostSamples) kept.set(key, writing)
    return writing
  }
  /** Keeps the content, then tells. */
  const withSample = (data: Buffer, tell: (sample: Sample) => void): void => {
    const task: Promise<void> = keep(data)
      .then(tell)
      .finally(() => pending.delete(task))
    pending.add(task)
  }

  return {
    command: line => record.command({ line: latin1(line, lineMax) }),
    download({ url, tool, argv, path }) {
      record.fileDownload({
        url: latin1(url, lineMax),
        tool,
        commandLine: latin1(argv.join(' '), lineMax),
        ...(path === undefined ? {} : { path: latin1(path, pathMax) }),
      })
    },
    connection({ host, port, tool, sent }) {
      const about = { host: latin1(host, 256), port, tool }
      if (!sent?.length) record.outboundAttempt(about)
      else
        withSample(sent, sample =>
          record.outboundAttempt({ ...about, sent: text(sent.subarray(0, startMax), startMax * 4), sample }),
        )
    },
    file({ path, data, fate }) {
      withSample(data, sample => record.fileUpload({ path: latin1(path, pathMax), sample, fate }))
    },
    read: ({ path, size }) => record.fileRead({ path: latin1(path, pathMax), size }),
    execution({ path, argv, data, format, runs, served }) {
      const about = { path: latin1(path, pathMax), commandLine: latin1(argv.join(' '), lineMax), format, runs }
      if (served) record.execution({ ...about, served })
      else withSample(data, sample => record.execution({ ...about, sample }))
    },
    login({ method, user, password, good }) {
      const outcome = good ? 'success' : 'failure'
      record.login({ method, user: latin1(user, 256), password: latin1(password, 1024), outcome })
    },
    fault({ program, error }) {
      record.serviceError({ stack: text(Buffer.from(`${program}: ${error.stack ?? error}`), 2048) })
    },
    account({ user, change, password }) {
      record.accountChange({
        user: latin1(user, 256),
        change,
        ...(password === undefined ? {} : { password: latin1(password, 1024) }),
      })
    },
    async settled() {
      while (pending.size > 0) await Promise.allSettled([...pending])
    },
  }
}
