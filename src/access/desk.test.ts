import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import vnc from '#services/vnc/index.ts'
import { openDesk } from './desk.ts'

test('a desktop outlives who looks at it: text and an unfinished line are there for the next connection', async () => {
  await vnc.load?.(false)
  const memory = new Map<string, object>()
  const visit = async (keys: string) => {
    const { record, events } = listeningRecorder()
    const cx = testContext(vnc, record, { memory })
    const how = { owner: 'root', access: cx.options.access, display: ':1', title: 'x', changed: () => {} }
    const desk = openDesk(cx, how)
    desk.desktop.type(Buffer.from(keys))
    await desk.leave()
    const [window] = desk.desktop.windows.filter(({ kind }) => kind === 'terminal')
    return {
      commands: events
        .filter(({ name }) => name === 'command')
        .map(({ details }) => (details as { line: string }).line),
      window,
    }
  }
  assert.deepEqual((await visit('echo one\r')).commands, ['echo one'])
  assert.deepEqual((await visit('echo tw')).commands, [])
  assert.deepEqual((await visit('o\r')).commands, ['echo two'])
  const kept = [...memory].find(([room]) => room === 'desktop :1')![1] as { lines: string; pending: string }
  assert.match(kept.lines, /echo one\r\none\r\n[\s\S]*echo two\r\ntwo/)
  assert.equal(kept.pending, '')
})
