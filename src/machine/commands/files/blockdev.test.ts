import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runLine } from '../../testing.ts'

test('a disk says its size to all who ask, and is in use', async () => {
  const answers = async (line: string) => (await runLine(line)).stdout
  const bytes = await answers('blockdev --getsize64 /dev/sda')
  assert.equal(bytes, await answers('lsblk -bdno SIZE /dev/sda'))
  assert.equal(await answers('blockdev --getsz --getss /dev/sda'), `${Number(bytes) / 512}\n512\n`)
  const [head, disk, part] = (await answers('blockdev --report')).split('\n')
  assert.match(head!, /^RO +RA +SSZ +BSZ +StartSec +Size +Device$/)
  assert.equal(disk, `rw   256   512  4096               0 ${bytes.trim().padStart(15)}   /dev/sda`)
  assert.match(part!, /^rw +256 +512 +4096 +2048 +\d+ +\/dev\/sda1$/)
  const { stderr, status } = await runLine('blockdev --rereadpt /dev/sda')
  assert.deepEqual([stderr, status], ['blockdev: ioctl error on BLKRRPART: Device or resource busy\n', 1])
})
