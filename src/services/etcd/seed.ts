import type { Persona } from '#persona/persona.ts'
import type { Entry } from './state.ts'

type Seeds = { entries: ReadonlyMap<string, Entry>; revision: number; restarts: number }
const made = new WeakMap<Persona, Seeds>()

/** Settings, secrets and the register of services of a small platform; invented from the persona, always the same. */
export function seeds(persona: Persona): Seeds {
  const known = made.get(persona)
  if (known) return known
  const pool = persona.derive('etcd seed', 2048)
  let at = 0
  const bytes = (n: number): Buffer => {
    at += n
    return pool.subarray(at - n, at)
  }
  const draw = (below: number): number => bytes(4).readUInt32BE(0) % below
  const one = <T>(list: readonly T[]): T => list[draw(list.length)]!
  const word =
    persona.domain
      .split('.')[0]!
      .replace(/[^a-z0-9]/g, '')
      .slice(0, 10) || 'main'
  const app = one([word, 'shop', 'portal', 'billing', 'backend'])
  const stage = one(['prod', 'production', 'live'])
  const secret = () => bytes(15).toString('base64url')
  const tag = () => `${1 + draw(4)}.${draw(30)}.${draw(12)}`
  const config = `/config/${app}/${stage}`
  const rows: [key: string, value: string][] = [
    [`${config}/database/host`, `db1.${persona.domain}`],
    [`${config}/database/name`, app],
    [`${config}/database/user`, `${app}_rw`],
    [`${config}/database/password`, secret()],
    [`${config}/redis/url`, `redis://:${secret()}@cache1.${persona.domain}:6379/0`],
    [`${config}/smtp/host`, `mail.${persona.domain}`],
    [`${config}/smtp/user`, `noreply@${persona.domain}`],
    [`${config}/smtp/password`, secret()],
    [`${config}/jwt/secret`, bytes(32).toString('hex')],
    [`${config}/s3/bucket`, `${app}-${stage}-uploads`],
    [
      `${config}/s3/access_key`,
      `AKIA${secret()
        .toUpperCase()
        .replace(/[^A-Z2-7]/g, '7')
        .slice(0, 16)}`,
    ],
    [`${config}/s3/secret_key`, bytes(30).toString('base64')],
    [`${config}/log_level`, one(['info', 'warn'])],
    [`${config}/feature_flags`, JSON.stringify({ new_checkout: draw(2) === 1, beta_search: draw(2) === 1 })],
    [`/deploy/${app}/current`, tag()],
    [`/deploy/${app}/previous`, tag()],
    [`/locks/cron/${one(['backup', 'invoice-export', 'cleanup'])}`, persona.hostname],
    ...['api', 'web', 'worker'].map((role, i): [string, string] => [
      `/services/${app}/${role}/${role}-${1 + draw(3)}`,
      JSON.stringify({ host: persona.fqdn, port: 8080 + i, version: tag(), started: moment() }),
    ]),
  ]
  function moment(): string {
    return new Date(persona.bootedAt + 60_000 + draw(3_600_000)).toISOString()
  }
  let revision = 1 + draw(40)
  const entries = new Map<string, Entry>()
  for (const [key, value] of rows) {
    revision += 1 + draw(30)
    const create = revision
    const version = /deploy|services|locks/.test(key) ? 1 + draw(60) : 1 + draw(3)
    entries.set(key, { key, value: Buffer.from(value), create, mod: create, version, lease: 0n })
  }
  // Written again later, in some order.
  for (const entry of entries.values()) {
    if (entry.version === 1) continue
    revision += 1 + draw(50)
    entry.mod = revision
  }
  const seeded = { entries, revision, restarts: 2 + draw(9) }
  made.set(persona, seeded)
  return seeded
}
