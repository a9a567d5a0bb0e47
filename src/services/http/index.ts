import { once, service, tcp, tls } from '#sensor/service.ts'
import { type Options, options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** An nginx or Apache with its distribution's default site: what half the Internet's scanners knock at. */
export default service<Options>({
  name: 'http',
  title: 'Web server (nginx or Apache) with its default site',
  replaces: ['snare', 'tanner', 'glastopf', 'h0neytr4p', 'log4pot', 'hellpot', 'honeyaml', 'heralding', 'dionaea'],
  listen: [tcp(80), tls(443), { ...tcp(8080), proxied: true }],
  options,
  limits: { total: 4 * 2 ** 30 },
  tls(persona) {
    const { key, cert } = persona.certificate('web')
    return {
      key,
      cert,
      // ssl_protocols and SSLProtocol allow more; Debian's OpenSSL at security level 2 does not.
      minVersion: 'TLSv1.2',
      ciphers: 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:HIGH:!aNULL:!MD5',
      // What OpenSSL 3.0 offers; later ones add post-quantum groups.
      ecdhCurve: 'X25519:P-256:X448:P-521:P-384',
      honorCipherOrder: persona.software.web.product === 'nginx',
      ALPNProtocols: persona.software.web.product === 'nginx' ? ['http/1.1', 'http/1.0', 'http/0.9'] : ['http/1.1'],
    }
  },
  load: code,
  session: async (conn, cx) => (await code()).session(conn, cx),
  plainOnTls: async (conn, cx) => (await code()).plainOnTls(conn, cx),
})
