import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Child, keepAlive } from './child.ts'
import type { ProcessState } from './messages.ts'

type Told = { say: string }

/** Keeps a program of a few lines, in a folder below `home`; what became of it comes out of `next`. */
function kept(
  t: TestContext,
  script: string,
  { folder = '.', ...more }: { folder?: string; feed?: () => () => void } = {},
) {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-child-'))
  const states = new EventTarget()
  let child: Child<Told>
  t.after(async () => {
    await child.stop({ say: 'leave' }, 1000)
    fs.rmSync(home, { recursive: true })
  })
  const all: ProcessState[] = []
  child = keepAlive<Told, string>({
    name: 'part',
    args: ['-e', script],
    cwd: path.join(home, folder),
    first: () => ({ say: 'begin' }),
    heard(message) {
      if (message === 'up') child.running()
    },
    changed(state) {
      all.push({ ...state })
      states.dispatchEvent(new Event(state.state))
    },
    said: () => {},
    ...more,
  })
  const until = (state: ProcessState['state']) => once(states, state)
  return { home, child, all, until }
}

const obedient = `process.on('message', ({ say }) => say === 'leave' ? process.exit(0) : process.send('up'))`

test('what dies is started again, with its first message, and says why it died', async t => {
  const { child, all, until } = kept(
    t,
    `${obedient}; process.on('message', ({ say }) => say === 'die' && process.exit(7))`,
  )
  child.start()
  await until('running')
  const died = until('waiting')
  child.send({ say: 'die' })
  await died
  assert.deepEqual([all.at(-1)!.why, all.at(-1)!.restarts, all.at(-1)!.pid], ['exit code 7', 1, undefined])
  await until('running')
})

test('what cannot even begin is tried again until it can', async t => {
  const { home, child, all, until } = kept(t, obedient, { folder: 'not yet' })
  child.start()
  await until('waiting')
  assert.match(all.at(-1)!.why!, /ENOENT/)
  fs.mkdirSync(path.join(home, 'not yet'))
  await until('running')
  assert.ok(all.at(-1)!.restarts >= 1)
})

test('what has nothing to read from is ended, and tried again', async t => {
  let tries = 0
  const feed = () => {
    if (++tries === 1) throw new Error('nobody to read from')
    return () => {}
  }
  const { child, all, until } = kept(t, obedient, { feed })
  child.start()
  await until('waiting')
  assert.equal(all.at(-1)!.why, 'killed by SIGTERM')
  await until('running')
})
