import type { Login } from './login.ts'
import { kernel } from './rights.ts'
import { SystemError } from './system.ts'

const module = '/usr/lib/x86_64-linux-gnu/security/pam_systemd.so'
/** dbus-user-session's: the bus of each session's user (systemd's `DBUS_SESSION_BUS_ADDRESS`). */
const userBus = '/usr/share/doc/dbus-user-session'
const quarterDay = 6 * 3_600_000

/**
 * pam_systemd(8), as common-session calls it for a log-in over SSH or Telnet where it is installed: what it sets in the
 * environment. Sessions are counted from the start of the machine.
 */
export const openSession = ({ process }: Login): void => {
  const { fs, env, who, host } = process
  const there = (path: string): boolean => {
    try {
      return fs.stat(path, kernel).nlink > 0
    } catch (error) {
      if (error instanceof SystemError) return false
      throw error
    }
  }
  if (!there(module)) return
  const folder = `/run/user/${who.uid}`
  env.set('XDG_SESSION_ID', `${1 + Math.floor((process.now() - host.persona.bootedAt) / quarterDay)}`)
  env.set('XDG_RUNTIME_DIR', folder)
  if (there(userBus)) env.set('DBUS_SESSION_BUS_ADDRESS', `unix:path=${folder}/bus`)
  env.set('XDG_SESSION_TYPE', 'tty')
  env.set('XDG_SESSION_CLASS', 'user')
}
