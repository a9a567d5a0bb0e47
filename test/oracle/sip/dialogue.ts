import { createHash } from 'node:crypto'
import type { Exchange } from '../kit/dialogue.ts'

const md5 = (text: string) => createHash('md5').update(text, 'latin1').digest('hex')
const quoted = (name: string, challenge: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? ''

/**
 * A step with its log-in: `@USER PASSWORD METHOD URI@` becomes the Digest credentials (RFC 2617) for the challenge heard
 * last, with a client nonce where the challenge has a qop.
 */
export function withCredentials(step: string, heard: string): string {
  const challenge = /^(?:WWW|Proxy)-Authenticate: (.*)$/m.exec(heard)?.[1] ?? ''
  return step.replace(/@(\S+) (\S+) (\S+) (\S+)@/, (_, user: string, password: string, method: string, uri: string) => {
    const [realm, nonce, opaque] = [quoted('realm', challenge), quoted('nonce', challenge), quoted('opaque', challenge)]
    const [ha1, ha2] = [md5(`${user}:${realm}:${password}`), md5(`${method}:${uri}`)]
    const start = `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}"`
    const more = opaque === '' ? '' : `, opaque="${opaque}"`
    if (!/\bqop=/.test(challenge)) return `${start}, response="${md5(`${ha1}:${nonce}:${ha2}`)}", algorithm=MD5${more}`
    const response = md5(`${ha1}:${nonce}:00000001:0a4f113b:auth:${ha2}`)
    return `${start}, response="${response}", algorithm=MD5, cnonce="0a4f113b", qop=auth, nc=00000001${more}`
  })
}

/** The client's part; `ask` sends and gives what was heard before it became quiet, and whether it is over. */
export async function talkTo(
  steps: readonly string[],
  ask: (bytes: string) => Promise<{ heard: string; closed: boolean }>,
): Promise<Exchange[]> {
  const exchanges: Exchange[] = []
  let challenge = ''
  for (const sent of steps) {
    const { heard, closed } = await ask(withCredentials(sent, challenge))
    if (/^(?:WWW|Proxy)-Authenticate: /m.test(heard)) challenge = heard
    exchanges.push({ sent, heard, ...(closed ? { closed } : {}) })
    if (closed) break
  }
  return exchanges
}
