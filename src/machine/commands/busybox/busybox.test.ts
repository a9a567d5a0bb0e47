import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runLine, testComputer } from '../../testing.ts'
import { applets } from './applets.ts'
import { progressLine } from './wget.ts'

test('every applet of the list answers, and none raises', async () => {
  const waits = new Set([
    'cttyhack',
    'getty',
    'login',
    'sh',
    'ash',
    'vi',
    'less',
    'more',
    'top',
    'watch',
    'init',
    'linuxrc',
    'yes',
  ])
  for (const name of applets.keys()) {
    if (waits.has(name)) continue
    const { status } = await runLine(
      `busybox ${name === '[' || name === '[[' ? `${name} x ]${name === '[[' ? ']' : ''}` : `${name} --help`} </dev/null`,
    )
    assert.ok(status >= 0 && status <= 255, `${name}: ${status}`)
  }
})

test('BusyBox works on where its neighbours were removed', async () => {
  const { stdout } = await runLine(
    'cp /bin/busybox /tmp/busybox; busybox rm /bin/cat /bin/ls; echo x > /tmp/f; busybox cat /tmp/f; cat /tmp/f 2>/dev/null || echo gone',
  )
  assert.equal(stdout, 'x\ngone\n')
})

test('a loader drops its binary with what BusyBox has', async () => {
  const header = '\\x7f\\x45\\x4c\\x46\\x01\\x02\\x01\\x00'
  const { stdout, stderr, seen } = await runLine(
    `cd /tmp; >.n; busybox cp .n .m; busybox chmod 777 .m; busybox echo -ne '${header}' > .m; busybox echo -ne '${'\\x00'.repeat(16)}' >> .m; ./.m; busybox ECCHI`,
  )
  assert.equal(stdout, '')
  assert.match(stderr, /\.\/\.m: cannot execute binary file: Exec format error\nECCHI: applet not found\n$/)
  assert.ok(seen.some(one => one.what === 'execution' && (one.details as { runs: boolean }).runs === false))
})

test('killall takes what is there', async () => {
  const computer = testComputer()
  const { stdout } = await runLine('busybox killall nginx; echo $?; busybox pidof nginx || echo none', { computer })
  assert.equal(stdout, '0\nnone\n')
})

test('a download in progress, in the columns of libbb', () => {
  assert.equal(
    progressLine('mirai.x86_64.long.name.here', 500_000, 1_000_000, 30),
    'mirai.x86_64.long.na  50% |****************                |  488k  0:00:30 ETA',
  )
})
