import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { smallFileSystem } from '#events/journal/testing.ts'
import { sampleName, trimOldest } from './retention.ts'
import { openSamples, type SampleOptions } from './samples.ts'

function setUp(t: TestContext, options: Partial<SampleOptions> = {}) {
  const directory = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'skep-samples-')), 'artifacts')
  t.after(() => fs.rmSync(path.dirname(directory), { recursive: true, force: true }))
  const losses: string[] = []
  const onLoss = (why: string) => losses.push(why)
  const open = openSamples({ directory, capBytes: 1 << 20, quotaBytes: 1 << 30, floorBytes: 0, onLoss, ...options })
  return { directory, open, losses }
}
async function leave(open: ReturnType<typeof openSamples>, content: Buffer, chunk = 1000) {
  const sample = open()
  for (let at = 0; at < content.length; at += chunk) await sample.write(content.subarray(at, at + chunk))
  return sample.close()
}
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')
const pathOf = (directory: string, hash: string) => `${directory}/${hash.slice(0, 2)}/${hash}`
const bytes = (length: number, seed = 1) =>
  Buffer.from(Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 17 + seed) & 255))
const temporary = (directory: string) => fs.readdirSync(`${directory}/tmp`)
/** Every finished sample. */
const shelved = (directory: string) =>
  fs.readdirSync(directory).flatMap(shelf => (shelf === 'tmp' ? [] : fs.readdirSync(`${directory}/${shelf}`)))

// The EICAR test file in two halves, so that this source is no detection itself.
const eicar = Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''))

test('a sample is kept under its hash, and all three hashes are told', async t => {
  const { directory, open } = setUp(t)
  const umask = process.umask(0o077)
  t.after(() => process.umask(umask))
  assert.deepEqual(await leave(open, eicar, 7), {
    sha256: '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f',
    sha1: '3395856ce81f2b7382dee72602f798b642f14140',
    md5: '44d88612fea8a8f36de82e1278abb02f',
    size: 68,
    kept: 68,
  })
  const kept = pathOf(directory, sha256(eicar))
  assert.deepEqual(fs.readFileSync(kept), eicar)
  assert.equal(fs.statSync(kept).mode & 0o777, 0o640)
  assert.equal(fs.statSync(path.dirname(kept)).mode & 0o7777, 0o2770)
  assert.deepEqual(temporary(directory), [])
})

test('samples of every size around the buffer are kept whole, however they arrive', async t => {
  const { directory, open } = setUp(t)
  for (const size of [1, 4095, 4097, (128 << 10) - 1, 128 << 10, (128 << 10) + 1, 300_000])
    for (const chunk of size > 5000 ? [1000, 65_536, size] : [1, size]) {
      const content = bytes(size, chunk)
      const { kept } = await leave(open, content, chunk)
      assert.equal(kept, size)
      assert.deepEqual(fs.readFileSync(pathOf(directory, sha256(content))), content)
    }
})

test('bytes over the cap are hashed and counted, not kept', async t => {
  const { directory, open } = setUp(t, { capBytes: 200_000 })
  const content = bytes(500_000)
  const sample = await leave(open, content, 65_536)
  assert.deepEqual([sample.size, sample.kept, sample.sha256], [500_000, 200_000, sha256(content)])
  assert.deepEqual(fs.readFileSync(pathOf(directory, sample.sha256)), content.subarray(0, 200_000))
})

test('the same sample again is not written twice, and a fuller one replaces a capped one', async t => {
  const { directory, open } = setUp(t, { capBytes: 150_000 })
  const content = bytes(400_000)
  const target = pathOf(directory, sha256(content))
  await leave(open, content)
  const { ino } = fs.statSync(target)
  assert.equal((await leave(open, content)).kept, 150_000)
  assert.equal(fs.statSync(target).ino, ino)
  const wider = openSamples({ directory, capBytes: 1 << 20, quotaBytes: 1 << 30, floorBytes: 0 })
  assert.equal((await leave(wider, content)).kept, 400_000)
  assert.deepEqual(fs.readFileSync(target), content)
  assert.equal((await leave(open, content)).kept, 400_000)
  assert.deepEqual(temporary(directory), [])
})

test('nothing is hashed too, and leaves nothing', async t => {
  const { directory, open } = setUp(t)
  const { sha256: hash, size, kept } = await open().close()
  assert.deepEqual([hash, size, kept], [sha256(Buffer.alloc(0)), 0, 0])
  assert.deepEqual(shelved(directory), [])
})

test('an aborted sample leaves nothing', async t => {
  const { directory, open } = setUp(t)
  for (const size of [10, 300_000]) {
    const sample = open()
    await sample.write(bytes(size))
    await sample.abort()
  }
  assert.deepEqual([...temporary(directory), ...shelved(directory)], [])
})

const bounds: [what: string, options: Partial<SampleOptions>, why: string][] = [
  ['over the quota', { quotaBytes: 200_000 }, 'quota of 200000 bytes reached'],
  ['under the floor', { floorBytes: 2 ** 52 }, `free space under ${2 ** 52} bytes`],
]
for (const [what, options, why] of bounds)
  test(`${what} a sample is hashed and not kept`, async t => {
    const { directory, open, losses } = setUp(t, options)
    const content = bytes(300_000)
    const sample = await leave(open, content)
    assert.deepEqual([sample.size, sample.kept, sample.sha256], [300_000, 0, sha256(content)])
    assert.deepEqual([...temporary(directory), ...shelved(directory)], [])
    assert.deepEqual(losses, [why])
  })

