import http from 'node:http'
import path from 'node:path'

/** Nobody is there to ask: the program is not running, or without its hive. */
export class NoHive extends Error {}

/** Asks the running hive's API through its control socket. Throws `NoHive`, or an `Error` with what the API says. */
export function askHive(data: string, method: 'GET' | 'POST', route: string, body?: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        socketPath: path.join(data, 'state/hive/control.sock'),
        path: `/api/v1${route}`,
        method,
        headers: { 'x-skep-request': 'skep', ...(body ? { 'content-type': 'application/json' } : {}) },
      },
      response => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const answer = JSON.parse(Buffer.concat(chunks).toString('utf8') || 'null') as {
            title?: string
            detail?: string
          }
          if (response.statusCode! < 400) resolve(answer)
          else reject(new Error(answer?.detail ?? answer?.title ?? `Answer ${response.statusCode}`))
        })
      },
    )
    request.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'ENOENT' || error.code === 'ECONNREFUSED'
          ? new NoHive(`No running skep with a store in ${data}`)
          : error,
      ),
    )
    request.end(body && JSON.stringify(body))
  })
}
