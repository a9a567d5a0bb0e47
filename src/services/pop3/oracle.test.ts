import { setTimeout as sleep } from 'node:timers/promises'
import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { challenges, PASSWORD, USER } from '../../../test/oracle/pop3/script.ts'
import pop3 from './index.ts'

/** Challenges, and who sends them. */
const mask = (heard: string) =>
  heard
    .replace(/<[0-9a-f]+\.\d\.[0-9a-f]+\.[A-Za-z0-9+/=]+@\w+>/g, '<#>')
    .replace(/^\+ (?:PD|cj)[A-Za-z0-9+/=]{20,}/gm, '+ #')

compareWithRecorded({
  name: 'pop3',
  product: 'Dovecot 2.3.19.1 (Debian 12)',
  mask,
  play: (steps, dialogue) =>
    playAtUs(
      pop3,
      steps,
      () => ({
        startTls: async () => {
          await sleep(200)
          throw new Error('nobody speaks TLS here')
        },
      }),
      {
        access: { rules: [`${USER}:${PASSWORD}`], otherwise: 'refuse' },
        ...(dialogue in challenges ? { apop: true, mechanisms: ['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-256'] } : {}),
      },
    ),
})
