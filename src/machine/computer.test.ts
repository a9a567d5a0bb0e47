import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runLine, testComputer } from './testing.ts'

test('who comes back finds what they left; another attacker does not', async () => {
  const computer = testComputer()
  await runLine('echo left > /tmp/x; ln -s /tmp/x /root/y; chmod 600 /tmp/x; rm /etc/motd', { computer })
  const { stdout } = await runLine('read a < /root/y; echo $a; test -e /etc/motd || echo gone', { computer })
  assert.equal(stdout, 'left\ngone\n')
  const other = await runLine('test -e /tmp/x || echo none; test -e /etc/motd && echo there')
  assert.equal(other.stdout, 'none\nthere\n')
})

test('what nobody uses takes little, and can be forgotten', async () => {
  const computer = testComputer()
  const empty = computer.weight()
  await runLine('x=0123456789abcdef; for i in 1 2 3 4 5 6 7 8 9 10; do x=$x$x; done; echo $x > /tmp/big', { computer })
  // Packed: sixteen thousand bytes that repeat.
  assert.ok(computer.weight() > empty && computer.weight() < empty + 3000, `${computer.weight()}`)
  computer.drop()
  assert.equal(computer.weight(), empty)
  assert.equal((await runLine('test -e /tmp/big || echo none', { computer })).stdout, 'none\n')
})

test('the disk of one attacker is full at their quota, in the kernel’s words', async () => {
  const computer = testComputer()
  const line = 'x=$(printf "%65536s" x); for ((i=0;i<100;i++)); do echo "$x" >> /tmp/big || exit 7; done'
  for (let time = 0; time < 2; time++) assert.equal((await runLine(line, { computer })).status, 0)
  const { stderr, status } = await runLine(line, { computer })
  assert.match(stderr, /write error: No space left on device/)
  assert.equal(status, 7)
})

test('a program is what its content says: a copy runs, what was overwritten does not', async () => {
  const copied = await runLine('cp /bin/bash /tmp/b && /tmp/b -c "echo copied"')
  assert.equal(copied.stdout, 'copied\n')
  const replaced = await runLine('printf "#!/bin/sh\\necho mine\\n" > /usr/bin/id; id')
  assert.equal(replaced.stdout, 'mine\n')
})
