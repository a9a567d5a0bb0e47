import { downloadsIn } from '#codec/downloads.ts'
import { undisguise } from '#payload/undisguise.ts'
import type { Search } from './search.ts'
import { type Ldap, shown } from './session.ts'

/** Log4Shell (CVE-2021-44228), from both of its ends. */
const LOG4SHELL = { id: 'CVE-2021-44228', name: 'Log4Shell' } as const

/** Bytes of a message in which look-ups are looked for. */
const LOOKED_AT = 16 << 10

/** `${jndi:…}` in whatever a request says, disguised or not. */
export function noteStrings({ cx }: Ldap, whole: Buffer): void {
  const at = whole.indexOf('${')
  if (at < 0) return
  const said = whole.toString('latin1', Math.max(0, at - 64), at + LOOKED_AT)
  const plain = undisguise(said)
  const found = /\$\{jndi:[\x20-\x7e]{0,400}/i.exec(plain)
  if (!found) return
  cx.record.exploit({ ...LOG4SHELL, evidence: shown(found[0]) })
  for (const { url, tool } of downloadsIn(plain).slice(0, 8))
    if (tool === 'jndi') cx.record.fileDownload({ url: shown(url, 1024), tool })
}

/**
 * A victim's, or a scanner's, JNDI client: it asks for one object by a path where a name belongs, and expects a Java
 * class back (JNDIExploit's `Basic/Command/Base64/…`, marshalsec's `Exploit`). What the path has in it is written down.
 */
export function noteLookup({ cx }: Ldap, { base, scope, filter }: Search): void {
  // A name begins with a type and a value; a path may end in Base64's padding.
  const lookup = scope === 0 && base !== '' && !/^[^/]*=/.test(base) && filter.kind === 'present'
  if (!lookup) return
  const [, encoded] = /\/base64\/([A-Za-z0-9+/=_-]{4,4096})$/i.exec(base) ?? []
  const command = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('latin1')
  const evidence = command === '' ? `JNDI look-up of ${base}` : `JNDI look-up of ${base}: ${command}`
  cx.record.exploit({ ...LOG4SHELL, evidence: shown(evidence, 1024) })
  for (const { url, tool } of downloadsIn(command).slice(0, 8))
    cx.record.fileDownload({ url: shown(url, 1024), tool, commandLine: shown(command, 1024) })
}
