import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { numbers } from '#codec/testing.ts'
import { samplePersona } from '#persona/sample.ts'
import { lettersOf } from './letters.ts'
import { addFolder, addMessage, mailboxOf, removeMessages } from './mailbox.ts'
import { fieldOf, type Part, parseMessage, parseParameters } from './mime.ts'

const day = 86_400_000
const persona = await samplePersona('mailbox')
const now = Date.UTC(2026, 0, 15)
const visit = (at = now) => {
  const rooms = new Map<string, object>()
  return {
    persona,
    now: () => at,
    attacker<T extends object>(make: () => T, room = ''): T {
      const found = rooms.get(room) ?? make()
      rooms.set(room, found)
      return found as T
    },
  }
}

describe('letters', () => {
  const user = persona.users[1]!.name
  test('are the same at every look, and keep their numbers as new ones come', () => {
    const today = lettersOf(persona, user, now)
    assert.deepEqual(lettersOf(persona, user, now), today)
    const later = lettersOf(persona, user, now + 20 * day)
    const kept = new Map(later.map(({ number, letter }) => [number, letter.raw.toString()]))
    const shared = today.filter(({ number }) => kept.has(number))
    assert.ok(shared.length > 5 && later.at(-1)!.number > today.at(-1)!.number)
    for (const { number, letter } of shared) assert.equal(kept.get(number), letter.raw.toString())
  })
  test('came after the machine was installed, in order, and none of them tomorrow', () => {
    const letters = lettersOf(persona, user, now)
    const times = letters.map(({ letter }) => letter.at)
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    )
    assert.ok(times[0]! > persona.installedAt && times.at(-1)! <= now)
    assert.deepEqual(
      letters.map(({ number }) => number),
      letters.map((_, i) => letters[0]!.number + i),
    )
  })
  test('are whole messages of this machine, and speak of no other', () => {
    for (const { letter } of lettersOf(persona, user, now)) {
      const { fields } = parseMessage(letter.raw)
      for (const name of ['from', 'to', 'subject', 'date', 'message-id']) assert.ok(fieldOf(fields, name), name)
      assert.equal(Date.parse(fieldOf(fields, 'date')!), letter.at)
      const text = letter.raw.toString()
      assert.doesNotMatch(text, /[^\r]\n/)
      for (const [, host] of text.matchAll(/[\w.+-]+@([\w.-]+)/g))
        assert.ok([persona.domain, persona.fqdn, persona.hostname].includes(host!), `${host} in ${text}`)
    }
  })
})

describe('a mailbox', () => {
  test('is the same for all protocols of one attacker, and another for another user', () => {
    const one = visit()
    assert.equal(mailboxOf(one, 'a'), mailboxOf(one, 'a'))
    assert.notEqual(mailboxOf(one, 'a'), mailboxOf(one, 'b'))
    assert.notEqual(mailboxOf(one, 'a'), mailboxOf(visit(), 'a'))
  })
  test('holds so much and no more, and what is removed makes room', () => {
    const mailbox = mailboxOf(visit(), 'a')
    const inbox = mailbox.folders.get('INBOX')!
    const message = { at: now, raw: Buffer.alloc(100_000), flags: new Set<string>(), recent: true }
    const added = []
    for (let one = addMessage(mailbox, inbox, message); one; one = addMessage(mailbox, inbox, message)) added.push(one)
    assert.ok(added.length > 10 && mailbox.bytes <= 2 << 20)
    removeMessages(mailbox, inbox, new Set(added))
    const next = addMessage(mailbox, inbox, message)
    assert.equal(next?.uid, added.at(-1)!.uid + 1)
    while (addFolder(mailbox, `f${mailbox.folders.size}`, now));
    assert.equal(mailbox.folders.size, 64)
  })
  test('all together hold so much: what is oldest goes, the letters stay', () => {
    const raw = Buffer.alloc(1 << 20)
    const many = Array.from({ length: 40 }, () => mailboxOf(visit(), 'a'))
    const inboxes = many.map(mailbox => mailbox.folders.get('INBOX')!)
    const before = inboxes[0]!.messages.length
    for (const [i, mailbox] of many.entries())
      addMessage(mailbox, inboxes[i]!, { at: now, raw, flags: new Set(), recent: true })
    const held = inboxes.map(({ messages }) => messages.length - before)
    assert.ok(held.reduce((sum, n) => sum + n) <= 32)
    assert.deepEqual([held[0], held.at(-1)], [0, 1])
  })
  test('an attacker who logs in as many users keeps the last few', () => {
    const one = visit()
    const first = mailboxOf(one, 'user0')
    for (let i = 1; i < 50; i++) mailboxOf(one, `user${i}`)
    assert.notEqual(mailboxOf(one, 'user0'), first)
  })
})

describe('parts of a message', () => {
  const depth = (part: Part): number =>
    1 + Math.max(0, ...part.parts.map(depth), ...(part.message ? [depth(part.message)] : []))
  test('parameters in quotes and without', () => {
    assert.deepEqual(parseParameters('text/plain; charset="utf-8"; name="a \\"b\\"; c"; x=y'), {
      value: 'text/plain',
      parameters: [
        ['charset', 'utf-8'],
        ['name', 'a "b"; c'],
        ['x', 'y'],
      ],
    })
  })
  test('a message in a message has parts of its own', () => {
    const inner =
      'Subject: inner\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\n\r\nA\r\n--i\r\n\r\nB\r\n--i--\r\n'
    const raw = `Content-Type: multipart/mixed; boundary=o\r\n\r\nprose\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n${inner}\r\n--o--\r\n`
    const whole = parseMessage(Buffer.from(raw))
    assert.equal(whole.parts.length, 1)
    assert.deepEqual(
      whole.parts[0]!.message!.parts.map(part => part.body.toString()),
      ['A', 'B'],
    )
  })
  test('however broken, it has bounded parts', () => {
    const draw = numbers(9)
    const bits = [
      'Content-Type: multipart/mixed; boundary=b\r\n',
      '\r\n',
      '--b\r\n',
      '--b--\r\n',
      'Content-Type: message/rfc822\r\n',
      ' x',
      ':',
      '\0',
    ]
    for (let n = 0; n < 3000; n++) {
      const raw = Buffer.from(Array.from({ length: draw(60) }, () => bits[draw(bits.length)]!).join(''))
      assert.ok(depth(parseMessage(raw)) <= 14)
    }
    const many = parseMessage(Buffer.from(`${bits[0]}\r\n${'--b\r\n\r\nx\r\n'.repeat(5000)}`))
    assert.ok(many.parts.length <= 201)
  })
})
