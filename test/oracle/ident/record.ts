/**
 * Records what Debian 12's oidentd answers; the package has to be installed, or unpacked into OIDENTD_ROOT:
 *   sh bin/skep-node test/oracle/ident/record.ts
 */
import { recordDialogues } from '../kit/record.ts'
import { dialogues } from './script.ts'

const root = process.env.OIDENTD_ROOT ?? ''
const PORT = 21_113
const args = ['--foreground', '--nosyslog', '--quiet', '--address', '127.0.0.1', '--port', String(PORT)]
await recordDialogues(
  dialogues,
  PORT,
  () => ({ command: `${root}/usr/sbin/oidentd`, args: [...args, '--config', `${root}/etc/oidentd.conf`] }),
  new URL('fixtures/debian-12.json', import.meta.url),
)
