import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import type { Event } from '#events/event.ts'
import { recorder } from '#events/event.ts'
import { plainPath } from '#events/journal/segments.ts'
import { providers } from './catalogue.ts'
import { type Facts, kindOf, languages, unanswered, writeLetter } from './letter.ts'
import { lastProof } from './proof.ts'

const facts: Facts = {
  contact: 'Jane Roe <jane@example.com>',
  purpose: 'Research into attack methods',
  capacity: 'university',
  services: [
    { name: 'ssh', ports: ['2222/tcp'] },
    { name: 'ntp', ports: ['123/udp'] },
  ],
  udp: true,
  limits: { connections: 12_000, perSource: 1024, udpPerSource: 30, udpOverall: 500 },
  users: { sensor: 64291, hive: 64292 },
}

for (const provider of providers())
  for (const language of languages)
    test(`the letter to ${provider.id} in ${language} says what it has to, and leaves no gap`, () => {
      const { subject, body } = writeLetter(provider, facts, language)
      assert.ok(subject.length > 5 && !subject.includes('\n'))
      for (const said of [provider.name[language], facts.contact, facts.purpose, 'ssh: 2222/tcp', 'ntp: 123/udp'])
        assert.ok(body.includes(said), said)
      assert.doesNotMatch(body, /undefined|null|NaN|\[object|[{}<]\w*[}]|TODO|XXX|\$\{/)
      const flat = body.replace(/\s+/g, language === 'en' ? ' ' : '')
      const reason = provider.reason[language].replace(/\s+/g, language === 'en' ? ' ' : '')
      assert.ok(flat.includes(reason), 'the answer that is known')
      assert.match(
        flat,
        language === 'en' ? /sets rules in the server's own firewall/ : /サーバー自身のファイアウォール/,
      )
      if (language === 'en') {
        assert.doesNotMatch(body, /[ぁ-んァ-ン一-龠]/)
        for (const line of body.split('\n')) assert.ok(line.length <= 76, line)
      } else assert.match(body, /サポートご担当者様\n\nお世話になっております。/)
      const headings = body.match(language === 'en' ? /^-{4,}$/gm : /^■ /gm)!.length
      assert.equal(headings, 5 + (provider.conditions.length ? 1 : 0) + (provider.asks.length ? 1 : 0))
    })

test('what was forbidden is asked for, what is to be declared is declared, the rest is asked about', () => {
  const kinds = new Map(providers().map(provider => [provider.id, kindOf(provider)]))
  assert.equal(kinds.get('conoha'), 'permission')
  assert.equal(kinds.get('linode'), 'declaration')
  assert.equal(kinds.get('sakura'), 'question')
  assert.equal(kinds.get('onamae'), 'question')
})

test('every question of a provider is answered, and one that cannot be is not left out', () => {
  const linode = providers().find(({ id }) => id === 'linode')!
  const { body } = writeLetter(linode, facts, 'en')
  for (const words of ['kind of research', 'more than one kind of test', 'It is for a university', 'What effect'])
    assert.ok(body.includes(words), words)
  const { capacity: _, ...silent } = facts
  assert.deepEqual(unanswered(linode, silent), ['capacity'])
  assert.throws(() => writeLetter(linode, silent, 'en'), /capacity/)
})

test('what is said of UDP and of the latest trial depends on what is there', () => {
  const [provider] = providers()
  for (const language of languages) {
    const plain = writeLetter(provider!, { ...facts, udp: false, services: [facts.services[0]!] }, language).body
    assert.doesNotMatch(plain, /amplification|増幅/)
    assert.match(writeLetter(provider!, facts, language).body, /amplification|増幅/)
    const proved = writeLetter(provider!, { ...facts, proof: { at: '2026-11-21T03:04:05.678Z' } }, language).body
    assert.match(
      proved,
      language === 'en' ? /2026-11-21: every\s+attempt/ : /直近\(2026 年 11 月 21 日\)の試行では、すべて拒否/,
    )
    assert.doesNotMatch(plain, /2026/)
  }
})

test('where nothing answers, no decoy is promised; where every port is redirected, that is said', () => {
  const [provider] = providers()
  for (const language of languages) {
    const { body } = writeLetter(provider!, { ...facts, services: [], udp: false, passive: true }, language)
    assert.doesNotMatch(body, /ssh:|TCP decoys have|TCP のおとり|おとりのサービス\)|decoy services that/)
    assert.match(body, language === 'en' ? /answers\s+none of them/ : /応答は一切しないプログラム/)
    const all = language === 'en' ? /every other TCP port/ : /上記以外のすべての TCP ポート/
    assert.match(writeLetter(provider!, { ...facts, everyPort: true }, language).body, all)
    assert.doesNotMatch(writeLetter(provider!, facts, language).body, all)
  }
})

test('the latest trial in the journal counts, and only that of the TCP decoys', async t => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-proof-'))
  t.after(() => fs.rmSync(directory, { recursive: true }))
  assert.equal(await lastProof(directory), undefined)
  const lines: string[] = []
  let now = Date.UTC(2026, 10, 20)
  const sink = (event: Event) => void lines.push(`${JSON.stringify(event)}\n`)
  const record = recorder({ service: 'supervisor' }, { sensor: 'skep', sink, now: () => now })
  const write = () => fs.writeFileSync(plainPath(directory, 'supervisor-20261120T000000Z-0001'), lines.join(''))
  record.health({ part: 'sensor-tcp', state: 'running' })
  write()
  assert.equal(await lastProof(directory), undefined)
  record.health({ part: 'sensor-tcp', state: 'not sealed', why: 'could connect over IPv4' })
  write()
  assert.deepEqual(await lastProof(directory), { at: '2026-11-20T00:00:00.000Z', open: 'could connect over IPv4' })
  now += 60_000
  record.health({ part: 'sensor-tcp', state: 'sealed' })
  record.health({ part: 'sensor-udp', state: 'not sealed' })
  write()
  assert.deepEqual(await lastProof(directory), { at: '2026-11-20T00:01:00.000Z' })
})
