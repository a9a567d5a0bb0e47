import https from 'node:https'
import type { Skep } from './skep.ts'

type Reply = { status: number; cookie: string | undefined; body: unknown }

/** A program that uses the page's API over HTTPS, logged in as the first account. */
export async function logIn(program: Skep): Promise<{ get(route: string): Promise<unknown> }> {
  const credentials = JSON.stringify({ user: 'admin', password: program.password })
  const { status, cookie, body } = await ask(program, 'POST', 'login', credentials)
  if (status !== 200 || !cookie) throw new Error(`log-in answered ${status}: ${JSON.stringify(body)}`)
  return {
    async get(route) {
      const reply = await ask(program, 'GET', route, undefined, cookie)
      if (reply.status !== 200) throw new Error(`${route} answered ${reply.status}: ${JSON.stringify(reply.body)}`)
      return reply.body
    },
  }
}

function ask(program: Skep, method: string, route: string, body?: string, cookie?: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = {
      'x-skep-request': 'test',
      ...(body ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {}),
      ...(cookie ? { cookie } : {}),
    }
    // The certificate is the program's own.
    const options = { method, headers, rejectUnauthorized: false, agent: false as const }
    const request = https.request(new URL(`api/v1/${route}`, program.page), options, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          cookie: response.headers['set-cookie']?.[0]?.split(';')[0],
          body: JSON.parse(Buffer.concat(chunks).toString('utf8') || 'null'),
        }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}
