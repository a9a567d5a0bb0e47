import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rootAccount, runLine } from './testing.ts'

const run = async (line: string, account = rootAccount): Promise<string> => {
  const { stdout, stderr } = await runLine(line, { account })
  return stdout + stderr
}

test('root raises open files as far as the kernel goes, for what it starts as well', async () => {
  assert.equal(await run('ulimit -n; ulimit -Hn'), '1024\n1048576\n')
  assert.equal(await run("ulimit -n 65535; ulimit -n; bash -c 'ulimit -n'; sh -c 'ulimit -n'"), '65535\n65535\n65535\n')
  assert.match(await run('ulimit -n unlimited'), /open files: cannot modify limit: Operation not permitted/)
})

test('whoever is not root raises nothing above the hard limit', async () => {
  const user = { ...rootAccount, name: 'nobody', uid: 65_534, gid: 65_534, home: '/' }
  assert.equal(await run('ulimit -Sn 4096; ulimit -n', user), '4096\n')
  assert.match(
    await run('ulimit -u unlimited', user),
    /max user processes: cannot modify limit: Operation not permitted/,
  )
})
