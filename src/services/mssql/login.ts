import { type Access, accessOf } from '#access/access.ts'
import { ntlmAnswer, ntlmChallenge, ntlmType } from '#codec/ntlm.ts'
import { text } from '#events/text.ts'
import { Malformed } from '#sensor/endings.ts'
import { type Login, parseLogin7, parseOldLogin } from './login7.ts'
import { agreed, encryption, parsePrelogin, preloginAnswer } from './prelogin.ts'
import { type Seal, seal } from './sealing.ts'
import { challengeIn, spnegoChallenge } from './spnego.ts'
import { type Cx, type Server, serverName } from './state.ts'
import { done, doneBit, type Notice, notice, sspi, TDS, token } from './tokens.ts'
import { packetType, type Wire } from './wire.ts'

const said = (words: string, most = 256) => text(Buffer.from(words, 'utf8'), most)

/** PRELOGINs that one connection may send. */
const MOST_PRELOGINS = 4

export type Entered = { login: Login; version: number }

/** Up to the log-in's outcome; `undefined` when they were sent away. */
export async function logIn(wire: Wire, cx: Cx, server: Server): Promise<Entered | undefined> {
  const { login, old } = await credentials(wire, cx, server)
  const version = old ? 0x04020000 : settled(login.version)
  tell(login, cx)
  if (login.packet >= 512) wire.packet = Math.min(32_767, login.packet)
  const access = accessOf(cx, cx.options.access)
  const good =
    login.sspi.length > 0 ? await integrated(wire, cx, server, login, version, access) : byPassword(login, cx, access)
  if (good) return { login, version }
  if (login.sspi.length === 0) await refuse(wire, cx, version, [failedLogin(login.user)])
  return undefined
}

/** TDS 8.0: 7.4 within TLS. */
export const STRICT = 0x08000000
/** The newest version that both sides speak. */
export function settled(asked: number): number {
  if (asked === STRICT || asked >= TDS.v74) return 0x74000004
  if (asked >= TDS.v73) return asked >= 0x730b0000 ? 0x730b0003 : 0x730a0003
  if (asked >= TDS.v72) return 0x72090002
  return asked >= TDS.v71 ? 0x71000001 : TDS.v70
}

async function credentials(wire: Wire, cx: Cx, server: Server): Promise<{ login: Login; old: boolean }> {
  let sealed: Seal | undefined
  let chosen: number = encryption.none
  // Strict clients (TDS 8.0) begin with TLS, and say everything within.
  if ((await wire.conn.peek(1))[0] === 0x16) {
    if (server.version.startsWith('15.')) throw new Malformed('TLS before TDS, which SQL Server 2019 does not know')
    await cx.startTls()
  }
  for (let n = 0; ; n++) {
    const { type, data } = await wire.read()
    if (type === packetType.prelogin && n < MOST_PRELOGINS) {
      const asked = parsePrelogin(data)
      const strict = cx.encrypted && !sealed
      chosen = strict ? encryption.none : agreed(asked.encryption, cx.options.encryption)
      if (asked.instance !== '' && !/^mssqlserver$/i.test(asked.instance))
        cx.record.environment({ name: 'instance', value: said(asked.instance) })
      await wire.send(preloginAnswer(asked, server.version, strict ? encryption.required : chosen))
      // Who agreed to TLS and goes on without it is heard all the same, unless encryption is forced.
      if (chosen !== encryption.none && (await wire.conn.peek(1))[0] === packetType.prelogin) {
        sealed = await seal(wire, cx)
        if (chosen === encryption.off) wire.between = sealed.between
      } else if (chosen === encryption.required) throw new Malformed('No TLS where it is required')
      continue
    }
    wire.between = undefined
    if (sealed && chosen === encryption.off) {
      await sealed.lift()
      cx.encrypted = false
    }
    if (type === packetType.login) return { login: parseLogin7(data), old: false }
    if (type === packetType.oldLogin) return { login: parseOldLogin(data), old: true }
    throw new Malformed(`A packet of type ${type} before the log-in`)
  }
}

