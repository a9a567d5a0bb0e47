import assert from 'node:assert/strict'
import fs from 'node:fs'
import { before, describe, test } from 'node:test'
import type { Heard } from '../../../test/oracle/telnet/dialogue.ts'
import { visit } from './testing.ts'

const fixture = new URL('../../../test/oracle/telnet/fixtures/session.json', import.meta.url)
const recorded = JSON.parse(fs.readFileSync(fixture, 'utf8')) as Record<string, Heard[]>

/** Other machines have other kernels, and were visited at other times and from other hosts. */
const masked = (text: string) =>
  text
    .replace(/Linux \S+ \(relay3\) \(pts\/\d+\)/, 'Linux KERNEL (relay3) (pts/N)')
    .replace(/Linux relay3 [^\r]*/, 'Linux relay3 KERNEL')
    .replace(/Last login: [^\r]* on pts\/\d+\r\n/, '')
    .replace(/login -p -h \S+/, 'login -p -h HOST')
    // The IAC of a data mark is urgent data at the real one, out of line.
    .replaceAll('\xff\xf2', '\xf2')

/** Which USER stood behind an invocation of login(1) that was recorded by other means. */
const users = new Map([
  ['bypass', '-f root'],
  ['bypassOther', '-f bob'],
  ['userGiven', 'root'],
  ['userNobody', 'nobody9'],
])
const withUser = (sent: string, user: string | undefined) =>
  user === undefined ? sent : sent.replace("\xff\xfa'\0\xff\xf0", `\xff\xfa'\0\0USER\x01${user}\xff\xf0`)

const options = { access: { rules: ['root:xc3511', '!nobody9:*', '*:builder'], otherwise: 'refuse' } }

/** Where we differ, and why. */
const ended = 'login(1) ends at once, and what the daemon said before gets lost or not'
const scrolls = 'readline scrolls long lines sideways on a terminal that it does not know'
const different = new Map([
  ['bypassNobody', ended],
  ['userDash', ended],
  ['dashShell', "the order of letters in dash's $-; the last echo came or not"],
  ['plainEnvironment', scrolls],
  ['process', scrolls],
  ['sizes', 'readline draws its line anew when the window changes; bash looks at its size after each command'],
  ['binaryOut', "BINARY takes OPOST away from readline's own echo as well"],
  ['raw', 'readline echoes no newline where the terminal has no echo'],
  ['mirai', 'bash has builtins for completion and help, which `enable` lists'],
])

describe("past log-in as inetutils' telnetd, login(1) and bash did", () => {
  const memory = new Map<string, object>()
  before(async () => {
    const setUp = visit({ options, memory })
    setUp.type(
      '\xff\xfe%\xff\xfe&\xff\xfc\x18\xff\xfc \xff\xfc#\xff\xfc\'\xff\xfc$\xff\xfc\x01\xff\xfc"\xff\xfc\x1f\xff\xfc!',
    )
    setUp.type('root\r\nxc3511\r\n')
    const rows = ['plain:/bin/sh', 'shut:/usr/sbin/nologin', 'hush:/bin/bash', 'homeless:/bin/bash'].map((row, at) => {
      const [name, shell] = row.split(':')
      return `echo ${name}:x:${2000 + at}:${2000 + at}::/home/${name}:${shell} >>/etc/passwd`
    })
    const line = [
      ...rows,
      'mkdir /home/plain /home/shut /home/hush',
      '>/home/hush/.hushlogin',
      'echo do""ne',
      'exit',
    ].join(';')
    setUp.type(`${line}\r\n`)
    assert.match(await setUp.until(heard => heard.includes('done\r\n')), /done\r\n/)
    await setUp.session
  })

  for (const [name, moves] of Object.entries(recorded)) {
    test(name, { skip: different.get(name) ?? false }, async () => {
      const { type, until, leave } = visit({ options, memory })
      let expected = ''
      for (const { send, heard } of moves) {
        type(withUser(send, users.get(name)))
        expected += heard
        const { length } = masked(expected)
        await until(all => masked(all).length >= length, 3)
      }
      await new Promise(resolve => setTimeout(resolve, 30))
      const heard = await until(() => true)
      leave()
      // A shell that has ended does not wait until its last words are sent.
      const last = (text: string) => masked(text).replace(/(exit\r\n)?$/, '')
      assert.equal(last(heard), last(expected))
    })
  }
})
