import type { Persona } from '#persona/persona.ts'
import { type Account, accountOf, accounts, groupOf, groups } from './accounts.ts'
import { kernel } from './rights.ts'
import { type FileSystem, SystemError } from './system.ts'

const day = 86_400_000
/** As adduser(8) of Debian takes it, capitals too; at most 32 characters. */
const name = /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/
const skeleton = ['.bash_logout', '.bashrc', '.profile']

/** When a machine of this persona came to have an account: some time between its installation and its last start. */
export const movedInAt = (persona: Persona, user: string): number => {
  const { installedAt, bootedAt } = persona
  const share = persona.derive(`account ${user}`, 4).readUInt32BE() / 2 ** 32
  return Math.floor(installedAt + 3_600_000 + share * Math.max(0, bootedAt - installedAt - 3_600_000))
}

/**
 * The account of this name, made where there is none as adduser(8) would have: a group, a home with the skeleton, a
 * password nobody knows. `fs` shows the disk at the time of `movedInAt`, so that everything looks as old as that.
 * `undefined` for what is no name, and where the disk is full.
 */
export const accountFor = (fs: FileSystem, persona: Persona, user: string): Account | undefined => {
  const found = accountOf(fs, user)
  if (found) return found
  if (!name.test(user)) return undefined
  try {
    return moveIn(fs, persona, user)
  } catch (error) {
    if (error instanceof SystemError) return undefined
    throw error
  }
}

const moveIn = (fs: FileSystem, persona: Persona, user: string): Account => {
  const home = `/home/${user}`
  const taken = new Set([...accounts(fs).map(({ uid }) => uid), ...groups(fs).map(({ gid }) => gid)])
  let uid = 1000
  while (taken.has(uid)) uid++
  const account: Account = { name: user, uid, gid: uid, comment: ',,,', home, shell: '/bin/bash' }
  const add = (path: string, row: string): void => fs.writeFile(path, Buffer.from(`${row}\n`), kernel, { append: true })
  const salt = persona.derive(`shadow ${user}`, 66).toString('base64').replaceAll('+', '.')
  const since = Math.floor(movedInAt(persona, user) / day)
  add('/etc/passwd', `${user}:x:${uid}:${uid}:${account.comment}:${home}:${account.shell}`)
  add('/etc/shadow', `${user}:$y$j9T$${salt.slice(0, 22)}$${salt.slice(22, 65)}:${since}:0:99999:7:::`)
  if (!groupOf(fs, user)) {
    add('/etc/group', `${user}:x:${uid}:`)
    add('/etc/gshadow', `${user}:!::`)
  }
  try {
    fs.mkdir(home, 0o700, kernel)
    fs.chown(home, uid, uid, kernel)
    for (const file of skeleton) {
      const content = fs.readFile(`/etc/skel/${file}`, kernel)
      fs.writeFile(`${home}/${file}`, content, kernel, { mode: 0o644, exclusive: true })
      fs.chown(`${home}/${file}`, uid, uid, kernel)
    }
    // systemd-logind's, for as long as they are there.
    fs.mkdir(`/run/user/${uid}`, 0o700, kernel)
    fs.chown(`/run/user/${uid}`, uid, uid, kernel)
  } catch (error) {
    // Somebody else's folder of that name, or no skeleton: adduser goes on.
    if (!(error instanceof SystemError) || error.errno === 'ENOSPC') throw error
  }
  return account
}
