import { originOf } from '#machine/internet/origin.ts'
import { internetOf } from '#machine/internet/outside.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext, Tunnel } from '#sensor/service.ts'
import { headOf } from './answer.ts'
import { fieldOf, note, readBody, readHead } from './wire.ts'

/** Requests that one connection may bring, as nginx has it (keepalive_requests). */
const REQUESTS = 1000
const page400 =
  '<html>\r\n<head><title>400 Bad Request</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n'

/** The web server at the far end of a tunnel. */
export async function atOrigin<O>(conn: Conn, cx: TcpContext<O>, { host: asked, port }: Tunnel): Promise<void> {
  const secure = cx.encrypted ? 'https' : 'http'
  for (let n = 0; n < REQUESTS; n++) {
    const head = await readHead(conn, line => !/ HTTP\/1\.\d$/.test(line))
    if (!head) return
    const [, method = '', target = '', version = ''] = /^([A-Z-]{1,32}) (\S+) HTTP\/(1\.\d)$/.exec(head.line) ?? []
    if (method === '') {
      note(cx, { method: head.line.split(' ')[0]!, url: head.line, path: '/', version: '0.9' }, head, undefined, {
        status: 400,
        bytes: page400.length,
      })
      const fields = [
        ['Server', 'nginx'],
        ['Content-Type', 'text/html'],
        ['Content-Length', String(page400.length)],
      ] as const
      return conn.write(
        Buffer.concat([headOf('HTTP/1.1 400 Bad Request', [...fields, ['Connection', 'close']]), Buffer.from(page400)]),
      )
    }
    const body = await readBody(conn, head, cx)
    const host = (fieldOf(head, 'host') ?? asked).replace(/:\d+$/, '').toLowerCase()
    const path = target.startsWith('/') ? target : `/${target.replace(/^https?:\/\/[^/]*\/?/i, '')}`
    const wish = fieldOf(head, 'connection') ?? ''
    const close = n === REQUESTS - 1 || (version === '1.0' ? !/keep-alive/i.test(wish) : /close/i.test(wish))
    const given = originOf(
      internetOf(cx.persona),
      { method, host, port, path, headers: head.headers, from: cx.destination.ip, body: body.start.toString('latin1') },
      cx.now() + cx.persona.clockSkew,
    )
    const url = `${secure}://${host}${path}`
    note(cx, { method, url, host, path, version }, head, body, { status: given.status, bytes: given.body.length })
    await cx.pause(Math.min(given.seconds, 5))
    await conn.write(
      Buffer.concat([
        headOf(`HTTP/1.1 ${given.status} ${given.reason}`, [
          ...given.headers,
          ['Connection', close ? 'close' : 'keep-alive'],
        ]),
        method === 'HEAD' ? Buffer.alloc(0) : given.body,
      ]),
    )
    if (close) return
  }
}
