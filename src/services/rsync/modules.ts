import { gzipSync } from 'node:zlib'
import { computerOf } from '#access/machine.ts'
import type { Login } from '#machine/login.ts'
import { kernel } from '#machine/rights.ts'
import { type FileSystem, SystemError, type Witness } from '#machine/system.ts'
import type { Persona } from '#persona/persona.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'

/** A section of rsyncd.conf(5). */
export type Module = {
  name: string
  comment: string
  /** Directory of the pretended machine. */
  path: string
  readOnly: boolean
  /** `auth users`, each with its password; nobody else gets in. */
  users?: ReadonlyMap<string, string>
}

const webNames = ['www', 'web', 'html', 'htdocs', 'site'] as const
const webComments = ['Web site', 'web root', 'document root', 'www data'] as const
const backupNames = ['backup', 'backups', 'bak', 'nightly'] as const
const backupComments = ['Nightly backups', 'backup area', 'server backups'] as const
const users = ['backup', 'rsync', 'rsync_backup', 'admin'] as const
/** Of the secrets file; like the accounts of any careless owner, each has one for good. */
const passwords = ['123456', 'backup', 'rsync', '1qaz2wsx', 'password', 'admin123', 'backup123', 'rsync123'] as const

/** The modules of this machine: its web root, which the world may write to, and backups behind a weak password. */
export function modulesOf(persona: Persona): readonly Module[] {
  const known = drawn.get(persona) ?? draw(persona)
  drawn.set(persona, known)
  return known
}
const drawn = new WeakMap<Persona, readonly Module[]>()

function draw(persona: Persona): Module[] {
  const dice = persona.derive('rsync modules', 6)
  const pick = <T>(list: readonly T[], n: number): T => list[dice[n]! % list.length]!
  return [
    { name: pick(webNames, 0), comment: pick(webComments, 1), path: '/var/www/html', readOnly: false },
    {
      name: pick(backupNames, 2),
      comment: pick(backupComments, 3),
      path: '/srv/backup',
      readOnly: false,
      users: new Map([[pick(users, 4), pick(passwords, 5)]]),
    },
  ]
}

/** The daemon's session on the pretended machine: the same disk that a shell of this attacker sees. */
export function disk(cx: TcpContext<Options>, module: Module, witness: Witness): Login {
  const login = logIn(cx, witness)
  try {
    login.process.fs.stat(module.path, kernel)
    return login
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
  }
  login.close()
  // What its owner put there is no find: it is written without a witness.
  const owner = logIn(cx, silent)
  furnish(owner.process.fs, cx.persona, module.path, cx.now() + cx.persona.clockSkew)
  owner.close()
  return logIn(cx, witness)
}

const logIn = (cx: TcpContext<Options>, witness: Witness): Login =>
  computerOf(cx).logIn({
    account: { name: 'root', uid: 0, gid: 0, comment: 'root', home: '/', shell: '/bin/sh' },
    witness,
    from: cx.source.ip,
    stdin: { read: async () => undefined },
    stdout: { write: async () => {} },
    stderr: { write: async () => {} },
    daemon: { argv: ['/usr/bin/rsync', '--daemon', '--no-detach'], exe: '/usr/bin/rsync' },
  })

const silent: Witness = {
  command() {},
  download() {},
  connection() {},
  file() {},
  read() {},
  execution() {},
  login() {},
  fault() {},
  account() {},
}

const DAY = 86_400_000

/** What a script of the night leaves: three dumps, the configuration, its own log. */
function furnish(fs: FileSystem, persona: Persona, path: string, now: number): void {
  const night = Math.floor(now / DAY) * DAY + 2.6e6 + persona.derive('rsync night', 2).readUInt16BE() * 100
  fs.mkdir(path, 0o755, kernel)
  const put = (name: string, content: string | Buffer, at: number, mode = 0o640) => {
    fs.writeFile(`${path}/${name}`, Buffer.from(content as string), kernel, { mode })
    fs.utimes(`${path}/${name}`, at, at, kernel)
  }
  const days = [3, 2, 1].map(back => night - back * DAY)
  for (const directory of ['db', 'etc']) fs.mkdir(`${path}/${directory}`, 0o750, kernel)
  for (const at of days) {
    const name = new Date(at).toISOString().slice(0, 10)
    put(`db/${persona.hostname}-${name}.sql.gz`, gzipSync(dump(persona, name)), at + 4700)
  }
  put('etc/backup.conf', configuration(persona, path), persona.installedAt + 3 * DAY)
  put('etc/hosts', `127.0.0.1\tlocalhost\n127.0.1.1\t${persona.fqdn}\t${persona.hostname}\n`, persona.installedAt)
  const log = days.map(at => `${new Date(at).toISOString().slice(0, 19)} dump ok, rotate ok\n`).join('')
  put('backup.log', log, days.at(-1)! + 9800, 0o644)
  for (const directory of ['db', 'etc', '.']) fs.utimes(`${path}/${directory}`, days.at(-1)!, days.at(-1)!, kernel)
}

const dump = (persona: Persona, night: string): string => {
  const rows = Array.from(
    { length: 60 },
    (_, i) => `(${i + 1},'user${100 + i}@${persona.domain}','${persona.derive(`rsync ${i}`, 16).toString('hex')}')`,
  )
  return `-- ${persona.hostname} ${night}\nCREATE TABLE members (id int, mail varchar(190), pass char(32));\nINSERT INTO members VALUES\n${rows.join(',\n')};\n`
}

const configuration = (persona: Persona, path: string): string =>
  `TARGET=${path}\nKEEP=3\nDB_USER=dump\nDB_PASS=${persona.derive('rsync dump', 9).toString('base64url')}\nMAILTO=root@${persona.domain}\n`
