import { readFileSync } from 'node:fs'
import type { Persona } from '#persona/persona.ts'
import { type App, apps } from './bait.ts'

/** A file below the document root. */
export type StaticFile = {
  type: string
  body: Buffer
  /** The body as the product's zlib compresses it; absent where it is not compressed. */
  deflate?: Buffer
  /** Microseconds since the epoch. */
  modified: number
}

/** What stands at a path. */
export type Resource =
  | { kind: 'file'; file: StaticFile }
  | { kind: 'guarded'; realm: string }
  | { kind: 'app'; app: App }
  | { kind: 'directory' }
  | { kind: 'forbidden' }

/** What this machine serves. Paths are decoded and resolved. */
export type Site = { find(path: string): Resource | undefined }

export type SiteOptions = { bait?: readonly string[] | undefined; realm?: string | undefined }

const load = (name: string) => readFileSync(new URL(`./pages/${name}`, import.meta.url))

const realms = ['Restricted Content', 'Restricted Area', 'Authentication Required', 'Administrator Login', 'Protected']

/** The site of one persona: its distribution's default page, and whatever bait it was given. */
export function makeSite(persona: Persona, options: SiteOptions): Site {
  const { product, index } = persona.software.web
  const chosen = new Set(options.bait ?? defaultBait(persona))
  const front: StaticFile = { type: 'text/html', ...frontPage(persona), modified: index.modifiedMicros }
  const files = new Map<string, StaticFile>([
    ['/', front],
    [index.path.slice(index.path.lastIndexOf('/')), front],
  ])
  const routes = new Map<string, App>()
  const directories = new Set<string>()
  const hidden: string[] = []
  for (const [name, bait] of apps) {
    if (!chosen.has(name)) continue
    for (const path of bait.paths) routes.set(path, bait.app)
    hidden.push(bait.root)
    if (bait.root.length > 1) directories.add(bait.root.slice(0, -1))
  }
  if (hidden.length > 0) {
    const body = Buffer.from(`User-agent: *\n${hidden.map(path => `Disallow: ${path}\n`).join('')}`)
    // Written by hand some time after the web server was installed.
    const later = (1 + persona.derive('robots.txt written', 2).readUInt16BE() / 4) * 60e6
    files.set('/robots.txt', { type: 'text/plain', body, modified: index.modifiedMicros + later })
  }
  const realm = options.realm ?? realms[persona.derive('http realm', 1)[0]! % realms.length]!
  const apache = product === 'Apache'
  return {
    find(path) {
      const file = files.get(path)
      if (file) return { kind: 'file', file }
      if (chosen.has('admin') && (path === '/admin' || path.startsWith('/admin/'))) return { kind: 'guarded', realm }
      const app = routes.get(path)
      if (app) return { kind: 'app', app }
      if (directories.has(path)) return { kind: 'directory' }
      if (apache && (path.startsWith('/.ht') || path.startsWith('/server-status') || path === '/icons/'))
        return { kind: 'forbidden' }
      return undefined
    },
  }
}

/** Every machine has an area behind a password; most also something that ran on PHP. */
function defaultBait(persona: Persona): string[] {
  const [choice = 0] = persona.derive('http bait', 1)
  if (choice < 96) return ['admin', 'phpmyadmin']
  if (choice < 176) return ['admin', 'login']
  return ['admin']
}

/**
 * The page that the distribution's package installs: nginx's own (BSD-2-Clause), Debian's for Apache (Apache-2.0). Where
 * that text is not at hand, its owner has put a page of his own in its place.
 */
function frontPage(persona: Persona): { body: Buffer; deflate?: Buffer } {
  const { product, index } = persona.software.web
  const known = product === 'nginx' ? `nginx-${index.bytes}` : persona.os.id === 'debian' ? 'apache-debian' : undefined
  if (known) return { body: load(`${known}.page`), deflate: load(`${known}.deflate`) }
  return { body: Buffer.from(`<html><head><title>${persona.fqdn}</title></head><body></body></html>\n`) }
}
