import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runLine, testComputer } from '../../testing.ts'

/** Words and status as util-linux 2.38.1 of Debian 12 gave them. */
const said = async (line: string, computer = testComputer()) => {
  const { stdout, stderr, status } = await runLine(line, { computer })
  return { out: stdout.replace(/UUID=[0-9a-f-]{36}/g, 'UUID=…'), err: stderr, status }
}

test('a swap file is made, taken into use, told of, and given back', async () => {
  const computer = testComputer()
  assert.deepEqual(await said('fallocate -v -l 20M /a; mkswap /a; chmod 600 /a; mkswap -L hey /a', computer), {
    out: `/a: 20 MiB (20971520 bytes) allocated.
Setting up swapspace version 1, size = 20 MiB (20967424 bytes)
no label, UUID=…
Setting up swapspace version 1, size = 20 MiB (20967424 bytes)
LABEL=hey, UUID=…
`,
    err: `mkswap: /a: insecure permissions 0644, fix with: chmod 0600 /a
mkswap: /a: warning: wiping old swap signature.
`,
    status: 0,
  })
  // Swap is in use until the machine starts anew, as far as one visit sees.
  const visit = `swapon /a && cat /proc/swaps && swapon --show && grep Swap /proc/meminfo
swapon /a; swapoff /a; swapon --show; swapon -s; free | grep Swap`
  assert.deepEqual(await said(visit, computer), {
    out: `Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority
/a                                      file\t\t20476\t\t0\t\t-2
NAME TYPE SIZE USED PRIO
/a   file  20M   0B   -2
SwapCached:            0 kB
SwapTotal:         20476 kB
SwapFree:          20476 kB
Swap:              0           0           0
`,
    err: 'swapon: /a: swapon failed: Device or resource busy\n',
    status: 0,
  })
})

test('what is wrong is refused in their words', async () => {
  const cases: [string, string, number][] = [
    ['fallocate -l 20M', 'fallocate: no filename specified\n', 1],
    ['fallocate a', 'fallocate: no length argument specified\n', 1],
    ['fallocate -l x a', 'fallocate: invalid length value specified\n', 1],
    ['mkswap /nonexist', 'mkswap: cannot open /nonexist: No such file or directory\n', 1],
    ['mkswap', "mkswap: error: Nowhere to set up swap on?\nTry 'mkswap --help' for more information.\n", 1],
    ['fallocate -l 10K /s; mkswap /s', 'mkswap: error: swap area needs to be at least 40 KiB\n', 1],
    ['swapon /nonexist', 'swapon: cannot open /nonexist: No such file or directory\n', 255],
    [
      'fallocate -l 10K /s; swapon /s',
      'swapon: /s: insecure permissions 0644, 0600 suggested.\nswapon: /s: read swap header failed\n',
      255,
    ],
    ['swapoff /nonexist', 'swapoff: /nonexist: swapoff failed: No such file or directory\n', 4],
    ['swapoff', "swapoff: bad usage\nTry 'swapoff --help' for more information.\n", 16],
    ['fdisk', "fdisk: bad usage\nTry 'fdisk --help' for more information.\n", 1],
    ['fdisk -l /nonexist', 'fdisk: cannot open /nonexist: No such file or directory\n', 1],
  ]
  for (const [line, err, status] of cases) assert.deepEqual(await said(line), { out: '', err, status }, line)
})

test('fdisk tells of the disk that lsblk and blkid tell of', async () => {
  const { stdout } = await runLine('fdisk -l; lsblk -bno SIZE /dev/sda1; blkid -s PARTUUID -o value /dev/sda1')
  const [, id] = /^Disk identifier: 0x([0-9a-f]{8})$/m.exec(stdout) ?? []
  const [, sectors] = /^\/dev\/sda1 \* +2048 +\d+ +(\d+) +\S+ 83 Linux$/m.exec(stdout) ?? []
  assert.match(stdout, new RegExp(`\n${Number(sectors) * 512}\n${id}-01\n$`))
})
