import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runLine } from './testing.ts'

const keys = (seen: { what: string; details: unknown }[]) =>
  seen.filter(({ what }) => what === 'account').map(({ details }) => details)

test('a key put into authorized_keys is told of, however it gets there', async () => {
  const key = { user: 'root', change: 'key' }
  const lines = [
    'mkdir -p ~/.ssh && echo "ssh-rsa AAAAB3 mdrfckr" >> ~/.ssh/authorized_keys',
    'cd ~ && mkdir -p .ssh && cd .ssh && echo x > authorized_keys',
    'mkdir -p /root/.ssh; echo x > /tmp/k; mv /tmp/k /root/.ssh/authorized_keys',
    'mkdir -p /root/.ssh; for i in 1 2 3; do echo $i >> /root/.ssh/authorized_keys; done',
  ]
  for (const line of lines) assert.deepEqual(keys((await runLine(line)).seen), [key], line)
  assert.deepEqual(keys((await runLine('echo x > /tmp/authorized_keys')).seen), [])
})
