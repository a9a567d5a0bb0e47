import { accessOf, attentive } from '#access/access.ts'
import { computerOf } from '#access/machine.ts'
import { text } from '#events/text.ts'
import { loadPrograms } from '#machine/commands/index.ts'
import { witnessOf } from '#machine/witness.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import { authenticate } from './auth.ts'
import { serve } from './connection.ts'
import { authenticate as authenticateByDropbear } from './dropbear/auth.ts'
import { readIdentification } from './dropbear/identification.ts'
import { dropbearOf } from './dropbear/server.ts'
import { exchangeIdentification } from './identification.ts'
import { hassh, lists, type Offer } from './kexinit.ts'
import type { Options } from './options.ts'
import { serverOf } from './server.ts'
import { Transport } from './transport.ts'

/** Seconds without a word, and in all, after a log-in. sshd has neither, but a machine has only so much room. */
const patience = 3600
const longest = 24 * 3600

/** One client: who it is, whether it gets in, and what it does then. */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const { options, persona, record, random, pause } = cx
  const device = options.device === 'dropbear'
  const model = device ? 'router' : 'server'
  const server = device ? dropbearOf(persona) : serverOf(persona)
  let version: string | undefined
  /** Who called, once: with the offer when there was one. */
  const hello = (offer?: Offer) => {
    if (version === undefined) return
    record.sshHello({ version, ...(offer ? { hassh: hassh(offer), algorithms: readable(offer) } : {}) })
    version = undefined
  }
  let transport: Transport
  let theirs: string
  try {
    const heard = (said: string) => {
      version = said
    }
    if (server.manners.hasty) {
      await conn.write(`${server.identification}\r\n`)
      transport = new Transport({ conn, server, theirs: '', random })
      await transport.begin()
      theirs = await readIdentification(conn, heard)
      transport.identified(theirs)
    } else {
      theirs = await exchangeIdentification(conn, server.identification, heard)
      transport = new Transport({ conn, server, theirs, random })
    }
    await transport.start(hello)
  } finally {
    hello()
  }
  const access = accessOf(cx, options.access)
  const entered = await (device ? authenticateByDropbear : authenticate)({
    transport,
    record,
    random,
    pause,
    timingSecret: server.timingSecret,
    keyboardInteractive: options.keyboardInteractive,
    access,
    computer: () => computerOf(cx, model),
  })
  if (!entered) return
  conn.patience = patience
  conn.lifetime = longest
  const recording = witnessOf(cx)
  try {
    await serve({
      ...cx,
      ...entered,
      conn,
      transport,
      server,
      flow: server.starts.flow,
      client: theirs,
      computer: computerOf(cx, model),
      witness: attentive(recording, access),
    })
  } finally {
    await recording.settled()
  }
}

/** An offer as it goes into an event: bounded, and every name printable. */
const readable = (offer: Offer): Record<string, string[]> =>
  Object.fromEntries(
    lists.map(list => [list, offer[list].slice(0, 100).map(name => text(Buffer.from(name, 'latin1'), 100))]),
  )

export { loadPrograms }
