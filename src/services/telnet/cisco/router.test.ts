import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import type { listeningRecorder } from '#services/testing/play.ts'
import { visit } from '../testing.ts'
import { helpFor, understand } from './commands.ts'

describe("IOS's command language", () => {
  const table: [line: string, privileged: boolean, found: object][] = [
    ['show version', false, { does: 'version', words: ['show', 'version'], rest: '' }],
    ['sh ver', false, { does: 'version', words: ['show', 'version'], rest: '' }],
    ['  SH  IP int brief', false, { does: 'interfaces', words: ['show', 'ip', 'interface'], rest: 'brief' }],
    ['en', false, { does: 'enable', words: ['enable'], rest: '' }],
    ['sh', false, { error: 'incomplete' }],
    ['e', false, { error: 'ambiguous' }],
    ['te', false, { error: 'ambiguous' }],
    ['shell', false, { error: 'unknown' }],
    ['conf t', false, { error: 'invalid', at: 0 }],
    ['conf t', true, { does: 'configure', words: ['configure', 'terminal'], rest: '' }],
    ['show run', false, { error: 'invalid', at: 5 }],
    ['show nothing', true, { error: 'invalid', at: 5 }],
    ['/bin/busybox ECCHI', false, { error: 'invalid', at: 0 }],
    ['ping', false, { error: 'incomplete' }],
    ['ping 192.0.2.1', false, { does: 'ping', words: ['ping'], rest: '192.0.2.1' }],
    ['terminal length 0', false, { does: 'length', words: ['terminal', 'length'], rest: '0' }],
    ['   ', false, { error: 'incomplete' }],
  ]
  for (const [line, privileged, found] of table)
    test(`${line} ${privileged ? '#' : '>'}`, () => {
      assert.deepEqual(understand(line, privileged), found)
    })

  test('any line is understood or not, and helped with, in no time', () => {
    for (let seed = 0; seed < 2000; seed++) {
      const noise = createHash('sha512').update(`ios ${seed}`).digest('latin1')
      const line = seed % 2 ? noise : `show ${noise.slice(0, seed % 30)} ip ${noise}`
      understand(line, seed % 3 === 0)
      helpFor(line, true)
    }
  })
})

