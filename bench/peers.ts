/** Bare servers of the same runtime, which do what the decoy's client sees and nothing behind it: the floor. */
import { fork } from 'node:child_process'
import http from 'node:http'
import net from 'node:net'

type Ports = Record<'banner' | 'lines' | 'http', number>
export type Bare = { pid: number; ports: Ports; stop(): void }

/** All of them in one process of their own. */
export async function startBare(): Promise<Bare> {
  const child = fork(import.meta.filename, ['serve'])
  const ports = await new Promise<Ports>(resolve => child.once('message', message => resolve(message as Ports)))
  return { pid: child.pid!, ports, stop: () => void child.kill() }
}

const quiet = (socket: net.Socket) => socket.on('error', () => {})
const greeting = '220 ready\r\n'
/** Of the length of nginx's default site. */
const page = 'x'.repeat(615)

function serve() {
  const options = { noDelay: true }
  const servers = {
    banner: net.createServer(options, socket => quiet(socket).resume().write(greeting)),
    // A greeting, then a line for each line.
    lines: net.createServer(options, socket => {
      quiet(socket).write(greeting)
      socket.on('data', chunk => {
        for (const byte of chunk) if (byte === 10) socket.write('530 no\r\n')
      })
    }),
    http: http.createServer((_, response) => response.setHeader('content-type', 'text/html').end(page)),
  }
  const listening = Object.entries(servers).map(
    ([name, server]) =>
      new Promise<[string, number]>(resolve => {
        const listen = { port: 0, host: '127.0.0.1', backlog: 4096 }
        server.listen(listen, () => resolve([name, (server.address() as net.AddressInfo).port]))
      }),
  )
  void Promise.all(listening).then(ports => process.send!(Object.fromEntries(ports)))
  process.once('disconnect', () => process.exit())
}

if (process.argv[1] === import.meta.filename && process.argv[2] === 'serve') serve()
