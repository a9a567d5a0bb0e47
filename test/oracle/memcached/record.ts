/** Records Debian's memcached: `sh bin/skep-node test/oracle/memcached/record.ts`. Needs root, which memcached gives up. */
import { recordDialogues } from '../kit/record.ts'
import { script } from './script.ts'

const port = 21_211
await recordDialogues(
  script,
  port,
  () => ({
    command: '/usr/bin/memcached',
    args: ['-u', 'nobody', '-l', '127.0.0.1', '-p', String(port), '-U', String(port)],
  }),
  new URL('fixtures/debian-12.json', import.meta.url),
)
