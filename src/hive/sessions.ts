import { createHash, randomBytes } from 'node:crypto'
import type { Accounts, User } from './accounts.ts'
import { bounded } from './bounded.ts'

const HOUR = 3_600_000

type Session = { user: string; changed: number; begun: number; seen: number }
export type SessionOptions = {
  accounts: Pick<Accounts, 'find'>
  now: () => number
  /** Milliseconds without a request, and in all. */
  idle?: number
  absolute?: number
  max?: number
}

/**
 * Who is logged in: 256 random bits in the browser's cookie, only their SHA-256 here. A session ends by log-out, after 12
 * idle hours, after 7 days, when its user is removed or gets another password, or when a thousand newer ones need its place.
 */
export function createSessions({
  accounts,
  now,
  idle = 12 * HOUR,
  absolute = 7 * 24 * HOUR,
  max = 1000,
}: SessionOptions) {
  const sessions = bounded<Session>(max)

  return {
    begin(user: User): string {
      const id = randomBytes(32).toString('base64url')
      sessions.set(digest(id), { user: user.name, changed: user.changed, begun: now(), seen: now() })
      return id
    },
    /** The user as the file has it now, so that a role taken away is gone at once. */
    user(id: string): User | undefined {
      const key = digest(id)
      const session = sessions.get(key)
      if (!session) return undefined
      const user = accounts.find(session.user)
      const over = now() - session.seen > idle || now() - session.begun > absolute
      if (over || user?.changed !== session.changed) {
        sessions.delete(key)
        return undefined
      }
      session.seen = now()
      return user
    },
    end: (id: string): void => sessions.delete(digest(id)),
    maxAgeSeconds: absolute / 1000,
  }
}
export type Sessions = ReturnType<typeof createSessions>

const digest = (id: string) => createHash('sha256').update(id).digest('base64url')

/** The session cookie. `__Host-` binds it to this host and to TLS (RFC 6265bis §4.1.3.2). */
export const cookie = {
  set: (name: string, id: string, seconds: number): string =>
    `${name}=${id}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Strict`,
  clear: (name: string): string => `${name}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict`,
  read(name: string, header: string | undefined): string | undefined {
    for (const pair of (header ?? '').split(';')) {
      const [key, value] = pair.trim().split('=', 2)
      if (key === name && value && value.length <= 128) return value
    }
    return undefined
  },
}
