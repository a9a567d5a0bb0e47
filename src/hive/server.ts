import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { App } from './app.ts'
import type { Answer, Request } from './message.ts'
import { Problem } from './problem.ts'

const squeeze = promisify(gzip)

/** What one stranger, and all of them together, may take of a page that was exposed by mistake. */
export type ServerLimits = {
  connections: number
  connectionsPerAddress: number
  /** Milliseconds for the TLS handshake, for the headers, for a whole request, without a byte either way. */
  handshake: number
  headers: number
  request: number
  silence: number
}
const defaultServerLimits: ServerLimits = {
  connections: 512,
  connectionsPerAddress: 64,
  handshake: 10_000,
  headers: 10_000,
  request: 30_000,
  silence: 120_000,
}

export type ServerParts = {
  app: App
  certificate: { key: string; cert: string }
  limits?: Partial<ServerLimits>
  /** A fault of ours after an answer had begun, for the log. */
  fault: (error: unknown) => void
}

/** The application behind HTTPS (HTTP/1.1 over TLS 1.2 or newer). */
export function createHttpsServer({ app, certificate, limits, fault }: ServerParts) {
  const { connections, connectionsPerAddress, handshake, headers, request, silence } = {
    ...defaultServerLimits,
    ...limits,
  }
  const server: Server = createServer({
    ...certificate,
    minVersion: 'TLSv1.2',
    handshakeTimeout: handshake,
    headersTimeout: headers,
    requestTimeout: request,
    connectionsCheckingInterval: Math.min(headers, 5000),
    keepAliveTimeout: 20_000,
    maxHeaderSize: 16 << 10,
    noDelay: true,
  })
  server.maxConnections = connections
  server.maxHeadersCount = 100
  server.timeout = silence
  const perAddress = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const count = (perAddress.get(address) ?? 0) + 1
    perAddress.set(address, count)
    socket.once('close', () => {
      const left = perAddress.get(address)! - 1
      if (left) perAddress.set(address, left)
      else perAddress.delete(address)
    })
    if (count > connectionsPerAddress) socket.destroy()
  })
  server.on('request', requestListener(app, fault))

  return {
    listen: (port: number, host: string): Promise<AddressInfo> =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.removeListener('error', reject)
          resolve(server.address() as AddressInfo)
        })
      }),
    /** Lets answers that are under way finish for up to `graceMs`. */
    close: (graceMs: number): Promise<void> =>
      new Promise(resolve => {
        const force = setTimeout(() => server.closeAllConnections(), graceMs)
        server.close(() => {
          clearTimeout(force)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}

/** The application as a listener of any of Node's HTTP servers; `fault` hears of what broke after an answer had begun. */
export const requestListener =
  (app: App, fault: (error: unknown) => void = () => {}) =>
  (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    incoming.on('error', () => outgoing.destroy())
    answerRequest(app, incoming, outgoing).catch(error => {
      // An answer that broke off because its reader left is nobody's fault.
      if (!incoming.socket.destroyed) fault(error)
      outgoing.destroy()
    })
  }

async function answerRequest(app: App, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const request: Request = {
    method: incoming.method ?? '',
    target: incoming.url ?? '',
    headers: incoming.headers,
    address: incoming.socket.remoteAddress ?? '',
    body: max => readBody(incoming, max),
  }
  const answer = await app(request)
  // Rather than reading the rest of a body that nobody wants.
  if (!incoming.complete) outgoing.setHeader('connection', 'close')
  const { body } = answer
  if (typeof body === 'function') {
    outgoing.writeHead(answer.status, answer.headers)
    outgoing.flushHeaders()
    await body(outgoing)
    outgoing.end()
    return
  }
  const { headers, bytes } = await pack(answer, incoming.headers['accept-encoding'])
  outgoing.writeHead(answer.status, { ...headers, ...(bytes === undefined ? {} : { 'content-length': bytes.length }) })
  outgoing.end(request.method === 'HEAD' ? undefined : bytes)
}

const SQUEEZABLE = /^(?:application\/(?:json|problem\+json|javascript|wasm)|text\/|image\/svg)/

/** gzip where it pays; a day of sessions is ten times smaller so. */
async function pack(answer: Answer, accepts: string | string[] | undefined) {
  const { headers } = answer
  if (answer.body === undefined) return { headers, bytes: undefined }
  const bytes = Buffer.from(answer.body as string | Buffer)
  if (bytes.length < 1400 || !SQUEEZABLE.test(headers['content-type'] ?? '')) return { headers, bytes }
  const varied = { ...headers, vary: 'accept-encoding' }
  if (!/\bgzip\b/.test(String(accepts ?? ''))) return { headers: varied, bytes }
  return { headers: { ...varied, 'content-encoding': 'gzip' }, bytes: await squeeze(bytes, { level: 5 }) }
}

async function readBody(incoming: IncomingMessage, max: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length
    if (size > max) throw new Problem(413, `The body is over ${max} bytes`)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}
