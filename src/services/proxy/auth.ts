import { accessOf } from '#access/access.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'
import { latin } from './wire.ts'

/** What came of a `Proxy-Authorization`. `stale`: the nonce is none of ours. */
export type Verdict = { good: boolean; stale?: boolean }

/** Parameters of a digest (RFC 7616 §3.4). */
const PARAMETERS = 20

/**
 * Looks at the credentials and records them. Who was let in by a connection's earlier request is let in again without another try, since
 * clients send theirs with every request.
 */
export function judge(
  cx: TcpContext<Options>,
  method: string,
  said: string | undefined,
  known: Set<string>,
  nonces: ReadonlySet<string>,
): Verdict {
  const [, scheme = '', rest = ''] = /^(\S+)\s+(.*)$/s.exec(said ?? '') ?? []
  if (/^basic$/i.test(scheme)) {
    const plain = Buffer.from(rest, 'base64').toString('latin1')
    const colon = plain.indexOf(':')
    if (colon < 0) return { good: false }
    const [user, password] = [plain.slice(0, colon), plain.slice(colon + 1)]
    if (known.has(plain)) return { good: true }
    const good = cx.options.authentication !== 'digest' && accessOf(cx, cx.options.access).password(user, password)
    cx.record.login({
      method: 'proxy-basic',
      user: latin(user, 256),
      password: latin(password, 256),
      outcome: good ? 'success' : 'failure',
    })
    if (good) known.add(plain)
    return { good }
  }
  if (!/^digest$/i.test(scheme)) return { good: false }
  const parameters = parametersOf(rest)
  const hash = crackable(method, parameters)
  const user = parameters.get('username') ?? ''
  cx.record.login({
    method: 'proxy-digest',
    user: latin(user, 256),
    ...(hash === undefined ? {} : { hash }),
    outcome: 'failure',
  })
  return { good: false, stale: !nonces.has(parameters.get('nonce') ?? '') }
}

function parametersOf(said: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const [, name = '', quoted, bare] of said.slice(0, 8192).matchAll(/([\w-]{1,32})=(?:"([^"]*)"|([^\s,"]+))/g)) {
    if (found.size >= PARAMETERS) break
    found.set(name.toLowerCase(), quoted ?? bare ?? '')
  }
  return found
}

/** hashcat's mode 11400, made for SIP, whose digest this is: the whole URI is the resource, without a prefix. */
function crackable(method: string, parameters: ReadonlyMap<string, string>): string | undefined {
  const get = (name: string) => parameters.get(name) ?? ''
  const response = get('response').toLowerCase()
  if (!/^[0-9a-f]{32}$/.test(response)) return undefined
  const fields = [
    '',
    '',
    get('username'),
    get('realm'),
    method,
    '',
    get('uri'),
    '',
    get('nonce'),
    get('cnonce'),
    get('nc'),
    get('qop'),
    'MD5',
    response,
  ]
  if (fields.some(field => field.includes('*') || !/^[\x20-\x7e]{0,200}$/.test(field))) return undefined
  return `$sip$*${fields.join('*')}`
}
