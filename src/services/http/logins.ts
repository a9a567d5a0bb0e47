import { text } from '#events/text.ts'
import { formFields } from './forms.ts'
import type { Request } from './wire.ts'

/** Credentials somebody presented. */
export type Login = { method: string; user?: string; password?: string; hash?: string }

const MOST = 100
const FIELD = 512
const printable = (value: string) => text(Buffer.from(value, 'latin1'), FIELD)

/** Every set of credentials in a request: its Authorization header, its form, its query, its XML-RPC calls. */
export function logins(request: Request, body: Buffer): Login[] {
  const found: Login[] = []
  const header = request.fields.get('authorization')
  if (header !== undefined) found.push(...authorization(header, request.method))
  const type = request.fields.get('content-type') ?? ''
  if (body.length > 0) {
    if (body.includes('<methodCall>')) return [...found, ...xmlRpc(body.toString('utf8'))]
    found.push(...pair(formFields(body, type), /json/i.test(type) ? 'json' : 'form'))
  }
  if (request.query?.includes('=')) found.push(...pair([...new URLSearchParams(request.query)], 'query'))
  return found
}

/** RFC 9110 §11.6.2. */
function authorization(header: string, method: string): Login[] {
  const space = header.indexOf(' ')
  const [scheme, value] = [header.slice(0, space).toLowerCase(), header.slice(space + 1).trim()]
  if (scheme === 'basic') {
    const pairText = Buffer.from(value, 'base64')
    const colon = pairText.indexOf(':')
    if (colon < 0) return [{ method: 'basic', user: text(pairText, FIELD) }]
    const [user, password] = [pairText.subarray(0, colon), pairText.subarray(colon + 1)]
    return [{ method: 'basic', user: text(user, FIELD), password: text(password, FIELD) }]
  }
  if (scheme === 'bearer') return [{ method: 'bearer', password: printable(value) }]
  if (scheme === 'digest') return digest(value, method)
  return []
}

/** RFC 7616, as hashcat's mode 11400 reads it: `$sip$*…*user*realm*method**uri**nonce*cnonce*nc*qop*MD5*response`. */
function digest(value: string, method: string): Login[] {
  const fields = new Map<string, string>()
  for (const [, name = '', quoted, plain] of value.matchAll(/([a-z]{1,12})=(?:"([^"]*)"|([^\s,]*))/gi))
    fields.set(name.toLowerCase(), printable(quoted ?? plain ?? ''))
  const of = (name: string) => (fields.get(name) ?? '').replaceAll('*', '%2A')
  if (!fields.has('username')) return []
  const parts = ['', '', of('username'), of('realm'), method, '', of('uri'), '']
  const proof = [of('nonce'), of('cnonce'), of('nc'), of('qop'), 'MD5', of('response')]
  return [{ method: 'digest', user: fields.get('username')!, hash: `$sip$*${[...parts, ...proof].join('*')}` }]
}

const passwordName = /pass|pwd|psw|psd|secret|^pw$|^p$/i
const userNames = [/user|usr|uname/i, /^log$|login|account|admin|^u$/i, /mail|^name$|^id$/i]

/** A user name and a password among the fields of a form. */
function pair(fields: [string, string][], method: string): Login[] {
  const password = fields.find(([name, value]) => passwordName.test(name) && value !== '')
  if (!password) return []
  const others = fields.filter(field => field !== password && !passwordName.test(field[0]))
  const user = userNames.map(like => others.find(([name]) => like.test(name))).find(field => field !== undefined)
  const cut = (value: string) => value.slice(0, FIELD)
  return [{ method, ...(user ? { user: cut(user[1]) } : {}), password: cut(password[1]) }]
}

/** WordPress log-ins through XML-RPC, of which one system.multicall carries hundreds. */
function xmlRpc(body: string): Login[] {
  const found: Login[] = []
  for (const call of body.split(/\b(?:wp|blogger|metaWeblog|mt)\.[A-Za-z]{3,40}\b/).slice(1, MOST + 1)) {
    const strings = Array.from(call.matchAll(/<(?:string|value)>\s{0,9}([^<]{1,512})</g), match =>
      match[1]!.trim(),
    ).filter(Boolean)
    const [user, password] = strings.slice(/^\d+$/.test(strings[0] ?? '') ? 1 : 0)
    if (user !== undefined && password !== undefined) found.push({ method: 'xmlrpc', user, password })
  }
  return found
}
