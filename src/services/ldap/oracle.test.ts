import { setTimeout as sleep } from 'node:timers/promises'
import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import ldap from './index.ts'

/** Challenges, and what a new password is stored as. */
const mask = (heard: string) =>
  heard
    .replace(/<\d+\.\d+@[\w.-]+>/g, '<#>')
    .replace(/nonce="[A-Za-z0-9+/=]+"/g, 'nonce="#"')
    .replace(/\{SSHA\}[A-Za-z0-9+/=]{32}/g, '{SSHA}#')
    // NTLM's eight bytes.
    .replace(/(?<=\x05\x82\x02\0)[\s\S]{8}/g, '########')
    // Lengths around a challenge, whose number may have a digit less.
    .replace(/^0\x81?.\x02\x01.a\x81?.(?=.*<#>)/s, '#')
    .replace(/\x87.(?=<#>)/s, '#')

compareWithRecorded({
  name: 'ldap',
  product: 'OpenLDAP slapd 2.5.13 (Debian 12)',
  mask,
  play: steps =>
    playAtUs(
      ldap,
      steps,
      () => ({
        startTls: async () => {
          await sleep(200)
          throw new Error('nobody speaks TLS here')
        },
      }),
      { access: { rules: ['admin:hayase2019', 'Admin:hayase2019'], otherwise: 'refuse' } },
    ),
})
