import { accessOf } from '#access/access.ts'
import { ownerOf } from '#access/desk.ts'
import { literalPasswords } from '#access/rule.ts'
import { text } from '#events/text.ts'
import type { TcpContext } from '#sensor/service.ts'
import { johnHash, responseTo } from './des.ts'
import type { Options } from './options.ts'
import { candidates } from './words.ts'

type Cx = TcpContext<Options>

/** Whether somebody got in from this address by a password that nobody here could read. */
type Unread = { won: boolean }

/** Holds a response to a challenge against what it may stand for, records both, and says whether it is good. */
export function isGood(cx: Cx, challenge: Buffer, response: Buffer): boolean {
  const password = guessed(cx, challenge, response)
  const access = accessOf(cx, cx.options.access)
  const unread = cx.attacker<Unread>(() => ({ won: false }), 'vnc unread')
  const owner = ownerOf(cx)
  // What cannot be read counts as a password all the same; it cannot be told from another the next time.
  const good =
    password !== undefined
      ? access.password(owner, password)
      : unread.won || access.password(owner, `\0${response.toString('latin1')}`)
  if (good && password === undefined) unread.won = true
  cx.record.login({
    method: 'vnc',
    ...(password === undefined ? {} : { password: text(Buffer.from(password, 'latin1')) }),
    hash: johnHash(challenge, response),
    outcome: good ? 'success' : 'failure',
  })
  return good
}

function guessed({ options, persona }: Cx, challenge: Buffer, response: Buffer): string | undefined {
  const own = [...persona.users.map(({ name }) => name), persona.hostname, '']
  for (const word of candidates([...literalPasswords(options.access.rules), ...own]))
    if (responseTo(challenge, word, true).equals(response)) return word
  return undefined
}
