import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runLine, testComputer } from '#machine/testing.ts'
import { bunzip2 } from './bzip2.ts'
import { bzip2 } from './bzip2-encode.ts'
import { Corrupt } from './corrupt.ts'
import { gunzip, gzip } from './gzip-stream.ts'
import { type Member, readMember, trailer, writeHeader } from './tar-format.ts'
import { storeXz, unxz } from './xz.ts'
import { readZip } from './zip-format.ts'

const text = Buffer.from('the quick brown fox jumps over the lazy dog. '.repeat(60))
const quiet = (): void => {}

const member = (fields: Partial<Member>): Member => ({
  name: 'f',
  kind: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  user: 'root',
  group: 'root',
  size: 0,
  mtime: 1_700_000_000_000,
  target: '',
  major: 0,
  minor: 0,
  ...fields,
})
const tarOf = (...members: Partial<Member>[]): Buffer => {
  const body = Buffer.concat(members.map(fields => writeHeader(member(fields))))
  return Buffer.concat([body, trailer(body.length)])
}
/** As a shell would get it. */
const fileFrom = (data: Buffer, name: string): string => `echo ${data.toString('base64')} | base64 -d > ${name}; `

test('what one compressor wrote, its decoder gives back', async () => {
  for (const data of [Buffer.alloc(0), Buffer.from('x'), text, Buffer.alloc(300_000, 7)]) {
    assert.deepEqual(Buffer.concat([...bunzip2(bzip2(data, quiet), quiet)]), data)
    assert.deepEqual(Buffer.concat([...unxz(storeXz(data), quiet)]), data)
    assert.deepEqual(Buffer.concat(await Array.fromAsync(gunzip(gzip(data), quiet))), data)
  }
})

test('thousands of damaged archives: an answer or a fault, nothing else', async () => {
  const samples = [gzip(text), bzip2(text, quiet), storeXz(text)]
  const decoders = [gunzip, bunzip2, unxz]
  const tar = tarOf(
    { name: 'a'.repeat(150) },
    { name: 'd/', kind: 'directory' },
    { kind: 'symlink', target: 'b'.repeat(200) },
  )
  let seed = 11
  const random = (most: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed % most
  }
  const damaged = (data: Buffer): Buffer => {
    const copy = Buffer.from(data.subarray(0, random(4) === 0 ? random(data.length) : data.length))
    for (let turn = 0; turn < 1 + random(6) && copy.length > 0; turn++) copy[random(copy.length)] = random(256)
    return copy
  }
  for (let round = 0; round < 1500; round++) {
    const index = round % 3
    try {
      let size = 0
      for await (const piece of decoders[index]!(damaged(samples[index]!), quiet)) {
        size += piece.length
        if (size > 4 << 20) break
      }
    } catch (error) {
      assert.ok(error instanceof Corrupt, String(error))
    }
    const archive = damaged(tar)
    for (let at = 0, turns = 0; turns < 100; turns++) {
      const read = readMember(archive, at)
      if ('end' in read) break
      assert.ok(read.next > at)
      at = read.next
    }
    readZip(damaged(Buffer.concat([text, Buffer.from('504b0506000000000100010040000000100000000000', 'hex')])))
  }
})

test('a bomb fills no more than the disk has', async () => {
  const bomb = gzip(Buffer.alloc(200 << 20))
  const line = `${fileFrom(bomb, 'b.gz')}gunzip b.gz; echo $?; ls; df / > /dev/null; zcat b.gz | head -c 5 | wc -c`
  const { stdout, stderr } = await runLine(line)
  assert.match(stderr, /No space left on device/)
  assert.equal(stdout, '1\nb.gz\n5\n')
})

test('members that would leave the folder stay in it or are left out', async () => {
  const archive = tarOf(
    { name: '/tmp/abs' },
    { name: '../up' },
    { name: 'a/../../up2' },
    { name: 'ok' },
    { name: 'x'.repeat(5000) },
  )
  const computer = testComputer()
  const { stdout, stderr, status } = await runLine(
    `${fileFrom(archive, '/root/e.tar')}mkdir in; cd in; tar xf ../e.tar; echo $?; ls -A . .. tmp; ls /tmp/abs`,
    { computer },
  )
  assert.match(stderr, /Removing leading `\/' from member names/)
  assert.match(stderr, /\.\.\/up: Member name contains '\.\.', skipped/)
  assert.match(stdout, /^2\n\.:\nok\ntmp\n/)
  assert.ok(!/\bup2?\n/.test(stdout))
  assert.equal(status, 2)
})
