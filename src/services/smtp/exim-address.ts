import { hasMailbox, isOurs, readPath, splitAddress, unquoted, withoutRoute } from './address.ts'
import { mayRelay } from './policy.ts'
import type { Smtp } from './session.ts'

/** An address, or what is said instead; `counts` among the mistakes that Exim bears four of. */
export type Read = { address: string; params: string[] } | { error: string; counts: boolean }

const mistake = (error: string): Read => ({ error, counts: true })
/** Bytes of an address that Exim reads at all. */
const LONGEST = 256

/** parse_extract_address() over what stands behind `FROM:` or `TO:`, of which the parameters are taken off before. */
export function readAddress(arg: string, known: (param: string) => boolean): Read {
  const { said, params } = withoutParameters(arg.trim(), known)
  const { address: inner, bracketed, rest, broken } = readPath(said)
  if (broken) return mistake(`501 ${said}: '>' missing at end of address`)
  if (rest !== '') {
    const before = said.slice(0, said.length - rest.length)
    return mistake(`501 ${said}: malformed address: ${rest} may not follow ${before}`)
  }
  const address = withoutRoute(inner).replace(/^\s*\([^)]*\)\s*/, '')
  const problem = problemOf(address)
  if (problem !== undefined) return mistake(`501 ${bracketed ? `<${inner}>` : inner}: ${problem}`)
  return { address, params }
}

/** ESMTP's parameters stand at the end; the first from there that is not known belongs to the address. */
function withoutParameters(said: string, known: (param: string) => boolean) {
  const params: string[] = []
  let left = said
  for (;;) {
    const space = left.lastIndexOf(' ')
    const last = left.slice(space + 1)
    if (space < 0 || !known(last)) return { said: left, params }
    params.unshift(last)
    left = left.slice(0, space).trimEnd()
  }
}

/** What is wrong with `local@domain`, in Exim's words; `undefined` when nothing is. */
function problemOf(address: string): string | undefined {
  if (address === '') return undefined
  if (address.length > LONGEST) return `address is ridiculously long: ${address.slice(0, 64)}...`
  const { local, domain } = splitAddress(address)
  if (local === '') return 'no local part'
  if (!/^".*"$/s.test(local)) {
    const word = /^[^\s()<>@,;:\\".[\]]+/.exec(local)?.[0] ?? ''
    if (word === '') return 'missing or malformed local part'
    let at = 0
    for (const atom of local.split('.')) {
      const odd = /[\s()<>@,;:"[\]]/.exec(atom)
      if (odd) {
        const before = local.slice(0, at + odd.index)
        return `"@" or "." expected after "${before.trimEnd().split(' ').at(-1)}"`
      }
      at += atom.length + 1
    }
  }
  if (domain === undefined) return undefined
  if (domain.startsWith('[') && domain.endsWith(']')) return 'domain literals not allowed'
  return /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$/.test(domain) ? undefined : 'domain missing or malformed'
}

/** Debian's acl_check_rcpt over a recipient: nothing when it is taken. */
export function judge(smtp: Smtp, address: string): { refusal?: string; foreign: boolean } {
  const { local, domain = '' } = splitAddress(address)
  const { persona } = smtp.cx
  const ours = isOurs(persona, domain)
  const plain = unquoted(local)
  // CHECK_RCPT_LOCAL_LOCALPARTS and CHECK_RCPT_REMOTE_LOCALPARTS.
  const restricted = ours ? /^\.|[@%!/|`#&?]/ : /^[./|]|[@%!`#&?]|\/\.\.\//
  if (restricted.test(plain)) return { foreign: !ours, refusal: 'restricted characters in address' }
  if (ours) return hasMailbox(persona, plain) ? { foreign: false } : { foreign: false, refusal: 'Unrouteable address' }
  return mayRelay(smtp) ? { foreign: true } : { foreign: true, refusal: 'relay not permitted' }
}
