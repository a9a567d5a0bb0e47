// A bare server on the npm package ssh2: keys, log-ins, and `exec` answered with fixed text. Told by IPC to count its CPU.
import { readFileSync } from 'node:fs'

const [port, key] = process.argv.slice(2)
const { Server } = (await import('ssh2' as string)).default

type Context = { method: string; password: string; accept(): void; reject(methods: string[]): void }
type Stream = { write(text: string): void; exit(status: number): void; end(): void }
type Peer = {
  on(name: 'error' | 'ready' | 'authentication' | 'session', listener: (value: never, reject: never) => void): void
}

const serve = (peer: Peer) => {
  peer.on('error', () => {})
  peer.on('authentication', ((context: Context) => {
    if (context.method === 'password' && context.password === 'right') context.accept()
    else context.reject(['password'])
  }) as never)
  peer.on('session', ((accept: () => Peer) => {
    const session = accept()
    session.on('shell' as never, ((take: () => Stream) => take().write('# ')) as never)
    session.on('pty' as never, ((take: () => void) => take()) as never)
    session.on(
      'exec' as never,
      ((take: () => Stream) => {
        const stream = take()
        stream.write('Linux\nuid=0(root)\n2\n')
        stream.exit(0)
        stream.end()
      }) as never,
    )
  }) as never)
}
const server = new Server({ hostKeys: [readFileSync(key!)] }, serve)
server.listen(Number(port), '127.0.0.1', () => process.send!(0))
process.on('message', () => {
  gc?.()
  const { user, system } = process.cpuUsage()
  process.send!((user + system) / 1000)
})
