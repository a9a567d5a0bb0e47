import { parseClientHello } from '#codec/tls-hello.ts'
import { guise } from '#persona/guise.ts'
import type { Conn, Limits } from './conn.ts'
import { type Lead, type Running, run } from './converse.ts'
import { Malformed } from './endings.ts'
import type { Tunnel } from './service.ts'
import { leadStranger } from './strangers.ts'
import { peekHello } from './tls.ts'

/** Who stands for the web out there: its `session` inside a tunnel. */
const WEB = 'proxy'
const NOBODY = 'catchall'

/**
 * Who goes on with a peer inside a tunnel that a decoy pretends: mail servers, SSH servers and so on are the sensor's own
 * decoys under another name; the web is what the proxy knows of it; what nobody speaks is recorded by the catch-all. Each
 * keeps a memory of its own, so that what is done out there is not found here.
 */
export const leadInside =
  (house: ReadonlyMap<string, Running>, limitsOf: (running: Running) => Limits): Lead =>
  async (conn, tunnel, world) => {
    const web = house.get(WEB)
    const nobody = house.get(NOBODY) ?? web
    if (!nobody) return undefined
    const away = new Map(house)
    if (web) away.set('http', web)
    const led = await leadStranger(conn, tunnel.port, away, nobody)
    const named = led.tls ? await serverName(conn) : undefined
    const persona = guise(world.persona, named ?? tunnel.host)
    const found = led.tls ? encrypted(tunnel, away, led.running) : led.running
    conn.under(limitsOf(found))
    const { attackers } = world
    return {
      running: run(found.service, found.options, persona),
      tls: led.tls,
      world: {
        ...world,
        persona,
        attackers: { state: (room, ip, now, make) => attackers.state(`${room} inside`, ip, now, make) },
      },
    }
  }

/** Of services that speak TLS from the first byte, the one whose port it is. */
const encrypted = ({ port }: Tunnel, house: ReadonlyMap<string, Running>, web: Running): Running =>
  [...house].find(
    ([name, { service }]) => name !== 'http' && service.listen.some(at => at.tls === true && at.port === port),
  )?.[1] ?? web

/** The name that a ClientHello asks for; of a broken one TLS itself will tell. */
async function serverName(conn: Conn): Promise<string | undefined> {
  const hello = await peekHello(conn)
  try {
    return hello && parseClientHello(hello).serverName
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}
