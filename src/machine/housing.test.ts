// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the shell’s own expansions
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { movedInAt } from './housing.ts'
import { runLine, testComputer, testPersona } from './testing.ts'

test('whoever is let in has an account that has always been there', async () => {
  const computer = testComputer()
  const account = computer.account('oracle')!
  assert.equal(account.home, '/home/oracle')
  assert.deepEqual(computer.account('oracle'), account)
  const { stdout, stderr } = await runLine('cd; echo ~ $UID; echo .b*', { computer, account })
  assert.equal(stderr, '')
  assert.equal(stdout, `/home/oracle ${account.uid}\n.bash_logout .bashrc\n`)
  const { stdout: rows } = await runLine(
    'while read -r l; do case $l in oracle:*) echo "$l";; esac; done < /etc/passwd; while read -r l; do case $l in oracle:*) echo "${l%:*}";; esac; done < /etc/group',
    { computer },
  )
  assert.equal(rows, `oracle:x:${account.uid}:${account.uid}:,,,:/home/oracle:/bin/bash\noracle:x:${account.uid}\n`)
})

test('it came between the installation and the last start', () => {
  for (const user of ['oracle', 'admin', 'x']) {
    const at = movedInAt(testPersona, user)
    assert.ok(at > testPersona.installedAt && at <= testPersona.bootedAt)
  }
})

test('the people of the machine are who they are, and what is no name is nobody', () => {
  const computer = testComputer()
  assert.equal(computer.account('root')!.home, '/root')
  for (const name of ['', '..', 'a/b', 'a:b', 'a\nb', '-x', 'x'.repeat(33)])
    assert.equal(computer.account(name), undefined)
})

test('a key that was left is found again', async () => {
  const computer = testComputer()
  const account = computer.account('root')!
  assert.equal(computer.homeFile('root', '.ssh/authorized_keys'), undefined)
  await runLine('[ -d ~/.ssh ] || mkdir ~/.ssh; echo ssh-ed25519 AAAA me >> ~/.ssh/authorized_keys', {
    computer,
    account,
  })
  assert.equal(`${computer.homeFile('root', '.ssh/authorized_keys')}`, 'ssh-ed25519 AAAA me\n')
  assert.equal(computer.homeFile('nobody-here', '.profile'), undefined)
})