describe('a router', () => {
  const options = { device: 'cisco', access: { rules: ['admin:cisco'], otherwise: 'refuse' } }
  async function talk(lines: string[], mark: string, memory = new Map<string, object>()) {
    const { type, until, events, leave, session } = visit({ options, memory })
    await until(heard => heard.endsWith('Username: '))
    for (const line of ['admin', 'cisco', ...lines]) type(`${line}\r\n`)
    const heard = await until(all => all.includes(mark))
    leave()
    await session.catch(() => {})
    return { heard, events }
  }
  const named = (events: ReturnType<typeof listeningRecorder>['events'], name: string) =>
    events.filter(event => event.name === name).map(event => event.details)

  test('a line is edited: arrows, control keys, what was typed before, Tab', async () => {
    const { type, until, events, leave, session } = visit({ options })
    for (const line of ['admin', 'cisco', 'terminal length 0']) type(`${line}\r\n`)
    await until(heard => heard.endsWith('length 0\r\nrelay3>'))
    for (const [keys, shown] of [
      ['show clck\x02\x02o', 'show clck\b\bock\b\b'],
      ['\x1b[C\x1b[D\x05', 'c\bck'],
      ['\x01\x0bsho ver\x17', '\b\b\b\b\b\b\b\b\b\b          \b\b\b\b\b\b\b\b\b\bsho ver\b \b\b \b\b \b'],
      ['cl\t', 'cl\r\nrelay3>sho clock '],
      ['\x1b[A', `${'\b \b'.repeat(10)}terminal length 0`],
      ['\x0e', '\b \b'.repeat(17)],
      ['\x0e', '\x07'],
      ['sh clo\x12', 'sh clo\r\nrelay3>sh clo'],
    ] as const) {
      const before = (await until(() => true)).length
      type(keys)
      const heard = await until(all => all.length >= before + shown.length, 2)
      assert.equal(heard.slice(before), shown, JSON.stringify(keys))
    }
    type('\r')
    assert.match(await until(heard => /UTC/.test(heard)), /\*\d\d:\d\d:\d\d/)
    leave()
    await session.catch(() => {})
    assert.deepEqual(named(events, 'command').at(-1), { line: 'sh clo' })
  })

  test('what it tells of itself agrees: the image, the addresses, the way out', async () => {
    const shows = ['sh ver', 'sh flash', 'sh ip int br', 'sh arp', 'sh ip route', 'sh int', 'sh inv', 'sh run']
    const lines = ['en', 'cisco', 'term len 0', ...shows, 'dir', 'sh privilege']
    const { heard } = await talk(lines, 'level is 15')
    const image = /image file is "flash0:(\S+)"/.exec(heard)![1]!
    assert.equal(heard.split(image).length, 4)
    const inside = /GigabitEthernet0\/1 +(192\.168\.\d+\.1)/.exec(heard)![1]!
    assert.ok(heard.includes(`Internet  ${inside} `) && heard.includes(`L        ${inside}/32 is directly connected`))
    assert.ok(heard.includes(`Internet address is ${inside}/24`))
    const gateway = /via (\S+)\r\n/.exec(heard)![1]!
    assert.ok(heard.includes(`ip route 0.0.0.0 0.0.0.0 ${gateway}\r\n`) && heard.includes(`Internet  ${gateway} `))
    const serial = /board ID (\S+)/.exec(heard)![1]!
    assert.ok(heard.includes(`SN: ${serial}`))
    assert.doesNotMatch(heard, /^% /m)
  })

  test('greets as a vty does, refuses thrice and closes', async () => {
    const { type, until, session, events } = visit({ options })
    for (const word of ['root', 'xc3511', 'admin', 'admin', 'cisco', 'cisco']) type(`${word}\r\n`)
    const heard = await until(() => false)
    await session
    const greeting =
      '\xff\xfb\x01\xff\xfb\x03\xff\xfd\x18\xff\xfd\x1f\r\n\r\nUser Access Verification\r\n\r\nUsername: '
    assert.ok(heard.startsWith(`${greeting}root\r\nPassword: \r\n% Login invalid\r\n\r\nUsername: admin`), heard)
    assert.ok(heard.endsWith('Password: \r\n% Login invalid\r\n\r\n'))
    assert.equal(named(events, 'login').length, 3)
  })

  test('what a loader tries is told, and answered as IOS does', async () => {
    const { heard, events } = await talk(
      ['enable', 'cisco', 'system', 'shell', 'sh', '/bin/busybox ECCHI', 'exit'],
      'ECCHI\r\n      ',
    )
    assert.match(heard, /relay3>enable\r\nPassword: \r\nrelay3#system\r\n% Unknown command or computer name/)
    assert.match(heard, /relay3#sh\r\n% Type "show \?" for a list of subcommands\r\n/)
    assert.match(
      heard,
      /relay3#\/bin\/busybox ECCHI\r\n {7}\^\r\n% Invalid input detected at '\^' marker\.\r\n\r\nrelay3#/,
    )
    assert.ok(named(events, 'command').some(details => (details as { line: string }).line === '/bin/busybox ECCHI'))
    assert.deepEqual(
      named(events, 'login').map(details => (details as { method: string; outcome: string }).method),
      ['password', 'enable'],
    )
  })

  test('what is configured is there, the next time too', async () => {
    const memory = new Map<string, object>()
    const lines = [
      'en',
      'cisco',
      'conf t',
      'hostname core1',
      'username evil privilege 15 secret x',
      'interface Tunnel0',
      'ip address 203.0.113.7 255.255.255.252',
      'end',
      'wr',
    ]
    const { heard, events } = await talk(lines, '[OK]', memory)
    assert.match(heard, /relay3\(config\)#hostname core1\r\ncore1\(config\)#username/)
    assert.match(heard, /core1\(config-if\)#end\r\ncore1#wr\r\nBuilding configuration\.\.\.\r\n\[OK\]/)
    assert.ok(named(events, 'command').length >= lines.length - 1)
    const again = await talk(['en', 'cisco', 'terminal length 0', 'show running-config'], 'scheduler allocate', memory)
    assert.match(
      again.heard,
      /core1#show running-config\r\n[\s\S]*hostname core1\r\n[\s\S]*username evil privilege 15 secret x\r\ninterface Tunnel0\r\n ip address 203/,
    )
  })

  test('pages are shown one by one', async () => {
    const { heard } = await talk(['en', 'cisco', 'show running-config', ' q'], '--More--')
    assert.match(heard, / --More-- /)
  })

  test('a download is told of and never made', async () => {
    const { heard, events } = await talk(['en', 'cisco', 'copy tftp: flash:', '198.51.100.9', 'x.bin', ''], 'Timed out')
    assert.match(heard, /%Error opening tftp:\/\/198\.51\.100\.9\/x\.bin \(Timed out\)/)
    assert.deepEqual(named(events, 'fileDownload'), [
      { url: 'tftp://198.51.100.9/x.bin', tool: 'copy', commandLine: 'copy tftp: flash:' },
    ])
  })
})
