import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { inWords, keptIn, nearest } from './usage.ts'

test('a mistyped command is told which one was meant, and a strange one is not', () => {
  const names = ['up', 'doctor', 'events', 'replay', 'service', 'user']
  for (const [typed, meant] of [
    ['evnts', 'events'],
    ['eventss', 'events'],
    ['evetns', 'events'],
    ['docter', 'doctor'],
    ['services', 'service'],
    ['rep', 'replay'],
    ['users', 'user'],
    ['attack', undefined],
    ['', undefined],
  ] as const)
    assert.equal(nearest(typed, names), meant, typed)
})

test('what the system says of files is told in words, with what to do', () => {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-usage-'))
  try {
    const file = path.join(place, 'file')
    fs.writeFileSync(file, '')
    const said = (act: () => void) => {
      try {
        act()
      } catch (error) {
        return inWords(error as NodeJS.ErrnoException)
      }
      return undefined
    }
    assert.equal(
      said(() => fs.mkdirSync(file)),
      `${file} is not a directory`,
    )
    const refused = Object.assign(new Error("EACCES: permission denied, mkdir '/srv/x'"), {
      code: 'EACCES',
      path: '/srv/x',
    })
    assert.match(inWords(refused), /^Not allowed: \/srv\/x \(try sudo/)
    const socket = Object.assign(new Error('connect EACCES /srv/x/control.sock'), { code: 'EACCES' })
    assert.match(inWords(socket), /^Not allowed: \/srv\/x\/control\.sock/)
    assert.equal(inWords(new Error('Something else')), 'Something else')
    assert.match(said(() => keptIn(path.join(place, 'other'), 'journal'))!, /kept nothing in .*--data DIR/)
    fs.mkdirSync(path.join(place, 'journal'))
    assert.equal(keptIn(place, 'journal'), path.join(place, 'journal'))
  } finally {
    fs.rmSync(place, { recursive: true })
  }
})
