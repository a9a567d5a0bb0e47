import { hasMailbox, isOurs, readPath, splitAddress, unquoted, withoutRoute } from './address.ts'
import { mayRelay } from './policy.ts'
import type { Smtp } from './session.ts'

/** smtpd(8)'s reading of MAIL FROM's and RCPT TO's argument: an address, its parameters, or what it says instead. */
export type Read = { address: string; params: string[] } | { error: string }

export function readArgument(arg: string, word: 'FROM' | 'TO', bad: string): Read {
  const [, rest] = new RegExp(`^${word}:(.*)$`, 'is').exec(arg) ?? []
  if (rest === undefined || rest.trim() === '')
    return { error: `501 5.5.4 Syntax: ${word === 'FROM' ? 'MAIL FROM' : 'RCPT TO'}:<address>` }
  // A name in front of the address is taken for it, and the address for a parameter.
  const name = /^\s*("[^"\\]*") /.exec(rest)
  if (name) return { address: name[1]!, params: rest.slice(name[0].length).trim().split(/ +/) }
  const { address: said, rest: behind, broken, bracketed } = readPath(rest)
  const address = withoutRoute(said)
  // What touches the bracket belongs to the same word.
  const params =
    behind === '' || (bracketed && !/[\s]/.test(rest.trim()[said.length + 2] ?? ' ')) ? [] : behind.split(/ +/)
  // Two paths in one word are no address.
  if (broken || (params.length === 0 && /^,/.test(behind)) || !isAddress(address)) return { error: bad }
  return { address, params }
}

/** What tok822 takes for one address. */
function isAddress(address: string): boolean {
  if (address === '') return true
  const { local, domain } = splitAddress(address)
  if (domain === '' || (domain !== undefined && /[\s;,()<>"]/.test(domain))) return false
  return /^".*"$/s.test(local) || !/[\s;,()<>"]/.test(local)
}

/** RCPT's verdict over an address: nothing when it is taken. `foreign`: it is not of this host. */
export function judge(smtp: Smtp, address: string): { refusal?: string; foreign: boolean } {
  const { persona } = smtp.cx
  const { local, domain } = splitAddress(address)
  // `"user@elsewhere"` without a domain is user@elsewhere once its quotes are off.
  const plain = unquoted(local)
  const inner = domain === undefined && plain.includes('@') ? splitAddress(plain) : { local: plain, domain }
  const shown = inner.domain === undefined ? inner.local : `${inner.local}@${inner.domain}`
  if (/^[\d.]+$/.test(inner.domain ?? '')) return { foreign: true, refusal: '501 5.1.3 Bad recipient address syntax' }
  const literal = /^\[(.*)\]$/.exec(inner.domain ?? '')?.[1]
  const here = literal !== undefined && (literal === '127.0.0.1' || literal === smtp.cx.destination.ip)
  const ours = inner.domain === undefined || here || isOurs(persona, inner.domain)
  if (!ours || /[%!@]/.test(inner.local)) {
    if (mayRelay(smtp)) return { foreign: true }
    return { foreign: true, refusal: `454 4.7.1 <${shown}>: Relay access denied` }
  }
  const [name = ''] = inner.local.split('+')
  if (smtp.cx.tunnel || hasMailbox(persona, name)) return { foreign: false }
  const unknown = `550 5.1.1 <${shown}>: Recipient address rejected: User unknown in local recipient table`
  return { foreign: false, refusal: unknown }
}

/** MAIL's parameters; what is said to one that is not understood. */
export function judgeMail(params: readonly string[], limit: number): string | undefined {
  for (const param of params) {
    const [name = '', value] = param.split(/=(.*)/s)
    switch (name.toUpperCase()) {
      case 'SIZE':
        if (!/^\d{1,20}$/.test(value ?? '')) return '501 5.5.4 Bad message size syntax'
        if (Number(value) > limit) return '552 5.3.4 Message size exceeds fixed limit'
        break
      case 'BODY':
        if (!/^(7BIT|8BITMIME)$/i.test(value ?? '')) return unsupported(param)
        break
      case 'RET':
        if (!/^(FULL|HDRS)$/i.test(value ?? '')) return '501 5.5.4 Bad RET parameter syntax'
        break
      case 'ENVID':
        if (!value) return '501 5.5.4 Bad ENVID parameter syntax'
        break
      case 'AUTH':
        break
      case 'SMTPUTF8':
        if (value !== undefined) return unsupported(param)
        break
      default:
        return unsupported(param)
    }
  }
  return undefined
}

/** RCPT's parameters (RFC 3461). */
export function judgeRcpt(params: readonly string[]): string | undefined {
  for (const param of params) {
    const [name = '', value = ''] = param.split(/=(.*)/s)
    if (name.toUpperCase() === 'NOTIFY') {
      if (!/^(NEVER|(SUCCESS|FAILURE|DELAY)(,(SUCCESS|FAILURE|DELAY)){0,2})$/i.test(value))
        return '501 5.5.4 Error: Bad NOTIFY parameter syntax'
    } else if (name.toUpperCase() === 'ORCPT') {
      if (!/^[^;]+;./.test(value)) return '501 5.5.4 Error: Bad ORCPT parameter syntax'
    } else return unsupported(param)
  }
  return undefined
}

const unsupported = (param: string) => `555 5.5.4 Unsupported option: ${param}`
