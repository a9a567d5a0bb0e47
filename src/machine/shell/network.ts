import { greetingOf, replyTo, unfinished, urlAsked } from '../internet/peer.ts'
import { isAddress, lookup, reach } from '../internet/reach.ts'
import { complain, fsOf, type Shell, whoOf } from './state.ts'
import { type Handle, handleOf } from './streams.ts'
import { pause, spend, wakeAll } from './world.ts'

/** Bytes sent through one connection that are kept. */
const mostSent = 64 << 10

/** Seconds until whoever is connected to hangs up on a shell that waits for its orders. */
const patience = (address: string): number => 8 + (address.charCodeAt(address.length - 1) % 24)

/**
 * bash's /dev/tcp/HOST/PORT and /dev/udp: nothing is connected. What is written is kept for the record; a request of
 * HTTP is answered. A string is why it failed, the first message being told already.
 */
export const networkHandle = async (
  sh: Shell,
  kind: 'tcp' | 'udp',
  host: string,
  service: string,
): Promise<Handle | string> => {
  const { world } = sh
  const root = world.process
  const caller = { host: root.host, fs: fsOf(sh), who: whoOf(sh), now: root.now, step: root.step }
  const port = /^\d{1,5}$/.test(service) && Number(service) < 65_536 ? Number(service) : servicePort(service)
  const note = (sent: Buffer) =>
    root.host.witness.connection({ host, port: port ?? 0, tool: `/dev/${kind}`, ...(sent.length > 0 ? { sent } : {}) })
  if (port === undefined) {
    await complain(sh, `${service}: Servname not supported for ai_socktype`)
    return 'Invalid argument'
  }
  const asking = { ...root, ...caller }
  const addresses = lookup(asking, host)
  if (!addresses) {
    note(Buffer.alloc(0))
    if (!isAddress(host)) await root.sleep(0.05)
    await complain(sh, `${host}: Name or service not known`)
    return 'Invalid argument'
  }
  let address = addresses[0]!
  for (const one of addresses) {
    address = one
    if (kind === 'udp') break
    const made = reach(asking, one, port)
    if (made.seconds > 0) await root.sleep(made.seconds)
    if (made.refused === undefined) break
    if (one !== addresses.at(-1)) continue
    note(Buffer.alloc(0))
    const text = {
      ECONNREFUSED: 'Connection refused',
      ETIMEDOUT: 'Connection timed out',
      EHOSTUNREACH: 'No route to host',
      ENETUNREACH: 'Network is unreachable',
    }[made.refused]
    await tellConnect(sh, text)
    return text
  }
  return connection(sh, { caller, host, port, address, note, quiet: kind === 'udp' })
}

/** The one message of bash's that has no line. */
const tellConnect = async (sh: Shell, text: string): Promise<void> => {
  const output = sh.handles.get(2)?.output
  await output?.write(`${sh.script}: connect: ${text}\n`)
}

const servicePort = (name: string): number | undefined =>
  new Map([
    ['http', 80],
    ['https', 443],
    ['ssh', 22],
    ['telnet', 23],
    ['ftp', 21],
    ['smtp', 25],
    ['domain', 53],
  ]).get(name)

type Line = {
  caller: Parameters<typeof replyTo>[0]
  host: string
  port: number
  address: string
  note(sent: Buffer): void
  quiet: boolean
}

const connection = (sh: Shell, { caller, host, port, address, note, quiet }: Line): Handle => {
  const { world } = sh
  const sent: Buffer[] = []
  const sleepers = new Set<() => void>()
  let size = 0
  let ready = quiet ? undefined : greetingOf(caller, port, address)
  let over = false
  let noted = false
  const tell = () => {
    if (!noted) note(Buffer.concat(sent))
    noted = true
  }
  return handleOf({
    input: {
      async read() {
        if (ready) {
          const data = ready
          ready = undefined
          return data
        }
        if (over) return undefined
        // Nobody says anything more; after a while the other side hangs up.
        const hung = world.process.sleep(patience(address)).then(() => {
          over = true
          wakeAll(sleepers)
        })
        hung.catch(() => {})
        await pause(world, sleepers)
        const data = ready
        ready = undefined
        return data
      },
    },
    output: {
      async write(data) {
        const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data
        spend(world, 1 + (bytes.length >> 12))
        if (size < mostSent) sent.push(bytes.subarray(0, mostSent - size))
        size += bytes.length
        const text = Buffer.concat(sent).toString('latin1')
        const reply = over || unfinished(text) ? undefined : replyTo(caller, host, port, address, text)
        if (!reply) return
        const url = urlAsked(host, port, text)
        if (url) world.process.host.witness.download({ url, tool: '/dev/tcp', argv: [sh.script] })
        ready = reply
        over = true
        wakeAll(sleepers)
      },
    },
    close: tell,
  })
}
