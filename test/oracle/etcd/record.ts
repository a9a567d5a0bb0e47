/** Records Debian's etcd: `sh bin/skep-node test/oracle/etcd/record.ts`. Its peers' port is etcd's own, 2380 of loopback. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { testPersona } from '#services/testing/persona.ts'
import { recordDialogues } from '../kit/record.ts'
import { script } from './script.ts'

const port = 22_379
await recordDialogues(
  Object.fromEntries(Object.entries(script).map(([name, steps]) => [name, ['', ...steps]])),
  port,
  () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'etcd-oracle-'))
    const options = {
      name: testPersona.hostname,
      'data-dir': home,
      // Elected before the first question comes.
      'heartbeat-interval': '10',
      'election-timeout': '100',
      'listen-client-urls': `http://127.0.0.1:${port}`,
      'advertise-client-urls': `http://${testPersona.fqdn}:2379`,
    }
    return {
      command: '/usr/bin/etcd',
      args: Object.entries(options).flatMap(([key, value]) => [`--${key}`, value]),
      clean: () => fs.rmSync(home, { recursive: true, force: true }),
    }
  },
  new URL('fixtures/debian-12.json', import.meta.url),
  100,
)
