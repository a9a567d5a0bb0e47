import { setTimeout as sleep } from 'node:timers/promises'
import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { PASSWORD, USER } from '../../../test/oracle/smtp-postfix/script.ts'
import { mechanisms, openRelay, submission } from '../../../test/oracle/smtp-postfix/script-auth.ts'
import smtp from './index.ts'
import type { Product } from './options.ts'

/** What must differ from one machine and moment to the next. */
const mask = (heard: string) =>
  heard
    .replace(/queued as [0-9A-F]{9,12}/g, 'queued as #')
    .replace(/2\.0\.0 [0-9a-f]{8} Message/g, '2.0.0 # Message')
    .replace(/id=\w{6}-\w{6}-\w\w/g, 'id=#')
    .replace(/(ESMTP Exim \S+) \w{3}, .*/g, '$1 #')
    .replace(/<\S+\[[\d.]+\]>: Client host/g, '<#>: Client host')
    // A challenge, or one of NTLM.
    .replace(/^334 (?:PD[0-9A-Za-z+/=]{30,}|TlRMTVNTUA\S*)/gm, '334 #')

const options = (product: Product, dialogue: string) => ({
  product,
  relay: dialogue in openRelay ? 'hold' : 'refuse',
  access: { rules: [`${USER}:${PASSWORD}`], otherwise: 'refuse' },
  ...(dialogue in mechanisms || dialogue === 'a challenge'
    ? { mechanisms: product === 'Exim' ? ['PLAIN', 'LOGIN', 'CRAM-MD5'] : ['PLAIN', 'LOGIN', 'CRAM-MD5', 'NTLM'] }
    : {}),
})

for (const [product, name] of [
  ['Postfix', 'Postfix 3.7.11 (Debian 12)'],
  ['Exim', 'Exim 4.96 (Debian 12)'],
  ['OpenSMTPD', 'OpenSMTPD 6.8.0p2 (Debian 12)'],
] as const)
  compareWithRecorded({
    name: `smtp-${product.toLowerCase()}`,
    product: name,
    mask,
    play: (steps, dialogue) =>
      playAtUs(
        smtp,
        steps,
        () => ({
          port: dialogue in submission ? 587 : 25,
          // The handshake never comes.
          startTls: async () => {
            await sleep(200)
            throw new Error('nobody speaks TLS here')
          },
        }),
        options(product, dialogue),
      ),
  })
