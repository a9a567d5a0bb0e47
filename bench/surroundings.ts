import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** An empty directory for as long as `work` takes. */
export async function inEmpty<T>(work: (directory: string) => Promise<T>, parent = os.tmpdir()): Promise<T> {
  const directory = fs.mkdtempSync(path.join(parent, 'skep-bench-'))
  try {
    return await work(directory)
  } finally {
    fs.rmSync(directory, { recursive: true, force: true })
  }
}

/** Programs started by `work` keep their compiled code in `directory`: in an empty one they are as new. */
export async function withCache<T>(directory: string, work: () => Promise<T>): Promise<T> {
  const before = process.env.NODE_COMPILE_CACHE
  process.env.NODE_COMPILE_CACHE = directory
  try {
    return await work()
  } finally {
    if (before === undefined) delete process.env.NODE_COMPILE_CACHE
    else process.env.NODE_COMPILE_CACHE = before
  }
}
