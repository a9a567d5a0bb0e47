import { asksForProxy, PROXY_TELLS } from '#payload/identify/proxy.ts'
import { type Identity, identify } from '#payload/identify.ts'
import type { Conn } from './conn.ts'
import type { Running } from './converse.ts'

/** Seconds that a client may keep us waiting before it is taken for one that waits for us: few, which share timers. */
const PATIENCE = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
/** Bytes that tell what is spoken, at most. */
const ENOUGH = 1024

/** Who speaks with somebody that came to a port of nobody's. */
export type Host = { running: Running; tls: boolean }

/** Services that speak first, by their own port; a second copy of one is put on a port that ends like it: 2222, 10025. */
const speaksFirst = [
  [21, 'ftp'],
  [22, 'ssh'],
  [23, 'telnet'],
  [25, 'smtp'],
  [110, 'pop3'],
  [119, 'nntp'],
  [143, 'imap'],
  [587, 'smtp'],
  [873, 'rsync'],
  [3306, 'mysql'],
  [5900, 'vnc'],
] as const

/**
 * Leads whoever comes to a port of nobody's to the decoy that their first words ask for, on that port; the silent to the
 * one that would be expected there, since such protocols wait for the server to begin. The rest stays with `nobody`.
 */
export async function leadStranger(
  conn: Conn,
  port: number,
  house: ReadonlyMap<string, Running>,
  nobody: Running,
): Promise<Host> {
  const host = (name: string | undefined, tls = false): Host | undefined => {
    const running = name === undefined ? undefined : house.get(name)
    return running?.service.session && (!tls || running.service.tls) ? { running, tls } : undefined
  }
  const patience = PATIENCE[Math.floor(Math.random() * PATIENCE.length)]!
  let found: Identity | undefined
  for (let looked = 0; ; ) {
    const seen = await conn.glance(looked + 1, patience, ENOUGH)
    if (seen.length > looked) found = identify(seen, port)
    if (!found) break
    // A true beginning may become more; whoever stops there is taken at that word.
    if (found.verdict === 'more' && seen.length > looked && seen.length < ENOUGH) {
      looked = seen.length
      continue
    }
    const spoken = found.verdict === 'known' ? found.protocol : found.verdict === 'more' ? found.soFar : undefined
    const proxy = spoken?.protocol === 'http' && asksForProxy(seen) ? host('proxy') : undefined
    const asked = proxy ?? (spoken?.protocol === 'tls' ? host('http', true) : host(spoken?.service))
    return asked ?? { running: nobody, tls: false }
  }
  const expected = speaksFirst.find(([own]) => port % 10 ** String(own).length === own)
  return host(expected?.[1]) ?? { running: nobody, tls: false }
}

/** Whoever asks for a proxy where there is a web server that lets it: to the proxy. The silent wait no longer than others. */
export async function leadToProxy(conn: Conn, house: ReadonlyMap<string, Running>, web: Running): Promise<Host> {
  const proxy = house.get('proxy')
  const asked = proxy && asksForProxy(await conn.glance(PROXY_TELLS, PATIENCE[0]!))
  return { running: asked ? proxy : web, tls: false }
}
