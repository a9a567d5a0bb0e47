import * as v from 'valibot'
import { text } from '#events/text.ts'
import { service, tcp } from '#sensor/service.ts'
import { authenticate } from './auth.ts'
import { exchangeIdentification } from './identification.ts'
import { hassh, lists, type Offer } from './kexinit.ts'
import { maxPacket } from './packets.ts'
import { serverOf } from './server.ts'
import { Transport } from './transport.ts'

/** LoginGraceTime: sshd closes without a word when nobody has logged in by then. */
const loginGrace = 120

/** OpenSSH as Debian and Ubuntu install it, up to the log-in that never succeeds. */
export default service({
  name: 'ssh',
  title: 'OpenSSH server',
  replaces: ['cowrie', 'heralding'],
  listen: [tcp(22)],
  options: v.strictObject({
    keyboardInteractive: v.pipe(
      v.optional(v.boolean(), false),
      v.description("`KbdInteractiveAuthentication`, which Debian's sshd_config turns off."),
    ),
  }),
  // The largest packet with its length and the longest tag (hmac-sha2-512).
  limits: { idle: loginGrace, lifetime: loginGrace, inbox: maxPacket + 4 + 64 },
  async session(conn, { options, persona, record, random, pause }) {
    const server = serverOf(persona)
    let version: string | undefined
    /** Who called, once: with the offer when there was one. */
    const hello = (offer?: Offer) => {
      if (version === undefined) return
      record.sshHello({ version, ...(offer ? { hassh: hassh(offer), algorithms: readable(offer) } : {}) })
      version = undefined
    }
    let transport: Transport
    try {
      const theirs = await exchangeIdentification(conn, server.identification, heard => {
        version = heard
      })
      transport = new Transport({ conn, server, theirs, random })
      await transport.start(hello)
    } finally {
      hello()
    }
    await authenticate({
      transport,
      record,
      random,
      pause,
      timingSecret: server.timingSecret,
      keyboardInteractive: options.keyboardInteractive,
    })
  },
})

/** An offer as it goes into an event: bounded, and every name printable. */
const readable = (offer: Offer): Record<string, string[]> =>
  Object.fromEntries(
    lists.map(list => [list, offer[list].slice(0, 100).map(name => text(Buffer.from(name, 'latin1'), 100))]),
  )
