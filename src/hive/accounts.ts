import { existsSync, readFileSync, statSync } from 'node:fs'
import * as v from 'valibot'
import { replaceFile } from './files.ts'
import { type Cost, defaultCost, generatePassword, hashPassword, nobodysHash, verifyPassword } from './passwords.ts'

/** `viewer` looks; `admin` also takes samples away, asks SQL and exports. */
export const roles = ['admin', 'viewer'] as const
export type Role = (typeof roles)[number]

const user = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[A-Za-z0-9._@-]{1,64}$/, 'A user name is 1 to 64 of A-Z a-z 0-9 . _ @ -')),
  role: v.picklist(roles),
  /** PHC string of scrypt. */
  hash: v.string(),
  /** Milliseconds since the epoch; sessions begun under an older password are over. */
  changed: v.number(),
})
const usersFile = v.strictObject({ users: v.pipe(v.array(user), v.maxLength(1000)) })
export type User = v.InferOutput<typeof user>

export const passwordRule = v.pipe(
  v.string(),
  v.minLength(10, 'A password has at least 10 characters'),
  v.maxLength(256, 'A password has at most 256 characters'),
)

export type AccountOptions = {
  file: string
  now?: () => number
  cost?: Cost
  /** For throw-away data only. */
  weakPasswords?: true
}

/**
 * The people who may see the page, kept in `users.json` (mode 0600). The file is the truth: it is read again whenever
 * another process (`skep user`) has changed it. Every change throws an `Error` that tells a person what is wrong.
 */
export function openAccounts({ file, now = Date.now, cost = defaultCost, weakPasswords }: AccountOptions) {
  const nobody = nobodysHash(cost)
  let users: readonly User[] = []
  let seen = ''

  function refresh(strict = false): void {
    try {
      const { ino, mtimeMs, size } = statSync(file)
      const stamp = `${ino} ${mtimeMs} ${size}`
      if (stamp === seen) return
      users = v.parse(usersFile, JSON.parse(readFileSync(file, 'utf8'))).users
      seen = stamp
    } catch (error) {
      // A running hive keeps the users it knows while the file is missing or broken.
      if (strict && existsSync(file)) throw new Error(`Cannot read ${file}: ${(error as Error).message}`)
    }
  }
  function change(edit: (users: readonly User[]) => User[]): void {
    refresh(true)
    const edited = edit(users)
    replaceFile(file, `${JSON.stringify({ users: edited }, null, 2)}\n`)
    users = edited
    const { ino, mtimeMs, size } = statSync(file)
    seen = `${ino} ${mtimeMs} ${size}`
  }
  const find = (name: string): User | undefined => {
    refresh()
    return users.find(user => user.name === name)
  }
  const known = (name: string): User => {
    const found = find(name)
    if (!found) throw new Error(`There is no user ${JSON.stringify(name)}`)
    return found
  }

  const hash = (password: string) => hashPassword(weakPasswords ? password : v.parse(passwordRule, password), cost)
  async function add(name: string, role: Role, password: string): Promise<void> {
    const added = v.parse(user, { name, role, hash: await hash(password), changed: now() })
    change(users => {
      if (users.some(user => user.name === name)) throw new Error(`There is a user ${JSON.stringify(name)} already`)
      return [...users, added]
    })
  }

  refresh(true)
  return {
    find,
    add,
    list: (): { name: string; role: Role; changed: number }[] => {
      refresh()
      return users.map(({ name, role, changed }) => ({ name, role, changed }))
    },
    /** Takes as long for a name that does not exist. */
    async verify(name: string, password: string): Promise<User | undefined> {
      const found = find(name)
      const right = await verifyPassword(password, found?.hash ?? nobody)
      return right ? found : undefined
    },
    remove(name: string): void {
      known(name)
      change(users => {
        const rest = users.filter(user => user.name !== name)
        if (!rest.some(user => user.role === 'admin')) throw new Error('The last admin cannot be removed')
        return rest
      })
    },
    async setPassword(name: string, password: string): Promise<void> {
      known(name)
      const hashed = await hash(password)
      change(users => users.map(user => (user.name === name ? { ...user, hash: hashed, changed: now() } : user)))
    },
    /** On the very first start makes `admin`; its password is returned this once and kept nowhere. */
    async firstAdmin(): Promise<string | undefined> {
      refresh(true)
      if (users.length > 0) return undefined
      const password = generatePassword()
      await add('admin', 'admin', password)
      return password
    },
  }
}
export type Accounts = ReturnType<typeof openAccounts>
