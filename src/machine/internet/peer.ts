import type { Process } from '../system.ts'
import { type Answer, answer } from './answer.ts'
import { isOwn } from './reach.ts'
import { partsOf } from './url.ts'

/** What of a program the other end of a connection needs. */
export type Caller = Pick<Process, 'host' | 'fs' | 'now' | 'step' | 'who'>

const line = /^(GET|HEAD|POST|PUT) (\S{1,2048})(?: HTTP\/(1\.[01]))?\r?\n/

/** Does the request want more before it is answered? */
export const unfinished = (sent: string): boolean => {
  const found = line.exec(sent)
  return found !== null && found[3] !== undefined && !/\r?\n\r?\n/.test(sent)
}

/** The URL that a request of HTTP on a connection asks for. */
export const urlAsked = (host: string, port: number, sent: string): string | undefined => {
  const [, , target = ''] = line.exec(sent) ?? []
  if (target === '') return undefined
  if (target.startsWith('http://')) return target
  const named = /\r?\nHost:[ \t]*([^\s:]{1,253})/i.exec(sent)?.[1] ?? host
  const name = named.includes(':') ? `[${named}]` : named
  return `http://${name}${port === 80 ? '' : `:${port}`}${target}`
}

/** What whoever is connected to says to what was sent: an answer to a request of HTTP, else nothing. */
export const replyTo = (
  caller: Caller,
  host: string,
  port: number,
  address: string,
  sent: string,
): Buffer | undefined => {
  const found = line.exec(sent)
  if (!found) return undefined
  const [, method = '', , version] = found
  const url = urlAsked(host, port, sent) ?? ''
  const parts = partsOf(url)
  if (!parts) return undefined
  const got = answer(caller, parts, url, address)
  if ('banner' in got) return undefined
  const body = method === 'HEAD' ? Buffer.alloc(0) : got.body
  return version === undefined ? body : Buffer.concat([Buffer.from(headOf(got), 'latin1'), body])
}

const headOf = ({ status, reason, headers }: Answer): string =>
  `HTTP/1.1 ${status} ${reason}\r\n${headers.map(([name, value]) => `${name}: ${name === 'Connection' ? 'close' : value}\r\n`).join('')}\r\n`

/** What is said before anything is asked: this machine's own SSH server, and mail and FTP servers out there. */
export const greetingOf = (caller: Caller, port: number, address: string): Buffer | undefined => {
  const { persona } = caller.host
  if (isOwn(caller, address)) return port === 22 ? Buffer.from(`${persona.software.ssh.identification}\r\n`) : undefined
  if (port === 22) return Buffer.from('SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.13\r\n')
  if (port === 21) return Buffer.from('220 (vsFTPd 3.0.5)\r\n')
  return undefined
}