/** All that a client tells of itself. */
function tell(login: Login, { record }: Cx): void {
  const facts: [string, string][] = [
    ['host', login.host],
    ['application', login.app],
    ['server', login.server],
    ['library', login.library],
    ['language', login.language],
    ['database', login.database],
    ['address', /^[0-]*$/.test(login.address) ? '' : login.address],
    ['process', login.pid === 0 ? '' : String(login.pid)],
    ['attach', login.attach],
    ['tds', login.version.toString(16).padStart(8, '0')],
    ['features', login.features.map(([id]) => id).join(' ')],
  ]
  for (const [name, value] of facts) if (value !== '') record.environment({ name, value: said(value) })
}

function byPassword({ user, password, change }: Login, cx: Cx, access: Access): boolean {
  const latin = (words: string) => Buffer.from(words, 'utf8').toString('latin1')
  const good = access.password(latin(user), latin(password))
  cx.record.login({
    method: 'sql',
    user: said(user),
    password: said(password),
    outcome: good ? 'success' : 'failure',
  })
  if (change !== '') cx.record.environment({ name: 'new password', value: said(change) })
  return good
}

/** Windows' log-in: a challenge, whose answer is a hash to crack. Nobody has a password here for it to be held against. */
async function integrated(
  wire: Wire,
  cx: Cx,
  server: Server,
  login: Login,
  version: number,
  access: Access,
): Promise<boolean> {
  const asked = challengeIn(login.sspi)
  if (!asked || ntlmType(asked.message) !== 1) {
    cx.record.login({ method: 'sspi', user: said(login.user), outcome: 'failure' })
    await refuse(wire, cx, version, [untrusted, failedLogin(login.user)])
    return false
  }
  const challenge = cx.random(8)
  const domain = cx.persona.domain
  const message = ntlmChallenge(
    {
      domain: domain.split('.')[0]!.toUpperCase().slice(0, 15),
      computer: serverName(cx).toUpperCase(),
      dnsDomain: domain,
      dnsComputer: cx.persona.fqdn,
      version: [6, 1, 0],
      now: cx.now() + cx.persona.clockSkew,
    },
    challenge,
  )
  await wire.send(sspi(asked.wrapped ? spnegoChallenge(message) : message))
  const { type, data } = await wire.read()
  if (type !== packetType.sspi) throw new Malformed(`A packet of type ${type} where a proof was due`)
  const proof = challengeIn(data)
  if (!proof) throw new Malformed('A proof that is no NTLM')
  const { user, domain: from, workstation, hash } = ntlmAnswer(proof.message, challenge)
  const name = from === '' ? user : `${from}\\${user}`
  const latin = Buffer.from(name, 'utf8').toString('latin1')
  // What nobody here can read is a password all the same: the policy counts it as one, and the next time as the same.
  const good =
    hash !== undefined &&
    (server.unseen.has(latin) || access.password(Buffer.from(user, 'utf8').toString('latin1'), `\0${hash}`))
  if (good && server.unseen.size < 64) server.unseen.add(latin)
  if (workstation !== '') cx.record.environment({ name: 'workstation', value: said(workstation) })
  cx.record.login({
    method: 'ntlm',
    user: said(name),
    ...(hash === undefined ? {} : { hash }),
    outcome: good ? 'success' : 'failure',
  })
  login.user = name
  if (!good) await refuse(wire, cx, version, [untrusted])
  return good
}

export const failedLogin = (user: string): Notice => ({
  number: 18_456,
  state: 1,
  class: 14,
  text: `Login failed for user '${user.slice(0, 128)}'.`,
})
const untrusted: Notice = {
  number: 18_452,
  state: 1,
  class: 14,
  text: 'Login failed. The login is from an untrusted domain and cannot be used with Integrated authentication.',
}

/** Errors, then a DONE that says that something went wrong. */
export async function refuse(wire: Wire, cx: Cx, version: number, errors: readonly Notice[]): Promise<void> {
  const name = serverName(cx)
  await wire.send(...errors.map(error => notice(error, name, version)), done(token.done, version, doneBit.error))
}
