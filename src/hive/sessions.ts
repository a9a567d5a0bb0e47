import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, unlinkSync } from 'node:fs'
import * as v from 'valibot'
import type { Accounts, User } from './accounts.ts'
import { bounded } from './bounded.ts'
import { replaceFile } from './files.ts'

const HOUR = 3_600_000

const session = v.strictObject({ user: v.string(), changed: v.number(), begun: v.number(), seen: v.number() })
type Session = v.InferOutput<typeof session>
const sessionsFile = v.record(v.string(), session)
/** How stale the use of a session may be after a crash. */
const SAVE_EVERY = HOUR / 6

export type SessionOptions = {
  accounts: Pick<Accounts, 'find'>
  now: () => number
  /** Milliseconds without a request, and in all. */
  idle?: number
  absolute?: number
  max?: number
  /** Keeps them over a restart. */
  file?: string
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
  file,
}: SessionOptions) {
  const sessions = bounded<Session>(max)
  let savedAt = now()
  if (file) for (const [key, session] of Object.entries(load(file))) sessions.set(key, session)
  const save = () => {
    savedAt = now()
    if (!file) return
    try {
      replaceFile(file, JSON.stringify(Object.fromEntries(sessions.entries())))
    } catch {
      // On a full disk people still log in; and what was ended must not come back with an old file.
      try {
        unlinkSync(file)
      } catch {}
    }
  }

  return {
    begin(user: User): string {
      const id = randomBytes(32).toString('base64url')
      sessions.set(digest(id), { user: user.name, changed: user.changed, begun: now(), seen: now() })
      save()
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
      if (now() - savedAt > SAVE_EVERY) save()
      return user
    },
    end(id: string): void {
      sessions.delete(digest(id))
      save()
    },
    maxAgeSeconds: absolute / 1000,
  }
}
export type Sessions = ReturnType<typeof createSessions>

/** What cannot be read ends the sessions, not the hive. */
function load(file: string): Record<string, Session> {
  try {
    return v.parse(sessionsFile, JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return {}
  }
}
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
