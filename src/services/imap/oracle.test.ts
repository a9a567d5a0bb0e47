import { setTimeout as sleep } from 'node:timers/promises'
import { challenges } from '../../../test/oracle/imap/script.ts'
import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { PASSWORD, USER } from '../../../test/oracle/pop3/script.ts'
import imap from './index.ts'

/** Times that a command took, challenges, the second in which a folder was made; LIST is in the order of a directory, and what
 * it thinks unmarked depends on when Dovecot last looked there. */
const mask = (heard: string) =>
  inOrder(heard.replaceAll(/ ?\\UnMarked/g, ''))
    .replace(/ \(\d\.\d{3} \+ \d\.\d{3}(?: \+ \d\.\d{3})? secs\)/g, '')
    .replace(/^\+ (?:PD|cj)[A-Za-z0-9+/=]{20,}/gm, '+ #')
    .replace(/COPYUID \d+/g, 'COPYUID #')

function inOrder(heard: string): string {
  if (!/^\* LIST /.test(heard)) return heard
  const lines = heard.split('\r\n')
  const listed = (line: string) => /^\* (?:LIST|STATUS) /.test(line)
  return [...lines.filter(listed).sort(), ...lines.filter(line => !listed(line))].join('\r\n')
}

compareWithRecorded({
  name: 'imap',
  product: 'Dovecot 2.3.19.1 (Debian 12)',
  mask,
  play: (steps, dialogue) =>
    playAtUs(
      imap,
      steps,
      () => ({
        startTls: async () => {
          await sleep(200)
          throw new Error('nobody speaks TLS here')
        },
      }),
      {
        access: { rules: [`${USER}:${PASSWORD}`], otherwise: 'refuse' },
        ...(dialogue in challenges ? { mechanisms: ['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-256'] } : {}),
      },
    ),
})
