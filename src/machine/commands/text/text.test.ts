import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { machineOf } from '../../machine.ts'
import { Exhausted } from '../../system.ts'
import { sit } from '../../terminal/testing.ts'
import { runLine, testNow, testPersona } from '../../testing.ts'

/** A computer with real chance. */
const lively = () => machineOf({ ...testPersona }, { now: () => testNow, random: randomBytes }).computer()

test('what bots type works byte for byte', async () => {
  const out = async (line: string) => (await runLine(line)).stdout
  const cores = testPersona.cpu.cores
  assert.equal(await out('cat /proc/cpuinfo | grep name | wc -l'), `${cores}\n`)
  assert.equal(await out('grep -c ^processor /proc/cpuinfo'), `${cores}\n`)
  assert.match(await out("awk '/MemTotal/{print $2}' /proc/meminfo"), /^[0-9]+\n$/)
  assert.equal(await out("awk -F: '$3==0{print $1}' /etc/passwd"), 'root\n')
  assert.equal(await out("echo -ne '\\x7f\\x45\\x4c\\x46' >> x; cat x"), '\x7fELF')
  assert.equal(await out('echo ZWNobyBoaQo= | base64 -d | bash'), 'hi\n')
  assert.equal(await out("printf 'a x\\nb\\n' > f; sed -i '/x/d' f; cat f"), 'b\n')
  assert.equal(await out("printf 'a\\r\\n' | tr -d '\\r'"), 'a\n')
  assert.equal(await out('yes | head -3'), 'y\ny\ny\n')
  assert.equal(await out('echo aGkK | openssl enc -d -base64'), 'hi\n')
  assert.match(await out('cat /bin/ls | head -c 4'), /^\x7fELF$/)
})

test('endless bytes stream through what comes behind them', async () => {
  const out = async (line: string) => (await runLine(line, { computer: lively() })).stdout
  assert.match(await out('cat /dev/urandom | tr -dc a-z | fold -w 8 | head -n 2'), /^[a-z]{8}\n[a-z]{8}\n$/)
  assert.match(await out('cat /dev/urandom | head -c 30 | base64'), /^[A-Za-z0-9+/]{40}\n$/)
  assert.match(await out('od -An -N4 -tu4 /dev/urandom'), /^ +[0-9]+\n$/)
})

test('what the image lacks is not there', async () => {
  for (const name of ['xxd', 'strings', 'jq', 'bc', 'gawk', 'patch', 'cal'])
    assert.equal((await runLine(`${name} x`)).stderr, `bash: line 1: ${name}: command not found\n`)
})

test('at a terminal grep colours and nohup takes its output away', async () => {
  const session = await sit()
  assert.ok((await session.press('echo xay | grep --color=auto a\r')).includes('x\x1b[01;31m\x1b[Ka\x1b[m\x1b[Ky\r\n'))
  assert.ok(
    (await session.press('nohup echo hi\r')).includes("nohup: ignoring input and appending output to 'nohup.out'\r\n"),
  )
  assert.ok((await session.press('cat nohup.out\r')).includes('hi\r\n'))
  await session.close()
})

test('tail -f waits for more, until it is killed', async () => {
  const { stdout } = await runLine(
    'echo a > f; tail -f f & sleep 0.1; echo b >> f; sleep 1.2; kill $!; wait; echo over',
  )
  assert.equal(stdout, 'a\nb\nover\n')
})

test('timeout kills what takes longer, and what that started', async () => {
  assert.equal((await runLine('timeout 0.05 sh -c "sleep 50; echo no"; echo $?')).stdout, '124\n')
  assert.equal((await runLine('timeout 0.05 yes > /dev/null; echo $?')).stdout, '124\n')
})

test('a named pipe is read by cat', async () => {
  assert.equal((await runLine('mkfifo p; cat p & echo through > p; wait')).stdout, 'through\n')
})

test('openssl tells of the connection that it was to make, and makes none', async () => {
  const { seen } = await runLine('echo hello | openssl s_client -quiet -connect 192.0.2.4:443')
  const { details } = seen.find(({ what }) => what === 'connection')!
  assert.deepEqual(
    { ...(details as { sent: Buffer }), sent: String((details as { sent: Buffer }).sent) },
    { host: '192.0.2.4', port: 443, tool: 'openssl', sent: 'hello\n' },
  )
})

/** Comes to an end, one way or another, without more than was allowed. */
const ends = async (line: string): Promise<void> => {
  try {
    const { stdout, stderr } = await runLine(line)
    assert.ok(stdout.length + stderr.length < 10 << 20, line)
  } catch (error) {
    if (!(error instanceof Exhausted)) throw error
  }
}

for (const line of [
  `awk 'BEGIN{while(1) x=x "aaaaaaaaaaaaaaaa"}'`,
  `awk 'BEGIN{for(;;) a[n++]=1}'`,
  `awk 'function f(){return f()} BEGIN{f()}'`,
  `awk 'BEGIN{printf "%99999999999d", 1}'`,
  `awk 'BEGIN{x="a"; for(;;) x=x x}'`,
  `awk 'BEGIN{while(("yes" | getline l) > 0) n++}'`,
  `awk 'BEGIN{for(;;) print "x" > "f"}'`,
  `awk 'BEGIN{for(;;) system("true")}'`,
  `awk 'BEGIN{$1000000000=1}'`,
  `echo a | sed ':a;s/a/aa/g;ba'`,
  'echo a | sed ":a;ba"',
  'echo a | sed "G;G;:a;G;H;x;ba"',
  'echo a | sed -n ":a;s/$/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx&/;s/^.*$/&&/;ta"',
  `echo ${'a'.repeat(60)} | grep -P '(a+)+$x'`,
  `echo ${'a'.repeat(60)} | grep -E '((a*)*)*\\1b'`,
  "grep -E '((a{1,200}){1,200}){1,200}' /etc/passwd",
  'seq 1 1000000000000',
  'seq 0 1e-300 1',
  'yes | sort',
  'yes | awk "{a[NR]=1}"',
  'head -c 99999999999 /dev/zero | tail -c 5',
  'tr "[a*99999999999]" b < /etc/passwd; tr a "[b*99999999999]" < /etc/passwd',
  'factor 340282366920938463463374607431768211297',
  'expr 9999999999999999999999999999 "*" 9999999999999999999999999999',
  'shuf -i 1-999999999999',
  'shuf -r -e a',
  'fold -w 99999999999 /etc/passwd; expand -t 99999999999 /etc/passwd; nl -w 99999999 /etc/passwd',
  'od -w99999999 /etc/passwd; hexdump -e \'99999999/1 "%9999999d"\' /etc/passwd',
  'openssl passwd -6 -salt "rounds=999999999$x" y; openssl enc -aes-256-cbc -pbkdf2 -iter 999999999 -k x -in /etc/passwd',
  'openssl rand 99999999999 | wc -c',
  'date -d "now 99999999999999 days"; date +%99999999999d',
  'printf "%99999999999d" 1; /bin/printf "%99999999999s%.99999999999f" a 1',
  'numfmt --to=iec 9e999999; numfmt --padding=99999999 1',
  'echo a > d; while :; do cat d d > e; cat e e > d; done',
])
  test(`comes to an end: ${line.slice(0, 60)}`, () => ends(line))
