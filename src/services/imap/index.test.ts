import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { addMessage, mailboxOf } from '#mailbox/mailbox.ts'
import { listeningRecorder, play, testContext } from '#services/testing/play.ts'
import { matches, select } from './folders.ts'
import imap from './index.ts'
import { baseSubject } from './sent.ts'
import { changes, type Imap } from './session.ts'
import { expunge } from './store.ts'
import { parseAddresses } from './structure.ts'
import { parseSet } from './wire.ts'

const options = { access: { rules: ['haruto:x'] } }
const say = (...lines: string[]) => lines.map(line => Buffer.from(`${line}\r\n`, 'latin1'))
const heard = async (lines: string[], how = {}) =>
  (await play(imap, say('l LOGIN haruto x', ...lines), { options, ...how })).heard.toString('latin1')

test('what an attacker changed is so at the next visit, for nobody else', async () => {
  const how = { memory: new Map<string, object>() }
  await heard(['a SELECT INBOX', 'b STORE 1:17 +FLAGS.SILENT (\\Deleted)', 'c EXPUNGE', 'd CREATE mine'], how)
  assert.match(await heard(['a STATUS INBOX (MESSAGES)', 'b LIST "" mine'], how), /\(MESSAGES 1\)[\s\S]*"\." mine\r\n/)
  assert.match(await heard(['a STATUS INBOX (MESSAGES)']), /\(MESSAGES 18\)/)
})

test('a session hears of what another one removed and added', () => {
  const cx = testContext(imap, listeningRecorder().record)
  const mailbox = mailboxOf(cx, 'haruto')
  const [one, other] = [0, 1].map(
    (): Imap => ({ conn: undefined as never, cx, mailbox, condstore: false, qresync: false, mistakes: 0 }),
  ) as [Imap, Imap]
  for (const each of [one, other]) select(each, [{ kind: 'atom', text: 'INBOX' }], false)
  const { folder, view } = one.selected!
  for (const message of [view[2]!, view[6]!]) message.flags.add('\\Deleted')
  expunge(one)
  addMessage(mailbox, folder, { at: 0, raw: Buffer.from('x'), flags: new Set(), recent: false })
  assert.equal(changes(other), '* 7 EXPUNGE\r\n* 3 EXPUNGE\r\n* 17 EXISTS\r\n* 0 RECENT\r\n')
  assert.equal(changes(other), '')
})

describe('messages that are left', () => {
  test('too long a literal is not taken, whether the client waits or not', async () => {
    const waits = await heard(['a APPEND INBOX {99999999}', 'b NOOP'])
    assert.match(waits, /^a BAD Error in IMAP command APPEND: Literal size too large/m)
    assert.match(waits, /^b OK/m)
    const early = await play(imap, say('l LOGIN {99999999}', 'b NOOP'), { options })
    assert.match(early.heard.toString(), /^l BAD Error[^\r]*\r\nb OK/m)
  })
  test('each is a sample and an event', async () => {
    const { events } = await play(imap, say('l LOGIN haruto x', 'a APPEND INBOX {3+}\r\nabc'), { options })
    const [upload] = events.filter(({ name }) => name === 'fileUpload')
    assert.equal((upload!.details as { sample: { size: number } }).sample.size, 3)
  })
})

test('passwords stand in log-in events alone', async () => {
  for (const line of [
    'l LOGIN haruto s3cret',
    'l LOGIN haruto {6+}\r\ns3cret',
    `l AUTHENTICATE PLAIN ${Buffer.from('\0a\0s3cret').toString('base64')}`,
  ]) {
    const { events } = await play(imap, say(line))
    assert.equal(events.filter(({ name }) => name === 'login').length, 1)
    assert.doesNotMatch(JSON.stringify(events.filter(({ name }) => name !== 'login')), /s3cret|AGEAczNjcmV0/)
  }
})

test('patterns of folders', () => {
  const yes = [
    ['*', 'a.b'],
    ['%', 'a'],
    ['a.%', 'a.b'],
    ['a*', 'a.b.c'],
    ['%.%', 'a.b'],
    ['', ''],
  ] as const
  const no = [
    ['%', 'a.b'],
    ['a', 'ab'],
    ['a.%', 'a.b.c'],
    ['b*', 'ab'],
  ] as const
  for (const [pattern, name] of yes) assert.ok(matches(pattern, name), `${pattern} ${name}`)
  for (const [pattern, name] of no) assert.ok(!matches(pattern, name), `${pattern} ${name}`)
  assert.ok(!matches('*a'.repeat(100), 'a'.repeat(99)))
})

test('sets of numbers', () => {
  const of = (text: string) => [1, 2, 3, 4, 5].filter(parseSet(text, 5) ?? (() => false))
  assert.deepEqual(of('1:3,5'), [1, 2, 3, 5])
  assert.deepEqual(of('*'), [5])
  assert.deepEqual(of('4:*'), [4, 5])
  assert.deepEqual(of('*:4'), [4, 5])
  for (const wrong of ['', '0', 'a', '1:', '1,,2', '1:2:3']) assert.equal(parseSet(wrong, 5), undefined)
})

test('addresses of a field', () => {
  assert.deepEqual(parseAddresses('"Doe, J." <j@a.example>, k@b.example (K), <l@c.example>'), [
    { local: 'j', domain: 'a.example', name: 'Doe, J.' },
    { local: 'k', domain: 'b.example', name: 'K' },
    { local: 'l', domain: 'c.example' },
  ])
})

test('addresses without end are read in no time', { timeout: 20_000 }, () => {
  for (const text of ['a'.repeat(8000), '"'.repeat(8000), '<'.repeat(8000), 'a '.repeat(4000), '"a\\'.repeat(2600)])
    parseAddresses(text)
})

describe('threads that a client makes up', () => {
  const drafts = (headers: readonly string[]) =>
    headers.map((header, i) => `p${i} APPEND Drafts {${header.length + 4}+}\r\n${header}\r\n\r\n`)
  const threads = async (headers: readonly string[], algorithm = 'REFERENCES') =>
    /^\* THREAD (.*)\r$/m.exec(
      await heard([...drafts(headers), 's SELECT Drafts', `t THREAD ${algorithm} UTF-8 ALL`]),
    )?.[1]

  test('who answers each other, oneself or the same twice is in no thread without end', async () => {
    const circle = ['Message-ID: <a@x>\r\nReferences: <b@x>', 'Message-ID: <b@x>\r\nReferences: <a@x>']
    assert.equal(await threads(circle), '(2 1)')
    assert.equal(await threads(['Message-ID: <a@x>\r\nReferences: <a@x> <a@x>']), '(1)')
    assert.equal(await threads(['Message-ID: <a@x>\r\nSubject: a', 'Message-ID: <a@x>\r\nSubject: b']), '(1)(2)')
  })
  test('a chain of two hundred is one thread', { timeout: 60_000 }, async () => {
    const chain = Array.from({ length: 200 }, (_, i) => `Message-ID: <${i}@x>\r\nReferences: <${i - 1}@x>`)
    assert.equal(await threads(chain, 'REFS'), `(${chain.map((_, i) => i + 1).join(' ')})`)
  })
  test('subjects of brackets without end are read in no time', { timeout: 20_000 }, () => {
    for (const text of [
      '[a] '.repeat(5000),
      're:'.repeat(5000),
      '['.repeat(5000),
      '(fwd)'.repeat(5000),
      ' '.repeat(5000),
    ])
      baseSubject(text)
    assert.deepEqual(baseSubject('Re: [list] Re[2]: plan  b (fwd)'), { base: 'PLAN B', reply: true })
  })
})
