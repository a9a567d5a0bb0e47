import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testComputer, testPersona } from '../testing.ts'
import { sit } from './testing.ts'

const clean = (shown: string): string => shown.replace(/\x1b\[\?2004[hl]\r?/g, '').replaceAll('\r\n', '\n')
const commands = (seen: { what: string; details: unknown }[]): unknown[] =>
  seen.filter(({ what }) => what === 'command').map(({ details }) => details)

test('a log-in shows the message of the day, the last log-in, and root’s prompt', async () => {
  const sitting = await sit({ motd: true })
  const shown = clean(sitting.first)
  assert.match(
    shown,
    /^Linux \S+ 6\.\S+ #1 SMP PREEMPT_DYNAMIC Debian .* x86_64\n\nThe programs included with the Debian GNU\/Linux/,
  )
  assert.match(
    shown,
    /permitted by applicable law\.\n(Last login: \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} from \S+\n)?/,
  )
  assert.ok(shown.endsWith(`\nroot@${testPersona.hostname}:~# `))
  assert.equal(clean(await sitting.press('exit\r')), 'exit\nlogout\n')
  assert.equal(await sitting.ended, 0)
  await sitting.close()
})

test('who comes back is told of the time before, and finds their history', async () => {
  const computer = testComputer()
  const first = await sit({ computer, motd: true })
  await first.press('echo one\r')
  await first.press('false\r')
  await first.press('\x04')
  assert.equal(await first.ended, 1)
  await first.close()
  const second = await sit({ computer, motd: true })
  assert.match(second.first, /Last login: Thu Jan 15 09:30:00 2026 from 198\.51\.100\.7\r\n/)
  assert.ok((await second.press('\x1b[A\x1b[A')).endsWith('echo one'))
  assert.match(clean(await second.press('\x15tail -2 ~/.bash_history\r')), /\necho one\nfalse\n/)
  await second.close()
})

test('~/.hushlogin keeps the log-in quiet', async () => {
  const computer = testComputer()
  const first = await sit({ computer })
  await first.press('touch ~/.hushlogin; exit\r')
  await first.close()
  const second = await sit({ computer, motd: true })
  assert.doesNotMatch(second.first, /Last login|programs included/)
  await second.close()
})

test('every line that is entered is witnessed, here-documents and answers to the shell too', async () => {
  const sitting = await sit()
  for (const line of ['cd /tmp', 'cat >x <<E', 'a', 'E', '!!:0 -c x', 'sh', 'id -u', 'exit'])
    await sitting.press(`${line}\r`)
  assert.deepEqual(commands(sitting.seen), ['cd /tmp', 'cat >x <<E', 'a', 'E', '!!:0 -c x', 'sh', 'id -u', 'exit'])
  await sitting.close()
})

test('a user’s shell reads /etc/skel’s .bashrc: colours in the prompt, aliases, no double history', async () => {
  const user = testPersona.users.find(({ uid }) => uid > 0)!
  const account = { name: user.name, uid: user.uid, gid: user.uid, comment: '', home: user.home, shell: '/bin/bash' }
  const sitting = await sit({ account })
  assert.ok(sitting.first.includes(`\x1b[01;32m${user.name}@${testPersona.hostname}\x1b[00m:\x1b[01;34m~\x1b[00m$ `))
  assert.match(clean(await sitting.press('alias ll; echo $HISTCONTROL $PATH\r')), /alias ll='ls -alF'|not found/)
  assert.match(clean(await sitting.press('cat /root/.bashrc\r')), /cat: \/root\/\.bashrc: Permission denied/)
  await sitting.close()
})

test('an account without a shell is turned away by nologin', async () => {
  const account = { name: 'www-data', uid: 33, gid: 33, comment: '', home: '/var/www', shell: '/usr/sbin/nologin' }
  const sitting = await sit({ account })
  assert.match(sitting.first, /^This account is currently not available\.\r\n/)
  assert.equal(await sitting.ended, 1)
  await sitting.close()
})

test('dash as log-in shell edits with the kernel alone', async () => {
  const account = { name: 'root', uid: 0, gid: 0, comment: '', home: '/root', shell: '/bin/sh' }
  const sitting = await sit({ account })
  assert.equal(sitting.first, '# ')
  assert.equal(await sitting.press('echx\x7fo hi\r'), 'echx\b \bo hi\r\nhi\r\n# ')
  assert.equal(await sitting.press('\x04'), '\r\n')
  assert.equal(await sitting.ended, 0)
  await sitting.close()
})

test('a line that goes takes everything with it', async () => {
  const sitting = await sit()
  await sitting.press('sleep 1000 & cat\r')
  sitting.terminal.hangup()
  assert.equal(typeof (await sitting.ended), 'number')
  await sitting.close()
})

test('what an endless loop uses up ends the session, and the next line has its own steps', async () => {
  const sitting = await sit()
  for (let i = 0; i < 3; i++)
    assert.match(clean(await sitting.press('for ((i = 0; i < 9000; i++)); do :; done; echo $i\r')), /\n9000\n/)
  await sitting.press('while :; do :; done\r')
  assert.equal(await sitting.ended, 137)
  await sitting.close()
})

test('the screen’s size is what the client says', async () => {
  const sitting = await sit({ columns: 100, rows: 30 })
  assert.match(await sitting.press('stty size; echo $COLUMNS $LINES\r'), /30 100\r\n100 30\r\n/)
  sitting.terminal.resize(132, 43)
  assert.match(await sitting.press('stty size; tput cols; echo $COLUMNS\r'), /43 132\r\n132\r\n132\r\n/)
  await sitting.close()
})

test('random keys: no exception, and the terminal is left as it was', async () => {
  let seed = 4711
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return (seed >>> 8) % n
  }
  const keys = [
    '\x1b[A',
    '\x1b[B',
    '\x1b[C',
    '\x1b[D',
    '\x12',
    '\x1b.',
    '\t',
    '\x17',
    '\x19',
    '\x1by',
    '\x1f',
    '\x14',
    '\x1b[200~',
    '\x1b[201~',
    '\x16',
    '\x1b5',
    '\xc3\xa9',
    '\xe6\x97\xa5',
    '\x0c',
    '\x01',
    '\x05',
    '\x0b',
    '\x15',
    '\x1bt',
    '\x1bu',
    '\x1d',
    '"',
    "'",
    '$(',
    '<<E',
    '\r',
    '\x03',
    '!!',
    '^a^b',
    '\x1b',
    '\x9b',
    '\xff',
    'echo ',
    '/e',
  ]
  for (let round = 0; round < 12; round++) {
    const sitting = await sit({
      columns: 10 + random(90),
      rows: 3 + random(30),
      type: ['xterm', 'vt100', 'dumb', 'linux', 'none'][random(5)]!,
    })
    for (let i = 0; i < 120; i++) {
      const some =
        random(4) === 0 ? Buffer.from([random(256), random(256)]).toString('latin1') : keys[random(keys.length)]!
      // ^D and ^\ aside: they end the session, which is no fault.
      await sitting.terminal.receive(Buffer.from(some.replace(/[\x04\x1c\x1a\x13]/g, ''), 'latin1'))
      if (i % 10 === 0) await sitting.press('')
    }
    await sitting.press('\x1b[201~\x03')
    await sitting.press('\x03')
    const modes = sitting.terminal.termios
    assert.equal(modes.flags.has('isig'), true)
    await sitting.close()
  }
})
