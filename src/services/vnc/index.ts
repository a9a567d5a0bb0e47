import { once, service, tcp } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** A Linux desktop under TigerVNC: a password of eight characters at most, and a terminal for whoever has it. */
export default service({
  name: 'vnc',
  title: 'Desktop under TigerVNC',
  replaces: ['heralding vnc', 'qeeqbox vnc', 'opencanary vnc', 'rdpy vnc'],
  listen: [tcp(5900), tcp(5901)],
  options,
  limits: { idle: 120, lifetime: 3600, inbox: 512 << 10, total: 32 << 20 },
  // TigerVNC's TLS without certificates: anonymous key exchange, which TLS 1.3 has no more.
  tls: () => ({ ciphers: 'AECDH:ADH:@SECLEVEL=0', dhparam: 'auto', maxVersion: 'TLSv1.2' }),
  async load(all) {
    const { loadPrograms } = await code()
    if (all) await loadPrograms()
  },
  session: async (conn, cx) => (await code()).session(conn, cx),
})
