import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openAccounts } from './accounts.ts'
import { defaultCost, hashPassword, nobodysHash, verifyPassword } from './passwords.ts'
import { quickHashes } from './testing-hive.ts'

const folder = mkdtempSync(join(tmpdir(), 'skep-accounts-'))
after(() => rmSync(folder, { recursive: true }))
let files = 0
const fresh = () => {
  const file = join(folder, String(++files), 'users.json')
  return { file, accounts: openAccounts({ file, cost: quickHashes }) }
}
const GOOD = 'long enough for this'

test('the first start makes an admin whose password is told once and kept only as a hash', async () => {
  const { file, accounts } = fresh()
  const password = await accounts.firstAdmin()
  assert.match(password!, /^(?:[A-Za-z2-9]{5}-){3}[A-Za-z2-9]{5}$/)
  assert.equal(await accounts.firstAdmin(), undefined)
  assert.equal((await accounts.verify('admin', password!))?.role, 'admin')
  const kept = readFileSync(file, 'utf8')
  assert.ok(!kept.includes(password!))
  assert.match(kept, /\$scrypt\$ln=4,r=8,p=1\$/)
})

test('the file is readable by its owner alone, and no draft of it stays behind', async () => {
  const { file, accounts } = fresh()
  await accounts.add('ann', 'admin', GOOD)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(join(file, '..')), ['users.json'])
})

test('right and wrong passwords and users', async () => {
  const { accounts } = fresh()
  await accounts.add('ann', 'admin', GOOD)
  assert.equal((await accounts.verify('ann', GOOD))?.name, 'ann')
  for (const [name, password] of [
    ['ann', `${GOOD} `],
    ['ann', ''],
    ['Ann', GOOD],
    ['constructor', GOOD],
    ['', ''],
  ] as const)
    assert.equal(await accounts.verify(name, password), undefined, `${name} ${password}`)
})

test('one password may be typed in two Unicode forms', async () => {
  const { accounts } = fresh()
  await accounts.add('ann', 'admin', 'caf\u00e9 au lait')
  assert.ok(await accounts.verify('ann', 'cafe\u0301 au lait'))
})

test('what another process changes is seen at once', async () => {
  const { file, accounts } = fresh()
  await accounts.add('ann', 'admin', GOOD)
  const other = openAccounts({ file, cost: quickHashes })
  await other.add('bob', 'viewer', GOOD)
  assert.equal(accounts.find('bob')?.role, 'viewer')
  other.remove('bob')
  assert.equal(accounts.find('bob'), undefined)
  await other.setPassword('ann', 'another long password')
  assert.equal(await accounts.verify('ann', GOOD), undefined)
  assert.ok(await accounts.verify('ann', 'another long password'))
})

test('two processes adding users lose none', async () => {
  const { file, accounts } = fresh()
  const other = openAccounts({ file, cost: quickHashes })
  await Promise.all(['a', 'b', 'c', 'd'].map((name, i) => (i % 2 ? other : accounts).add(name, 'admin', GOOD)))
  assert.deepEqual(
    accounts
      .list()
      .map(user => user.name)
      .sort(),
    ['a', 'b', 'c', 'd'],
  )
})

test('mistakes are told in words', async () => {
  const { accounts } = fresh()
  await accounts.add('ann', 'admin', GOOD)
  await accounts.add('bob', 'viewer', GOOD)
  await assert.rejects(accounts.add('ann', 'viewer', GOOD), /There is a user "ann" already/)
  await assert.rejects(accounts.add('a b', 'viewer', GOOD), /A user name is/)
  await assert.rejects(accounts.add('eve', 'viewer', 'short'), /at least 10/)
  await assert.rejects(accounts.setPassword('eve', GOOD), /There is no user "eve"/)
  assert.throws(() => accounts.remove('eve'), /There is no user "eve"/)
  assert.throws(() => accounts.remove('ann'), /The last admin/)
  assert.equal(accounts.list().length, 2)
})

test('a broken file stops the start and any change, but not a running hive', async () => {
  const { file, accounts } = fresh()
  await accounts.add('ann', 'admin', GOOD)
  writeFileSync(file, '{"users":[{"name":')
  assert.throws(() => openAccounts({ file }), /Cannot read .*users\.json/)
  assert.ok(await accounts.verify('ann', GOOD))
  await assert.rejects(accounts.add('bob', 'viewer', GOOD), /Cannot read/)
  assert.equal(readFileSync(file, 'utf8'), '{"users":[{"name":')
})

test('hashes carry their own cost, and one that is none verifies nothing', async () => {
  const hash = await hashPassword(GOOD, { ln: 5, r: 4, p: 2 })
  assert.ok(await verifyPassword(GOOD, hash))
  assert.ok(!(await verifyPassword('wrong', hash)))
  for (const broken of ['', 'x', '$2b$10$abc', hash.slice(0, -1), hash.replace('ln=5', 'ln=40'), `${hash}=`])
    assert.ok(!(await verifyPassword(GOOD, broken)), broken)
})

test('an unknown user costs the same work as a known one', async () => {
  const cost = (hash: string) => hash.split('$')[2]
  assert.equal(cost(nobodysHash(defaultCost)), cost(await hashPassword(GOOD)))
  assert.ok(!(await verifyPassword('', nobodysHash(quickHashes))))
})