test('the quota counts what is there, and what retention removed no longer', async t => {
  const { directory, open } = setUp(t, { quotaBytes: 250_000 })
  const [first, second, third] = [bytes(100_000, 1), bytes(100_000, 2), bytes(100_000, 3)]
  for (const content of [first, second]) assert.equal((await leave(open, content)).kept, 100_000)
  assert.equal((await leave(open, third)).kept, 0)
  const reopened = openSamples({ directory, capBytes: 1 << 20, quotaBytes: 250_000, floorBytes: 0 })
  assert.equal((await leave(reopened, third)).kept, 0)
  fs.utimesSync(pathOf(directory, sha256(second)), 1, 1)
  fs.writeFileSync(`${directory}/tmp/on-its-way`, '')
  assert.deepEqual(await trimOldest({ directory, quotaBytes: 150_000, name: sampleName }), {
    removed: [{ name: sha256(second), bytes: 100_000 }],
    bytes: 100_000,
  })
  assert.deepEqual(shelved(directory), [sha256(first)])
  assert.deepEqual(temporary(directory), ['on-its-way'])
  const after = openSamples({ directory, capBytes: 1 << 20, quotaBytes: 250_000, floorBytes: 0 })
  assert.equal((await leave(after, third)).kept, 100_000)
})

test('a real full disk costs the sample, not the conversation', async t => {
  const parent = smallFileSystem(t, 512)
  if (!parent) return t.skip('may not mount a small tmpfs here')
  const directory = `${parent}/artifacts`
  const floorBytes = Number.NEGATIVE_INFINITY
  const losses: string[] = []
  const onLoss = (why: string) => losses.push(why)
  const open = openSamples({ directory, capBytes: 1 << 30, quotaBytes: 1 << 30, floorBytes, onLoss })
  const big = bytes(700_000)
  assert.deepEqual([(await leave(open, big)).kept, temporary(directory)], [0, []])
  assert.match(losses.join(), /^Error: ENOSPC/)
  assert.equal((await leave(open, eicar)).kept, 68)
})

test('more samples at once than the bound are hashed only', async t => {
  const { open } = setUp(t, { maxOpen: 2 })
  const samples = [open(), open(), open()]
  for (const [i, sample] of samples.entries()) await sample.write(bytes(10, i))
  const kept = await Promise.all(samples.map(sample => sample.close()))
  assert.deepEqual(
    kept.map(sample => sample.kept),
    [10, 10, 0],
  )
  assert.equal((await leave(open, bytes(20))).kept, 20)
})

test('the same content arriving many times at once is kept once', async t => {
  const { directory, open } = setUp(t)
  const content = bytes(300_000)
  const all = await Promise.all(Array.from({ length: 20 }, () => leave(open, content, 50_000)))
  assert.ok(all.every(({ kept }) => kept === 300_000))
  assert.deepEqual(shelved(directory), [sha256(content)])
  assert.deepEqual(temporary(directory), [])
})

test('what a dead process left half written is removed, what a living one writes stays', async t => {
  const { directory } = setUp(t)
  const dead = spawnSync(process.execPath, ['--version']).pid
  for (const name of [`${dead}-aa`, `${process.pid}-bb`, `${process.ppid}-cc`, 'junk'])
    fs.writeFileSync(`${directory}/tmp/${name}`, 'x')
  openSamples({ directory, capBytes: 1, quotaBytes: 1, floorBytes: 0 })
  assert.deepEqual(temporary(directory), [`${process.ppid}-cc`])
})

test('a second close is a bug and says so; an abort after it does nothing', async t => {
  const { open } = setUp(t)
  const sample = open()
  await sample.close()
  await sample.abort()
  await assert.rejects(sample.close(), /closed already/)
})

test('a sample is kept with the rights of a sensor and no more', t => {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-samples-'))
  t.after(() => fs.rmSync(data, { recursive: true, force: true }))
  fs.mkdirSync(`${data}/artifacts`)
  if (process.getuid?.() === 0) {
    for (const made of [data, `${data}/artifacts`]) fs.chownSync(made, 65534, 65534)
    fs.chmodSync(`${data}/artifacts`, 0o2770)
  }
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const program = `
    import { openSamples } from ${JSON.stringify(import.meta.resolve('./samples.ts'))}
    const open = openSamples({ directory: 'artifacts', capBytes: 1e6, quotaBytes: 1e9, floorBytes: 0, onLoss: console.log })
    if (process.getuid() === 0) { process.setgroups([]); process.setgid(65534); process.setuid(65534) }
    const sample = open()
    await sample.write(Buffer.alloc(300_000, 'x'))
    console.log((await sample.close()).kept)`
  const rights = ['--permission', `--allow-fs-read=${root}`, '--allow-fs-read=.', '--allow-fs-write=.']
  const { stdout, stderr } = spawnSync(process.execPath, [...rights, '--input-type=module', '--eval', program], {
    cwd: data,
    encoding: 'utf8',
  })
  assert.equal(stdout, '300000\n', stderr)
  const hash = sha256(Buffer.alloc(300_000, 'x'))
  assert.equal(fs.statSync(pathOf(`${data}/artifacts`, hash)).size, 300_000)
})

test('a sample that cannot be put on its shelf leaves nothing on its way there', async t => {
  const { directory, open, losses } = setUp(t)
  const content = bytes(200_000)
  fs.writeFileSync(`${directory}/${sha256(content).slice(0, 2)}`, 'no directory')
  const { kept, sha256: told } = await leave(open, content)
  assert.deepEqual([kept, told], [0, sha256(content)])
  assert.match(losses.join(), /EEXIST/)
  assert.deepEqual(temporary(directory), [])
})
