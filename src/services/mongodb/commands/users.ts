import { text } from '#events/text.ts'
import { badValue, MongoError } from '../errors.ts'
import { uuid, uuidValue } from '../state.ts'
import { MOST } from '../store.ts'
import { type Doc, doc, isArray, isDoc, numberOf, type Value } from '../value.ts'
import { type Commands, missing, type Request, type Run } from './command.ts'

const said = (latin1: string): string => text(Buffer.from(latin1, 'latin1'), 256)
function userAt({ command, name }: Request): string {
  const user = command.get(name)
  if (typeof user !== 'string' || user === '') throw badValue("User document needs 'user' field to be non-empty")
  return user
}
const roles = (value: Value | undefined, db: string): Value[] =>
  (isArray(value) ? value : []).slice(0, 50).map(role => (typeof role === 'string' ? doc({ role, db }) : role))

/** A user with this password is known from now on: the account change is told, and the log-in lets it in, here alone. */
function known({ session, db }: Request, user: string, password: Value | undefined, change: string): void {
  const { cx, server } = session
  cx.record.accountChange({
    user: said(user),
    change,
    ...(typeof password === 'string' ? { password: said(password) } : {}),
  })
  if (typeof password === 'string') server.passwords.set(`${db}.${user}`, password.slice(0, 256))
}

const createUser: Run = request => {
  const { session, db, command } = request
  const user = userAt(request)
  const key = `${db}.${user}`
  if (session.server.users.has(key)) throw new MongoError(51_003, `User "${user.slice(0, 128)}@${db}" already exists`)
  if (!command.has('roles')) throw missing(command, 'roles')
  if (!command.has('pwd') && db !== '$external')
    throw badValue(
      "Must provide a 'pwd' field for all user documents, except those with '$external' as the user's source db",
    )
  if (session.server.users.size >= MOST.users)
    throw new MongoError('OutOfDiskSpace', 'available disk space is less than required')
  session.server.users.set(
    key,
    doc({
      _id: key,
      userId: uuidValue(uuid(session.cx.random(16))),
      user,
      db,
      roles: roles(command.get('roles'), db),
      mechanisms: ['SCRAM-SHA-1', 'SCRAM-SHA-256'],
    }),
  )
  known(request, user, command.get('pwd'), 'added')
  return doc({ ok: 1 })
}
const updateUser: Run = request => {
  const { session, db, command } = request
  const user = userAt(request)
  const found = session.server.users.get(`${db}.${user}`)
  if (!found) throw new MongoError('UserNotFound', `Could not find user "${user.slice(0, 128)}" for db "${db}"`)
  if (command.has('roles')) found.set('roles', roles(command.get('roles'), db))
  known(request, user, command.get('pwd'), 'changed')
  return doc({ ok: 1 })
}
const dropUser: Run = request => {
  const { session, db } = request
  const user = userAt(request)
  if (!session.server.users.delete(`${db}.${user}`))
    throw new MongoError('UserNotFound', `User '${user.slice(0, 128)}@${db}' not found`)
  session.server.passwords.delete(`${db}.${user}`)
  session.cx.record.accountChange({ user: said(user), change: 'removed' })
  return doc({ ok: 1 })
}
const usersInfo: Run = ({ session, db, command, name }) => {
  const which = command.get(name)
  const one = (value: Value): string | undefined =>
    typeof value === 'string'
      ? `${db}.${value}`
      : isDoc(value)
        ? `${String(value.get('db'))}.${String(value.get('user'))}`
        : undefined
  const all = [...session.server.users.values()]
  const users =
    numberOf(which) === 1
      ? all.filter(user => user.get('db') === db)
      : isDoc(which) && which.has('forAllDBs')
        ? all
        : all.filter(user => (isArray(which) ? which : [which ?? null]).some(value => one(value) === user.get('_id')))
  return doc({ users: users as Value[], ok: 1 })
}
const grant: Run = request => {
  const { session, db, command } = request
  const user = userAt(request)
  const found: Doc | undefined = session.server.users.get(`${db}.${user}`)
  if (!found) throw new MongoError('UserNotFound', `Could not find user "${user.slice(0, 128)}" for db "${db}"`)
  const before = found.get('roles')
  found.set('roles', [...(isArray(before) ? before.slice(0, 50) : []), ...roles(command.get('roles'), db)])
  return doc({ ok: 1 })
}

export const users: Commands = [
  ['createUser', createUser],
  ['updateUser', updateUser],
  ['dropUser', dropUser],
  [
    'dropAllUsersFromDatabase',
    ({ session, db }) => {
      const before = session.server.users.size
      for (const [key, user] of session.server.users) {
        if (user.get('db') !== db) continue
        session.server.users.delete(key)
        session.server.passwords.delete(key)
      }
      return doc({ n: { is: 'int', n: before - session.server.users.size }, ok: 1 })
    },
  ],
  ['usersInfo', usersInfo],
  ['grantRolesToUser', grant],
  ['revokeRolesFromUser', () => doc({ ok: 1 })],
  ['rolesInfo', () => doc({ roles: [], ok: 1 })],
]
