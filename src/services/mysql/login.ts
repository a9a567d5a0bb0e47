import { type Access, accessOf } from '#access/access.ts'
import { literalPasswords } from '#access/rule.ts'
import { text } from '#events/text.ts'
import { Malformed } from '#sensor/endings.ts'
import { badHandshake, failed } from './errors.ts'
import { greeting, NATIVE, newSalt, parseResponse, type Response, SHA2 } from './handshake.ts'
import { decrypted, nativeAnswer, nativeHash, publicKey, sha2Answer, sha2Hash } from './scramble.ts'
import type { Cx, Server, Session } from './state.ts'
import { Out, OutOfOrder, TooLarge, type Wire } from './wire.ts'
import { candidates } from './words.ts'

const said = (latin1: string, most = 256) => text(Buffer.from(latin1, 'latin1'), most)

/** Broken handshakes until a host is blocked (max_connect_errors). */
const BROKEN = 100

export type Person = Pick<Response, 'user' | 'database' | 'flags' | 'extended' | 'charset'>
type Visit = { wire: Wire; cx: Cx; server: Server; thread: number; salt: Buffer; access: Access }

/** Greets, and finds out who it is; `undefined` when they were sent away. */
export async function logIn(
  wire: Wire,
  cx: Cx,
  server: Server,
  thread: number,
): Promise<{ person: Person; salt: Buffer } | undefined> {
  if (server.broken >= BROKEN) {
    await wire.fail(blocked(cx, server))
    return undefined
  }
  const salt = newSalt(cx.random, server.product)
  const visit = { wire, cx, server, thread, salt, access: accessOf(cx, cx.options.access) }
  const tls = cx.options.tls === 'on' || (cx.options.tls === 'product' && server.product === 'MySQL')
  await wire.send(greeting({ product: server.product, version: server.version, thread, salt, tls }))
  const response = await respond(visit, tls)
  if (!response) return undefined
  server.broken = 0
  for (const [name, value] of response.attributes) cx.record.environment({ name: said(name), value: said(value, 1024) })
  return (await identify(visit, response)) ? { person: response, salt } : undefined
}

const blocked = ({ source }: Cx, { product }: Server) =>
  failed(
    1129,
    'HY000',
    `Host '${source.ip}' is blocked because of many connection errors; unblock with '${product === 'MariaDB' ? 'mariadb-admin' : 'mysqladmin'} flush-hosts'`,
  )

async function respond({ wire, cx, server }: Visit, tls: boolean): Promise<Response | undefined> {
  try {
    let response = parseResponse(await wire.read())
    if (response === 'ssl') {
      if (!tls) throw new Malformed('TLS was not offered')
      await cx.startTls()
      cx.encrypted = true
      response = parseResponse(await wire.read())
      if (response === 'ssl') throw new Malformed('TLS within TLS')
    }
    return response
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    server.broken++
    // A packet that is none is not answered.
    if (error instanceof OutOfOrder || error instanceof TooLarge) throw error
    await wire.fail(badHandshake)
    throw error
  }
}

/** The credentials; true when they are good. */
async function identify(visit: Visit, response: Response): Promise<boolean> {
  const { server, wire } = visit
  const { user } = response
  const proof = server.product === 'MariaDB' ? await nativeProof(visit, response) : await sha2Proof(visit, response)
  const good = decide(visit, user, proof)
  if (!good) await wire.fail(denied(visit.cx, user, proof.used))
  return good
}

export type Proof = {
  method: string
  /** Was anything sent for a password? */
  used: boolean
  password: string | undefined
  hash: string | undefined
}

/** Records a log-in and says whether it is good. */
export function decide(
  { cx, server, access }: Pick<Visit, 'cx' | 'server' | 'access'>,
  user: string,
  proof: Proof,
): boolean {
  const { password, hash } = proof
  // What nobody here can read is a password all the same: the policy counts it as one, and the next time as the same.
  const good =
    password !== undefined
      ? access.password(user, password)
      : server.unseen.has(user) || access.password(user, `\0${hash}`)
  if (good && password === undefined) server.unseen.add(user)
  cx.record.login({
    method: proof.method,
    user: said(user),
    ...(password === undefined ? {} : { password: said(password) }),
    ...(hash === undefined ? {} : { hash }),
    outcome: good ? 'success' : 'failure',
  })
  return good
}

export const denied = ({ source }: Cx, user: string, used: boolean) =>
  failed(1045, '28000', `Access denied for user '${user}'@'${source.ip}' (using password: ${used ? 'YES' : 'NO'})`)

/** mysql_native_password, after an auth switch where the client began with something else. */
async function nativeProof({ wire, cx, salt }: Visit, { user, answer, plugin }: Response): Promise<Proof> {
  let proof = answer
  if (plugin !== undefined && plugin !== NATIVE) {
    await wire.send(authSwitch(NATIVE, salt))
    proof = await wire.read()
  }
  return readNative(cx, user, salt, proof)
}
export const authSwitch = (plugin: string, salt: Buffer): Buffer =>
  new Out().u8(0xfe).cstring(plugin).bytes(salt).u8(0).done

export function readNative(cx: Cx, user: string, salt: Buffer, proof: Buffer): Proof {
  if (proof.length === 0) return { method: NATIVE, used: false, password: '', hash: undefined }
  if (proof.length !== 20)
    return { method: NATIVE, used: true, password: undefined, hash: nativeHash(salt, proof.subarray(0, 64)) }
  const password = guessed(cx, user, word => nativeAnswer(word, salt).equals(proof))
  return { method: NATIVE, used: true, password, hash: nativeHash(salt, proof) }
}
function guessed({ options }: Cx, user: string, fits: (word: string) => boolean): string | undefined {
  for (const word of candidates(user, literalPasswords(options.access.rules))) if (fits(word)) return word
  return undefined
}

/** caching_sha2_password: the fast path for those who were here, else the whole password, sealed by TLS or by our key. */
async function sha2Proof({ wire, cx, salt, server }: Visit, { user, answer, plugin }: Response): Promise<Proof> {
  let proof = answer
  if (plugin !== SHA2) {
    await wire.send(authSwitch(SHA2, salt))
    proof = await wire.read()
  }
  const empty = proof.length === 0 || (proof.length === 1 && proof[0] === 0)
  if (empty) return { method: SHA2, used: false, password: '', hash: undefined }
  const hash = sha2Hash(salt, proof.subarray(0, 64))
  const known = server.cached.get(user)
  if (known !== undefined && sha2Answer(known, salt).equals(proof)) {
    await wire.send(Buffer.of(1, 3))
    return { method: SHA2, used: true, password: known, hash }
  }
  await wire.send(Buffer.of(1, 4))
  let sealed = await wire.read()
  let password: string | undefined
  if (cx.encrypted) password = sealed.toString('latin1').replace(/\0$/, '')
  else {
    const { key } = cx.persona.certificate('other')
    if (sealed.length === 1 && sealed[0] === 2) {
      await wire.send(Buffer.concat([Buffer.of(1), Buffer.from(publicKey(key))]))
      sealed = await wire.read()
    }
    password = decrypted(sealed, key, salt)
  }
  if (password !== undefined) server.cached.set(user, password.slice(0, 256))
  if (server.cached.size > 64) server.cached.delete(server.cached.keys().next().value!)
  return { method: SHA2, used: true, password, hash }
}

/** What COM_CHANGE_USER and the first log-in make of a person. */
export const settle = (session: Session, { user, database, charset }: Person): void => {
  Object.assign(session, { user, charset, database: database ?? '' })
}
