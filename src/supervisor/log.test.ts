import assert from 'node:assert/strict'
import { test } from 'node:test'
import { textLog } from './log.ts'
import type { Listening } from './messages.ts'

const door = (service: string, port: number, more: Partial<Listening> = {}): Listening => ({
  service,
  title: `Title of ${service}`,
  replaces: ['another'],
  transport: 'tcp',
  tls: false,
  address: '0.0.0.0',
  port,
  state: 'listening',
  ...more,
})

test('a start ends with what one needs to open the page, below one line for each service', () => {
  const lines: string[] = []
  const log = textLog(line => lines.push(line), false)
  log.password('admin', 'once-told')
  log.page('https://127.0.0.1:64297/')
  log.ready(
    [
      door('telnet', 23),
      door('smtp', 25),
      door('smtp', 465, { tls: true }),
      door('smtp', 587, { state: 'down', why: 'taken by exim4 (pid 812)' }),
      ...[5060, 5061, 5062, 5063, 5064, 5065].map(port => door('sip', port, { transport: 'udp' })),
      door('catchall', 26, { ports: 206 }),
    ],
    { offset: 0, milliseconds: 1234 },
  )
  const told = lines.slice(lines.indexOf('page: https://127.0.0.1:64297/') + 1)
  assert.deepEqual(
    told.map(line => line.replace(/ {2,}/g, '  ')),
    [
      '',
      'catchall  206 other ports  Title of catchall',
      'sip  5060/udp 5061/udp 5062/udp 5063/udp and 2 more  Title of sip',
      'smtp  25 465/tls  Title of smtp',
      'smtp  587  DOWN: taken by exim4 (pid 812)',
      'telnet  23  Title of telnet',
      '',
      '',
      "  The page's first account, shown at this start only:  user admin  password once-told",
      '  The page:  https://127.0.0.1:64297/',
      '',
      'ready: 10 ports listen, 1 do not, after 1.2 s',
    ],
  )
})
