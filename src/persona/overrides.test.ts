import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { overridesSchema } from './overrides.ts'

test('what an operator may decide', () => {
  for (const given of [
    {},
    { hostname: 'web-01' },
    { domain: 'kirasoft-works.co.jp' },
    { os: 'ubuntu-20.04', hostname: 'ubuntu-s-1vcpu-1gb-fra1-01' },
    { web: 'Apache', ftp: 'ProFTPD', timezone: 'America/Sao_Paulo' },
  ])
    assert.deepEqual(v.parse(overridesSchema, given), given)
  assert.deepEqual(v.parse(overridesSchema, undefined), {})
})

test('contradictions and give-aways are refused, each with its place and reason', () => {
  const table: [given: unknown, path: string, message: RegExp][] = [
    [{ hostname: 'Web_01' }, 'hostname', /RFC 1123/],
    [{ hostname: 'web.example' }, 'hostname', /without dots/],
    [{ hostname: `a${'b'.repeat(63)}` }, 'hostname', /RFC 1123/],
    [{ hostname: 'my-honeypot' }, 'hostname', /tells what the machine is/],
    [{ hostname: 'tpot01' }, 'hostname', /tells what the machine is/],
    [{ domain: 'localdomain' }, 'domain', /such as/],
    [{ domain: 'decoys.example.net' }, 'domain', /tells what the machine is/],
    [{ hostname: 'debian-2gb-hel1-1', os: 'ubuntu-22.04' }, 'hostname', /another distribution than os/],
    [{ hostname: 'a'.repeat(40), domain: `${'b'.repeat(30)}.net` }, 'domain', /longer than 64/],
    [{ os: 'windows-11' }, 'os', /debian-12/],
    [{ web: 'IIS' }, 'web', /nginx/],
    [{ timezone: 'Mars/Olympus' }, 'timezone', /tz database/],
    [{ kernel: '6.1' }, 'kernel', /kernel|never/],
  ]
  for (const [given, path, message] of table) {
    const { issues = [] } = v.safeParse(overridesSchema, given)
    assert.ok(issues.length > 0, JSON.stringify(given))
    assert.equal(v.getDotPath(issues[0] as v.BaseIssue<unknown>), path)
    assert.match(issues[0]?.message ?? '', message)
  }
})
