import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { seeded } from '#codec/testing.ts'
import { readJournal } from './reader.ts'
import { numberOf, numbersIn, range, temporaryDirectory, until } from './testing.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const program = fileURLToPath(new URL('fixtures/endless-writer.ts', import.meta.url))

/** Runs the writer with the rights of a sensor, kills it after `milliseconds`, and returns the last number it called durable. */
async function writeUntilKilled(
  directory: string,
  writer: string,
  from: number,
  milliseconds: number,
): Promise<number> {
  const rights = ['--permission', `--allow-fs-read=${root}`, '--allow-fs-read=.', '--allow-fs-write=.']
  const child = spawn(process.execPath, [...rights, program, writer, String(from)], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let complaint = ''
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    if (out === '') setTimeout(() => child.kill('SIGKILL'), milliseconds)
    out += text
  })
  child.stderr.setEncoding('latin1').on('data', (text: string) => {
    complaint += text
  })
  const signal = await new Promise(resolve => child.on('close', (_code, by) => resolve(by)))
  assert.equal(signal, 'SIGKILL', complaint)
  return Number(out.slice(0, out.lastIndexOf('\n')).split('\n').at(-1))
}

test('kill -9 in the middle of writing: what was called durable is there once, for readers then and after', async t => {
  const data = temporaryDirectory(t)
  const directory = path.join(data, 'journal')
  fs.mkdirSync(directory)
  if (process.getuid?.() === 0) for (const made of [data, directory]) fs.chownSync(made, 65534, 65534)
  const random = seeded(26)
  const stop = new AbortController()
  const heard: number[] = []
  const listening = (async () => {
    for await (const { lines } of readJournal({ directory, signal: stop.signal }))
      heard.push(...lines.map(({ event }) => numberOf(event)))
  })()

  let next = 0
  for (let round = 0; round < 5; round++) {
    const durable = await writeUntilKilled(data, 'tcp', next, 20 + 150 * random())
    assert.ok(durable > next)
    const numbers = await numbersIn(directory)
    // Events on their way when the process died may be there too; nobody was told of them.
    assert.ok(numbers.length >= durable, `${durable} durable, ${numbers.length} found`)
    assert.deepEqual(numbers, range(0, numbers.length))
    next = numbers.length
  }
  await until(() => heard.length >= next)
  stop.abort()
  await listening
  assert.deepEqual(heard, range(0, next))
})
