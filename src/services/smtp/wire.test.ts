import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { numbers } from '#codec/testing.ts'
import { Conn } from '#sensor/conn.ts'
import { readLine, readMessage } from './wire.ts'

/** A connection whose peer has sent these pieces, one a turn, and closed its side. */
function hearing(pieces: readonly string[]): Conn {
  const [client, server] = duplexPair()
  const conn = new Conn(server)
  void (async () => {
    for (const piece of pieces) {
      client.write(piece, 'latin1')
      await new Promise(setImmediate)
    }
    client.end()
  })()
  return conn
}
async function message(pieces: readonly string[], returns?: number) {
  const conn = hearing(pieces)
  const taken: Buffer[] = []
  const end = await readMessage(conn, async bytes => void taken.push(Buffer.from(bytes)), returns)
  return { end, text: Buffer.concat(taken).toString('latin1') }
}

const cases: [sent: string, text: string, end: 'crlf' | 'bare' | 'mixed'][] = [
  ['.\r\n', '', 'crlf'],
  ['a\r\n.\r\n', 'a\r\n', 'crlf'],
  ['..\r\n...b\r\n.c\r\n.\r\n', '.\r\n..b\r\nc\r\n', 'crlf'],
  ['a.\r\n.\r\n', 'a.\r\n', 'crlf'],
  ['a\n.\n', 'a\n', 'bare'],
  ['a\r\nb\n.\r\n', 'a\r\nb\n', 'mixed'],
  ['a\r\n.\n', 'a\r\n', 'mixed'],
  ['a\r.\rb\r\n.\r\n', 'a\r.\rb\r\n', 'crlf'],
]

test('a message ends where it ends, however its bytes arrive', async () => {
  for (const [sent, text, end] of cases) {
    assert.deepEqual(await message([sent]), { end, text }, JSON.stringify(sent))
    assert.deepEqual(await message([...sent]), { end, text }, `${JSON.stringify(sent)}, byte by byte`)
  }
})

test('Postfix takes any number of carriage returns before a line feed; others do not', async () => {
  const sent = 'a\r\r\n.\r\r\nMAIL FROM:<b>\r\n.\r\n'
  for (const pieces of [[sent], [...sent]]) {
    assert.deepEqual(await message(pieces, 64), { end: 'mixed', text: 'a\r\r\n' })
    assert.deepEqual(await message(pieces), { end: 'crlf', text: 'a\r\r\n\r\r\nMAIL FROM:<b>\r\n' })
  }
})

test('random lines come out as they went in', async () => {
  const draw = numbers(3)
  for (let n = 0; n < 300; n++) {
    const lines = Array.from({ length: draw(30) }, () => '.'.repeat(draw(3)) + 'x'.repeat(draw(60)))
    const sent = `${lines.map(line => `${line.startsWith('.') ? '.' : ''}${line}\r\n`).join('')}.\r\n`
    const at = draw(sent.length)
    const heard = await message([sent.slice(0, at), sent.slice(at)])
    assert.deepEqual(heard, { end: 'crlf', text: lines.map(line => `${line}\r\n`).join('') })
  }
})

test('a message without an end is the peer’s end', async () => {
  for (const sent of ['', 'a', 'a\r\n', 'a\r\n.', 'a\r\n.\r']) await assert.rejects(message([sent]), /eof/)
})

test('a line that is too long is cut, and the next one is whole', async () => {
  const conn = hearing(['x'.repeat(3000), 'y'.repeat(3000), '\r\nNOOP\r\n', 'a\n', 'b'])
  assert.deepEqual(await readLine(conn, 2048), { text: 'x'.repeat(2048), cut: true })
  assert.deepEqual(await readLine(conn, 2048), { text: 'NOOP', cut: false })
  assert.deepEqual(await readLine(conn, 2048), { text: 'a', cut: false })
  await assert.rejects(readLine(conn, 2048), /eof/)
})
