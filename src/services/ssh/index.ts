import { once, service, tcp } from '#sensor/service.ts'
import { maxPacket } from './limits.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** LoginGraceTime: sshd closes without a word when nobody has logged in by then. */
const loginGrace = 120

/** OpenSSH as Debian and Ubuntu install it, and the machine behind it. */
export default service({
  name: 'ssh',
  title: 'OpenSSH server',
  replaces: ['cowrie', 'heralding'],
  listen: [tcp(22)],
  options,
  // The largest packet with its length and the longest tag (hmac-sha2-512).
  limits: { idle: loginGrace, lifetime: loginGrace, inbox: maxPacket + 4 + 64, total: 512 << 20 },
  async load(all) {
    const { loadPrograms } = await code()
    if (all) await loadPrograms()
  },
  session: async (conn, cx) => (await code()).session(conn, cx),
})
