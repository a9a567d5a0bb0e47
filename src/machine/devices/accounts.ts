import { type Account, accountOf } from '../accounts.ts'
import { md5Crypt } from '../commands/openssl/crypt.ts'
import { kernel } from '../rights.ts'
import { type FileSystem, SystemError } from '../system.ts'
import type { Device } from './facts.ts'
import { homeOf } from './persona.ts'

const name = /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/

/** A device knows root by another name as well: `admin` and its like have its number and its shell. */
export const newAccount = (fs: FileSystem, device: Device, user: string): Account | undefined => {
  const found = accountOf(fs, user)
  if (found) return found
  if (!name.test(user)) return undefined
  const account: Account = { name: user, uid: 0, gid: 0, comment: user, home: homeOf(device), shell: '/bin/sh' }
  const hash = md5Crypt(device.password, device.salt.split('').reverse().join(''), '1')
  const row = `${user}:${hash}:0:0:${user}:${account.home}:${account.shell}\n`
  try {
    fs.writeFile('/etc/passwd', Buffer.from(row), kernel, { append: true })
  } catch (error) {
    if (error instanceof SystemError) return undefined
    throw error
  }
  return account
}
