import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runLine } from '../../../testing.ts'

test('nginx tells its version and tests its configuration, as 1.22.1 of Debian 12 does', async () => {
  const said = async (line: string) => {
    const { stdout, stderr, status } = await runLine(line)
    return [stdout, stderr, status]
  }
  assert.deepEqual(await said('nginx -v'), ['', 'nginx version: nginx/1.22.1\n', 0])
  assert.deepEqual(await said('nginx -t'), [
    '',
    `nginx: the configuration file /etc/nginx/nginx.conf syntax is ok
nginx: configuration file /etc/nginx/nginx.conf test is successful
`,
    0,
  ])
  assert.deepEqual(await said('nginx -x'), ['', 'nginx: invalid option: "x"\n', 1])
  assert.deepEqual(await said('nginx -s reload'), ['', '', 0])
})
