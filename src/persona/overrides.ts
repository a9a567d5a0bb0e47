import * as v from 'valibot'
import { releaseIds } from './releases/index.ts'

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'

/** Words by which an operator would give the machine away. */
const giveaways = /honey|decoy|cowrie|dionaea|conpot|t-?pot|skep|kippo|trap/ // not sent: refused

const name = (pattern: RegExp, expected: string, description: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.regex(pattern, expected),
      v.check(text => !giveaways.test(text), 'This name tells what the machine is'),
      v.description(description),
    ),
  )

/** What the operator may decide of the persona; everything left out follows from the seed. */
export const overridesSchema = v.optional(
  v.pipe(
    v.strictObject({
      hostname: name(
        new RegExp(`^${label}$`),
        'Expected a lower-case host name without dots, as RFC 1123 §2.1 allows',
        'Host name, without its domain.',
      ),
      domain: name(
        new RegExp(`^${label}(?:\\.${label})+$`),
        'Expected a domain such as kirasoft-works.net',
        'Domain of the machine; one of your own or of nobody.',
      ),
      os: v.optional(
        v.pipe(
          v.picklist(releaseIds),
          v.description('Release. Another than before: a new installation with new keys.'),
        ),
      ),
      web: v.optional(v.pipe(v.picklist(['nginx', 'Apache']), v.description('Web server.'))),
      ftp: v.optional(v.pipe(v.picklist(['vsFTPd', 'ProFTPD']), v.description('FTP server.'))),
      mail: v.optional(v.pipe(v.picklist(['Postfix', 'Exim', 'OpenSMTPD']), v.description('Mail server.'))),
      timezone: v.optional(
        v.pipe(
          v.string(),
          v.check(isZone, 'Expected a time zone of the tz database such as Asia/Tokyo'),
          v.description('Time zone; one without summer time, since services take its offset at the last boot.'),
        ),
      ),
    }),
    v.forward(
      v.check(({ hostname, os }) => {
        const named = /\b(debian|ubuntu)\b/.exec(hostname ?? '')?.[1]
        return !named || !os || os.startsWith(named)
      }, 'The host name speaks of another distribution than os'),
      ['hostname'],
    ),
    // X.520 bounds a certificate's common name, and `hostname -f` goes into it.
    v.forward(
      v.check(
        ({ hostname, domain }) => !hostname || !domain || hostname.length + 1 + domain.length <= 64,
        'Host name and domain together are longer than 64 characters',
      ),
      ['domain'],
    ),
  ),
  {},
)
export type PersonaOverrides = v.InferOutput<typeof overridesSchema>

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
