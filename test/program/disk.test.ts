import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { logIn } from '../api.ts'
import { missing, runClient, startSkep, tableReady, until } from '../skep.ts'

const mayMount = () => {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-disk-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256m', 'skep-test', place])
  return { place, mounted: status === 0 }
}

test('a full disk: decoys stay up, the loss is counted, shown, and an event once there is room', async t => {
  const lacks = missing('mount', 'redis-cli')
  const { place, mounted } = lacks ? { place: '', mounted: false } : mayMount()
  if (!mounted) return t.skip(lacks || 'mounting is not permitted here')
  const data = path.join(place, 'data')
  fs.mkdirSync(data)
  t.after(() => {
    spawnSync('umount', ['-l', place])
    fs.rmSync(place, { recursive: true, force: true })
  })
  const program = await startSkep({ data, config: 'journal: { floor: 1 MB, quota: 100 MB }\n' })
  const page = await logIn(program)
  await until(() => tableReady(program), 'the table of networks is not ready')
  const ballast = path.join(place, 'ballast')
  spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1M', 'count=1000'], { stdio: 'ignore' })
  const ping = () => runClient('redis-cli', ['-p', String(program.port('redis')), 'PING'], { seconds: 10 })
  for (let i = 0; i < 20; i++) assert.equal((await ping()).out, 'PONG\n', 'a decoy fell silent')
  const shown = async () => ((await page.get('status')) as { lost: number }).lost
  await until(async () => (await shown()) > 0, 'the page shows no loss')
  fs.rmSync(ballast)
  const [lost] = await program.eventually(e => e.event.action === 'events-lost' && e.skep.service === 'journal', 1, 60)
  assert.ok((lost!.skep as unknown as { lost: { count: number } }).lost.count > 0)
  assert.equal((await ping()).out, 'PONG\n')
  const recorded = program.events(e => e.skep.service === 'redis' && e.event.action === 'command').length
  await program.eventually(e => e.skep.service === 'redis' && e.event.action === 'command', recorded)
  await program.stop()
})
