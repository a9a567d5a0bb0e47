import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import { helloLength, parseClientHello } from '#codec/tls-hello.ts'
import type { Recorder } from '#events/event.ts'
import { text } from '#events/text.ts'
import type { Conn } from './conn.ts'
import { Hangup, Malformed } from './endings.ts'

export type TlsServer = { context: SecureContext; alpn: string[] | undefined }

/** Does the peer begin with TLS? Waits for as many bytes as the answer needs, and takes none. */
export async function peekHello(conn: Conn): Promise<Buffer | undefined> {
  for (let want = 5; ; ) {
    const seen = await conn.peek(want)
    const length = helloLength(seen)
    if (length === undefined || seen.length < want || length > conn.limits.inbox) return undefined
    if (length <= seen.length) return seen.subarray(0, length)
    want = length
  }
}

/** The server's half of a TLS handshake; the ClientHello is recorded before our answer to it leaves. */
export async function startTls(conn: Conn, server: TlsServer, record: Recorder): Promise<void> {
  const hello = await peekHello(conn)
  if (!hello) throw new Malformed(`Expected a TLS ClientHello, got ${JSON.stringify(text(await conn.peek(1), 64))}`)
  record.tlsHello(parseClientHello(hello))
  await conn.replaceWire(
    wire =>
      new Promise((resolve, reject) => {
        const secure = new TLSSocket(wire as Socket, {
          isServer: true,
          secureContext: server.context,
          ...(server.alpn ? { ALPNProtocols: server.alpn } : {}),
        })
        let established = false
        // A socket without a `tls.Server` tells of a fault inside TLS by this event alone, and stays open over it.
        secure.on('_tlsError', (error: NodeJS.ErrnoException) => {
          if (established) secure.destroy()
          else reject(new Malformed(`TLS handshake: ${error.code ?? error.message}`))
        })
        secure.on('error', () => {})
        const closed = () => reject(new Hangup('eof'))
        secure.once('close', closed)
        secure.once('end', closed)
        secure.once('secure', () => {
          established = true
          resolve(secure)
        })
      }),
  )
}
