import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runLine } from '../../../testing.ts'

const L = '/lib64/ld-linux-x86-64.so.2'
const said = async (line: string) => {
  const { stdout, stderr, status } = await runLine(line)
  return [stdout, stderr, status]
}

test('the loader runs what need not be executable, and refuses as glibc 2.36 does', async () => {
  assert.deepEqual(await said(`${L} /bin/echo hi`), ['hi\n', '', 0])
  assert.deepEqual(await said(`cp /bin/echo e; chmod -x e; ${L} ./e yo`), ['yo\n', '', 0])
  assert.deepEqual(await said(L), ['', `${L}: missing program name\nTry '${L} --help' for more information.\n`, 1])
  const lost = 'error while loading shared libraries'
  assert.deepEqual(await said(`${L} /nonexist`), [
    '',
    `/nonexist: ${lost}: /nonexist: cannot open shared object file: No such file or directory\n`,
    127,
  ])
  assert.deepEqual(await said(`echo text > t; ${L} ./t`), ['', `./t: ${lost}: ./t: file too short\n`, 127])
})

test('a program that somebody brought is evidence when the loader runs it', async () => {
  const { seen } = await runLine(
    `printf '\\x7fELF\\x02\\x01\\x01\\0\\0\\0\\0\\0\\0\\0\\0\\0\\x02\\0\\x3e\\0' > /tmp/x; head -c 400 /dev/zero >> /tmp/x; ${L} /tmp/x`,
  )
  assert.ok(
    seen.some(({ what, details }) => what === 'execution' && (details as { path: string }).path === '/tmp/x'),
    JSON.stringify(seen),
  )
})

test('what runs a command for others runs it', async () => {
  const cases: [string, [string, string | RegExp, number]][] = [
    ['setpriv --nnp echo hi', ['hi\n', '', 0]],
    ['setpriv', ['', 'setpriv: No program specified\n', 1]],
    ['choom -n -500 -- echo hi', ['hi\n', '', 0]],
    ['choom', ['', "choom: no PID or COMMAND specified\nTry 'choom --help' for more information.\n", 1]],
    ['dbus-run-session -- echo hi', ['hi\n', '', 0]],
    ['dbus-run-session', ['', 'dbus-run-session: a non-option argument is required\n', 127]],
    ['aa-exec -p unconfined echo hi', ['hi\n', '', 0]],
    ['systemd-inhibit --why=x echo hi', ['hi\n', '', 0]],
    ['systemd-cat echo hi', ['', '', 0]],
    ['systemd-run', ['', 'Command line to execute required.\n', 1]],
    [
      'systemd-run --unit=up touch /tmp/done; sleep 1; ls /tmp/done',
      ['/tmp/done\n', 'Running as unit: up.service\n', 0],
    ],
    ['systemd-run --scope echo hi', ['hi\n', /^Running scope as unit: run-r[0-9a-f]{32}\.scope\n$/, 0]],
    ['start-stop-daemon --start --quiet --exec /bin/echo -- hi', ['hi\n', '', 0]],
    ['start-stop-daemon -S -b -x /usr/bin/touch -- /tmp/up; sleep 1; ls /tmp/up', ['/tmp/up\n', '', 0]],
    [
      'start-stop-daemon --start --exec /nonexist',
      ['', 'start-stop-daemon: unable to stat /nonexist (No such file or directory)\n', 2],
    ],
    [
      'start-stop-daemon',
      [
        '',
        "start-stop-daemon: need one of --start or --stop or --status\nTry 'start-stop-daemon --help' for more information.\n",
        3,
      ],
    ],
  ]
  for (const [line, [out, err, code]] of cases) {
    const [stdout, stderr, status] = await said(line)
    assert.deepEqual([stdout, status], [out, code], line)
    if (err instanceof RegExp) assert.match(stderr as string, err)
    else assert.equal(stderr, err, line)
  }
})
