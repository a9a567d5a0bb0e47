import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { duplexPair } from 'node:stream'
import { describe, test } from 'node:test'
import { Conn } from '#sensor/conn.ts'
import { glob, parseListing } from './ls.ts'
import {
  multiline,
  parseCommand,
  parseExtendedPort,
  parsePort,
  parseTimestamp,
  quoted,
  readCommand,
  skipLine,
  timestamp,
  withoutTelnet,
} from './wire.ts'

describe('a command line', () => {
  const table: [line: string, verb: string, arg: string][] = [
    ['USER bob', 'USER', 'bob'],
    ['user  two  words ', 'USER', ' two  words '],
    ['NOOP', 'NOOP', ''],
    ['constructor x', 'CONSTRUCTOR', 'x'],
    ['', '', ''],
    [' USER', '', 'USER'],
  ]
  for (const [line, verb, arg] of table)
    test(JSON.stringify(line), () => {
      const command = parseCommand(line)
      assert.deepEqual([command.verb, command.arg], [verb, arg])
    })
  test('telnet sequences are taken out', () => {
    const clean = (text: string) => withoutTelnet(Buffer.from(text, 'latin1')).toString('latin1')
    assert.equal(clean('\xff\xf4\xff\xf2ABOR'), 'ABOR')
    assert.equal(clean('a\xff\xfd\x06b\xff\xffc'), 'ab\xffc')
    assert.equal(clean('a\xff'), 'a')
  })
  test('what follows a line that is too long is read', async () => {
    const [near, far] = duplexPair()
    const conn = new Conn(far)
    near.write(`NOOP ${'d'.repeat(20_000)}\r\nPWD\r\nQU`)
    await assert.rejects(readCommand(conn), /within/)
    await skipLine(conn)
    assert.equal((await readCommand(conn)).verb, 'PWD')
    near.end('IT\r\n')
    assert.equal((await readCommand(conn)).verb, 'QUIT')
  })
})

describe('addresses', () => {
  const ports: [arg: string, ip: string | undefined, port?: number][] = [
    ['192,0,2,1,4,1', '192.0.2.1', 1025],
    ['192,0,2,1,256,1', undefined],
    ['192,0,2,1,4', undefined],
    ['192,0,2,1,4,1,5', undefined],
    ['192,0,2,,4,1', undefined],
    ['-1,0,2,1,4,1', undefined],
    ['', undefined],
  ]
  for (const [arg, ip, port] of ports)
    test(`PORT ${arg}`, () => assert.deepEqual(parsePort(arg), ip === undefined ? undefined : { ip, port }))
  const extended: [arg: string, ip: string | undefined, family?: number, port?: number][] = [
    ['|1|192.0.2.1|1025|', '192.0.2.1', 1, 1025],
    ['!2!2001:db8::1!65535!', '2001:db8::1', 2, 65535],
    ['|1|192.0.2.1|1025', undefined],
    ['|1|192.0.2.1|x|', undefined],
    ['', undefined],
  ]
  for (const [arg, ip, family, port] of extended)
    test(`EPRT ${arg}`, () =>
      assert.deepEqual(parseExtendedPort(arg), ip === undefined ? undefined : { ip, family, port }))
})

describe('times', () => {
  test('a time comes back as it went', () => {
    const at = Date.UTC(2024, 1, 29, 23, 59, 58)
    assert.equal(timestamp(at), '20240229235958')
    assert.equal(parseTimestamp('20240229235958'), at)
  })
  for (const said of ['20230229000000', '20241301000000', '2024010100000', 'x', '20240101006000'])
    test(`${said} is none`, () => assert.equal(parseTimestamp(said), undefined))
})

describe('replies', () => {
  test('of many lines', () => assert.equal(multiline(211, 'a', [' b'], 'c'), '211-a\r\n b\r\n211 c\r\n'))
  test('double quotes in paths', () => assert.equal(quoted('/a "b"'), '"/a ""b"""'))
})

describe('LIST arguments', () => {
  test('switches, then a path', () => {
    const { said, hidden, recursive, long } = parseListing('-la -R some dir')
    assert.deepEqual([said, hidden, recursive, long], ['some dir', true, true, true])
  })
  const globs: [pattern: string, name: string, matches: boolean][] = [
    ['*', 'a', true],
    ['*.txt', 'a.txt', true],
    ['*.txt', 'a.txt.gz', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*b*d*', 'abcd', true],
    ['abc', 'abcd', false],
    ['', 'a', false],
  ]
  for (const [pattern, name, matches] of globs)
    test(`${pattern} against ${name}`, () => assert.equal(glob(pattern)(name), matches))
  test('a pattern made to be slow is answered', () => {
    assert.equal(glob(`${'*a'.repeat(2000)}*b`)('a'.repeat(255)), false)
  })
})

test('any line is a command, and no parser throws', () => {
  for (let seed = 0; seed < 500; seed++) {
    const noise = createHash('sha512').update(`line ${seed}`).digest()
    const line = withoutTelnet(noise).toString('latin1')
    const { verb, arg } = parseCommand(line)
    assert.ok(line.toUpperCase().startsWith(verb))
    parsePort(arg)
    parseExtendedPort(line)
    parseTimestamp(arg)
    glob(line)(arg)
    parseListing(`-${line}`)
  }
})
