import { createHash } from 'node:crypto'
import { type Draw, drawFrom } from '#persona/draw.ts'
import type { Persona } from '#persona/persona.ts'
import { dotted, ipv4Of, ipv6Of, placeOf } from './internet/addresses.ts'
import { contentOf } from './internet/content.ts'
import { movedTo } from './internet/moved.ts'
import { addressesOf, delegated, hostName } from './internet/names.ts'
import { partsOf } from './internet/url.ts'
import { machineSettings, type Policy } from './settings.ts'
import type { Fetched, Internet } from './system.ts'

/** Ports that hosts out there answer on more often than not. */
const usual = new Set([
  21, 22, 23, 25, 53, 69, 80, 110, 143, 443, 465, 587, 993, 995, 3333, 5555, 8000, 8080, 8443, 9999,
])
const servers = ['nginx', 'nginx/1.18.0 (Ubuntu)', 'nginx/1.22.1', 'Apache/2.4.52 (Ubuntu)', 'Apache/2.4.62 (Debian)']
/** URLs whose content is remembered as ours. */
const mostServed = 4096

/** The network that is not there, as this persona sees it; by default as the operator wants it for this sensor. */
export const createInternet = (
  persona: Persona,
  policy: Policy = machineSettings(persona).downloads ?? 'plausible',
): Internet => {
  const seed = persona.derive('internet', 32)
  const draw = (label: string): Draw => drawFrom(seed, label)
  const served = new Set<string>()

  const resolve: Internet['resolve'] = name => {
    const v4 = ipv4Of(name)
    if (v4 !== undefined) return { v4: dotted(v4) }
    const v6 = ipv6Of(name)
    if (v6 !== undefined) return { v4: '', v6 }
    const host = hostName(name)
    if (host === undefined) return undefined
    if (host === 'localhost' || host.endsWith('.localhost')) return { v4: '127.0.0.1', v6: '::1' }
    return delegated(host) ? addressesOf(host, draw(`name ${host}`)) : undefined
  }

  /** Half a round trip is drawn by network: neighbours are as far. */
  const distance = (address: string): number => {
    const network = address.split(/[.:]/).slice(0, 2).join('.')
    return draw(`distance ${network}`).between(4, 210) / 1000
  }

  const connect: Internet['connect'] = (host, port) => {
    const found = resolve(host)
    const address = found?.v4 || found?.v6
    if (!address) return { seconds: 0.1, refused: 'EHOSTUNREACH' }
    const place = placeOf(address)
    if (place === 'loopback' || place === 'any') return { seconds: 0, refused: 'ECONNREFUSED' }
    if (place === 'metadata' || place === 'link-local') return { seconds: 3.06, refused: 'EHOSTUNREACH' }
    if (place === 'multicast' || place === 'reserved') return { seconds: 0, refused: 'EHOSTUNREACH' }
    // Nobody else's private network is routed in a hosting network, and nobody says so.
    if (place === 'private') return { seconds: 131, refused: 'ETIMEDOUT' }
    const seconds = Math.max(0.002, distance(address) * (0.97 + draw(`path ${address}`).below(60) / 1000))
    const luck = draw(`port ${address} ${port}`).below(1000)
    if (policy === 'refused')
      return luck < 600 ? { seconds: 131, refused: 'ETIMEDOUT' } : { seconds, refused: 'ECONNREFUSED' }
    if (!usual.has(port) && port < 1024 && luck < 500)
      return luck < 200 ? { seconds: 131, refused: 'ETIMEDOUT' } : { seconds, refused: 'ECONNREFUSED' }
    if (luck < 20) return { seconds: 131, refused: 'ETIMEDOUT' }
    return { seconds }
  }

  const remember = (body: Buffer): void => {
    const key = createHash('sha1').update(body).digest('base64')
    served.delete(key)
    served.add(key)
    if (served.size > mostServed) served.delete(served.values().next().value!)
  }

  const fetch = (url: string): Fetched => {
    const parts = partsOf(url)
    if (!parts) return { refused: 'ENOTFOUND', seconds: 0 }
    if (!resolve(parts.host))
      return { refused: 'ENOTFOUND', seconds: 0.05 + draw(`lookup ${parts.host}`).below(90) / 1000 }
    const line = connect(parts.host, parts.port)
    if (line.refused) return { refused: line.refused, seconds: line.seconds }
    const label = `file ${parts.host}:${parts.port}${parts.path}`
    const luck = draw(label)
    const moved = movedTo(parts, persona.derive(`moved ${label}`, 20).toString('hex'))
    if (moved) {
      const { status, location, body } = moved
      remember(body)
      const server = parts.host.includes('github') ? 'GitHub.com' : 'nginx'
      return { status, type: 'text/html', body, server, location, seconds: line.seconds + 0.01 }
    }
    // A release's file has its name in the query.
    const named = /[?&]response-content-disposition=attachment%3B%20filename%3D([^&]+)/.exec(parts.path)?.[1]
    const archive = /^\/[^/]+\/[^/]+\/(tar\.gz|zip)\/(.+)$/.exec(parts.host === 'codeload.github.com' ? parts.path : '')
    const path = archive ? `/${archive[2]}.${archive[1]}` : named === undefined ? parts.path : `/${named}`
    const content = contentOf(parts.host, path, luck, persona.derive(label, 16))
    remember(content.body)
    // From 2 to 40 MB a second, after one round trip.
    const rate = draw(`rate ${parts.host}`).between(2, 40) * 1e6
    return {
      status: 200,
      ...content,
      server: draw(`server ${parts.host}`).pick(servers),
      modified: persona.installedAt + luck.below(86_400 * 20) * 1000,
      seconds: line.seconds + content.body.length / rate,
    }
  }

  return {
    resolve,
    connect,
    fetch,
    made: data => served.has(createHash('sha1').update(data).digest('base64')),
  }
}
