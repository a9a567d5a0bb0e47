import * as v from 'valibot'
import { accessOf, attentive } from '#access/access.ts'
import { computerOf } from '#access/machine.ts'
import { accessOptions } from '#access/options.ts'
import { text } from '#events/text.ts'
import { witnessOf } from '#machine/witness.ts'
import { service, tcp } from '#sensor/service.ts'
import { authenticate } from './auth.ts'
import { serve } from './connection.ts'
import { exchangeIdentification } from './identification.ts'
import { hassh, lists, type Offer } from './kexinit.ts'
import { maxPacket } from './packets.ts'
import { serverOf } from './server.ts'
import { Transport } from './transport.ts'

/** LoginGraceTime: sshd closes without a word when nobody has logged in by then. */
const loginGrace = 120
/** Seconds without a word, and in all, after a log-in. sshd has neither, but a machine has only so much room. */
const patience = 3600
const longest = 24 * 3600

/** OpenSSH as Debian and Ubuntu install it, and the machine behind it. */
export default service({
  name: 'ssh',
  title: 'OpenSSH server',
  replaces: ['cowrie', 'heralding'],
  listen: [tcp(22)],
  options: v.strictObject({
    access: accessOptions,
    keyboardInteractive: v.pipe(
      v.optional(v.boolean(), false),
      v.description("`KbdInteractiveAuthentication`, which Debian's sshd_config turns off."),
    ),
  }),
  // The largest packet with its length and the longest tag (hmac-sha2-512).
  limits: { idle: loginGrace, lifetime: loginGrace, inbox: maxPacket + 4 + 64, total: 512 << 20 },
  async session(conn, cx) {
    const { options, persona, record, random, pause } = cx
    const server = serverOf(persona)
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
      theirs = await exchangeIdentification(conn, server.identification, heard => {
        version = heard
      })
      transport = new Transport({ conn, server, theirs, random })
      await transport.start(hello)
    } finally {
      hello()
    }
    const access = accessOf(cx, options.access)
    const entered = await authenticate({
      transport,
      record,
      random,
      pause,
      timingSecret: server.timingSecret,
      keyboardInteractive: options.keyboardInteractive,
      access,
      computer: () => computerOf(cx),
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
        client: theirs,
        computer: computerOf(cx),
        witness: attentive(recording, access),
      })
    } finally {
      await recording.settled()
    }
  },
})

/** An offer as it goes into an event: bounded, and every name printable. */
const readable = (offer: Offer): Record<string, string[]> =>
  Object.fromEntries(
    lists.map(list => [list, offer[list].slice(0, 100).map(name => text(Buffer.from(name, 'latin1'), 100))]),
  )
