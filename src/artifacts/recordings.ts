import { isAscii } from 'node:buffer'
import fs from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { zstdCompressSync } from 'node:zlib'
import { type Bounds, beyond, durableFlags, fileMode, freeBytes, shareDirectory } from '#events/journal/disk.ts'
import { recordingPath, shelfOf } from './recording-path.ts'
import { openUsage } from './usage.ts'

/** What a terminal session shows and is typed, as it happens. Never throws, never waits. */
export type Recording = {
  output(bytes: Buffer): void
  input(bytes: Buffer): void
  resize(columns: number, rows: number): void
  /** Where it is, from the data directory; `undefined` when nothing could be kept. */
  close(): { path: string; bytes: number; milliseconds: number } | undefined
}
export type RecordingAbout = { session: string; columns: number; rows: number; terminal: string; title: string }
export type OpenRecording = (about: RecordingAbout) => Recording

export type RecordingOptions = Bounds & {
  /** Often relative to the data directory. */
  directory: string
  /** Bytes kept of one session, before compression. */
  capBytes: number
  now: () => number
  onLoss?: (why: string) => void
}

/** Gathered before it is compressed and written; what a crash may cost of a session. */
const frameBytes = 16 << 10
/** Written at the next opportunity after so many milliseconds, however little it is. */
const frameMs = 10_000

/**
 * Opens the store of terminal sessions: asciicast v2 (asciinema's "asciicast file format, version 2"), one file a session
 * under `recordings/<last two hex of the id>/<id>.cast.zst`, written as zstd frames one after another, so that what is on
 * disk can be read at any moment.
 */
export function openRecordings(options: RecordingOptions): OpenRecording {
  const { directory, capBytes, now, onLoss } = options
  try {
    shareDirectory(directory)
  } catch (error) {
    onLoss?.(String(error))
  }
  const usage = openUsage(directory)
  void usage.bytes()
  let used = 0

  return ({ session, columns, rows, terminal, title }) => {
    const began = now()
    const shelf = shelfOf(directory, session)
    const path = recordingPath(directory, session)
    const head = { version: 2, width: columns, height: rows, timestamp: Math.floor(began / 1000), title }
    let lines = `${JSON.stringify({ ...head, env: { SHELL: '/bin/bash', TERM: terminal } })}\n`
    let taken = lines.length
    let written = 0
    let flushedAt = began
    let keeping = true
    // A character may come in two pieces. Until one that is not ASCII comes there is no need to look out for that.
    const decoders: { o?: StringDecoder; i?: StringDecoder } = {}
    const decoded = (kind: 'o' | 'i', bytes: Buffer): string => {
      if (!decoders[kind] && isAscii(bytes)) return bytes.toString('latin1')
      decoders[kind] ??= new StringDecoder('utf8')
      return decoders[kind].write(bytes)
    }

    function flush(): void {
      if (!keeping || lines === '') return
      try {
        const frame = zstdCompressSync(Buffer.from(lines))
        const why = beyond(options, used + frame.length, freeBytes(directory) - frame.length)
        if (why) throw new Error(why)
        shareDirectory(shelf)
        append(path, frame, written === 0)
        written += frame.length
        used += frame.length
        usage.add(frame.length)
        void usage.bytes().then(bytes => (used = bytes))
      } catch (error) {
        keeping = false
        usage.doubt()
        onLoss?.(String(error))
      }
      lines = ''
      flushedAt = now()
    }
    function add(kind: 'o' | 'i' | 'r' | 'm', data: string): void {
      if (!keeping || data === '' || taken > capBytes) return
      const line = `${JSON.stringify([(now() - began) / 1000, kind, data])}\n`
      taken += line.length
      lines += line
      if (taken > capBytes) lines += `${JSON.stringify([(now() - began) / 1000, 'm', 'Not recorded from here on'])}\n`
      if (lines.length >= frameBytes || now() - flushedAt > frameMs) flush()
    }

    return {
      output: bytes => add('o', decoded('o', bytes)),
      input: bytes => add('i', decoded('i', bytes)),
      resize: (columns, rows) => add('r', `${columns}x${rows}`),
      close() {
        flush()
        return written === 0 ? undefined : { path, bytes: written, milliseconds: now() - began }
      },
    }
  }
}

const { O_EXCL, O_CREAT } = fs.constants

function append(path: string, frame: Buffer, first: boolean): void {
  const file = fs.openSync(path, first ? durableFlags : durableFlags & ~(O_EXCL | O_CREAT), fileMode)
  try {
    if (first) fs.chmodSync(path, fileMode)
    for (let done = 0; done < frame.length; ) done += fs.writeSync(file, frame, done)
  } finally {
    fs.closeSync(file)
  }
}
