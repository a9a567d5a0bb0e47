import type { Conn } from '#sensor/conn.ts'
import { Hangup } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Product, Scene } from './answer.ts'
import { apache } from './apache.ts'
import { Body, type BodyEnd } from './body.ts'
import { capture } from './capture.ts'
import { nginx } from './nginx.ts'
import type { Options } from './options.ts'
import { makeSite } from './site.ts'
import { type Head, type Request, readHead } from './wire.ts'

type Cx = TcpContext<Options>

// One server per persona and options, as a machine runs one: its counters and compressed pages are shared.
const servers = new WeakMap<Options, Product>()
function serverOf({ options, persona }: Cx): Product {
  let product = servers.get(options)
  if (!product) {
    const site = makeSite(persona, options)
    product = persona.software.web.product === 'nginx' ? nginx(persona, site) : apache(persona, site)
    servers.set(options, product)
  }
  return product
}

/** Requests and answers in turn, until one side has had enough. */
export async function session(conn: Conn, cx: Cx): Promise<void> {
  const product = serverOf(cx)
  for (let turn = 0; ; turn++) {
    const scene: Scene = { now: cx.now(), turn, secure: cx.encrypted, local: cx.destination, random: cx.random }
    const head = await nextHead(conn, cx, product, scene)
    if (!head) return
    const { length } = head.raw
    // The head stays in memory for as long as its body takes to come.
    conn.keep(length)
    if (!(await exchange(conn, cx, product, scene, head))) return
    conn.keep(-length)
  }
}

async function nextHead(conn: Conn, cx: Cx, product: Product, scene: Scene): Promise<Head | undefined> {
  const dialect = product.dialect()
  conn.patience = scene.turn === 0 ? product.firstWait : product.keepAlive
  let why = 'The peer left in the middle of a head'
  try {
    const head = await readHead(conn, dialect, cx.now)
    scene.now = cx.now()
    if (head) return head
  } catch (error) {
    if (!(error instanceof Hangup) || error.reason !== 'idle' || conn.held === 0) throw error
    why = 'The head was not finished in time'
  }
  if (conn.held === 0) return undefined
  const head: Head = { raw: await conn.peek(conn.held), refusal: { status: 408, why } }
  if (dialect.request) head.request = dialect.request
  scene.now = cx.now()
  const answer = why.includes('time') ? product.timeout(dialect.request, scene) : undefined
  await capture(cx, head, undefined, answer ?? { status: 0, bytes: head.raw, bodyBytes: 0, close: true })
  if (answer) await conn.write(answer.bytes)
  return undefined
}

/** One request and its answer. True when the connection goes on. */
async function exchange(conn: Conn, cx: Cx, product: Product, scene: Scene, head: Head): Promise<boolean> {
  const { request, refusal } = head
  if (refusal || !request) {
    const answer = product.refuse(refusal ?? { status: 400, why: 'Not HTTP' }, request, scene)
    await capture(cx, head, undefined, answer)
    await conn.write(answer.bytes)
    return false
  }
  const plan = product.plan(request)
  const body = plan.framing && new Body(conn, plan.framing, cx.sample)
  if (plan.refusal) {
    const answer = product.refuse(plan.refusal, request, scene)
    await capture(cx, head, undefined, answer)
    await conn.write(answer.bytes)
    if (body && product.linger > 0) await rest(cx, request, body, product.linger)
    return false
  }
  if (plan.interim) await conn.write('HTTP/1.1 100 Continue\r\n\r\n')
  let end: BodyEnd = 'whole'
  if (body) end = await body.read(plan.patience)
  const answer = product.answer(request, body, end, scene)
  await capture(cx, head, body, answer)
  await conn.write(answer.bytes)
  if (answer.close) return false
  if (end === 'late') return rest(cx, request, body!, product.linger)
  return end === 'whole'
}

/** The rest of a body that was answered before it came. True when it ended well. */
async function rest(cx: Cx, request: Request, body: Body, seconds: number): Promise<boolean> {
  const before = body.size
  const end = await body.read(seconds)
  if (end === 'late') await body.abandon()
  if (body.size === before) return end === 'whole'
  const sample = body.sample ?? (await keep(cx, body.start))
  cx.record.fileUpload({ path: request.path.slice(0, 1024), sample })
  return end === 'whole'
}
async function keep(cx: Cx, bytes: Buffer) {
  const writer = cx.sample()
  await writer.write(bytes)
  return writer.close()
}

/** HTTP spoken to the HTTPS port: both products notice, and say so. */
export async function plainOnTls(conn: Conn, cx: Cx): Promise<void> {
  const product = serverOf(cx)
  const isNginx = cx.persona.software.web.product === 'nginx'
  const begin = (await conn.peek(4)).toString('latin1')
  // OpenSSL knows these four; what else is no ClientHello, Apache hangs up on.
  if (!isNginx && !/^(?:GET |POST|HEAD|PUT )/.test(begin)) return
  const scene: Scene = { now: cx.now(), turn: 0, secure: true, local: cx.destination, random: cx.random }
  const head = await nextHead(conn, cx, product, scene)
  if (!head) return
  if (!isNginx || !head.refusal) head.refusal = { status: 400, variant: 'plain', why: 'Plain HTTP on the HTTPS port' }
  const answer = product.refuse(head.refusal, isNginx ? head.request : undefined, scene)
  await capture(cx, head, undefined, answer)
  await conn.write(answer.bytes)
}
