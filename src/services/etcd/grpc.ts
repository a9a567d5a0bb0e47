import { type Call, type Method, methods } from './api.ts'
import { note } from './capture.ts'
import type { Handler, Head, Reply } from './http2.ts'
import { decode, encode } from './protobuf.ts'
import { Refusal } from './refusal.ts'

/** Called when a call is answered, with gRPC's status. */
export type Told = (head: Head, bytes: number) => void

/** The API over gRPC: one call a stream, its message in protobuf. */
export const grpcHandler =
  (call: Call, told: Told): Handler =>
  (head, reply) => {
    const path = (head.get(':path') ?? '').replace(/^\/etcdserverpb\./, '')
    const method = methods.get(path)
    let over = false
    let bytes = 0
    return async message => {
      if (over) return
      bytes += message?.length ?? 0
      if (!method) {
        over = true
        told(head, bytes)
        return reply.end(12, unknown(head.get(':path') ?? ''))
      }
      if (message) {
        over = !method.stream
        await answerOne(path, method, message, call, reply)
        if (over) told(head, bytes)
        return
      }
      over = true
      told(head, bytes)
      // A stream ends when its client has said all; a call without a message is none.
      reply.end(method.stream ? 0 : 13, method.stream ? '' : 'EOF')
    }
  }

async function answerOne(path: string, method: Method, message: Buffer, call: Call, reply: Reply): Promise<void> {
  const request = decode(method.request, message)
  await note(path, request, call.cx)
  try {
    const answer = encode(method.response, method.run(request, call))
    reply.message(answer)
    if (!method.stream) reply.end(0, '')
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    reply.end(error.code, error.message)
  }
}

/** server.go of grpc-go 1.2x: which of the two it does not know. */
function unknown(path: string): string {
  const at = path.lastIndexOf('/')
  if (path[0] !== '/' || at <= 0) return `malformed method name: ${JSON.stringify(path)}`
  const [service, method] = [path.slice(1, at), path.slice(at + 1)]
  return /^etcdserverpb\.(?:KV|Watch|Lease|Cluster|Maintenance|Auth)$/.test(service)
    ? `unknown method ${method} for service ${service}`
    : `unknown service ${service}`
}
