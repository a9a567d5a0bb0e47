/**
 * Records what Debian 12's nnrpd says, the part of INN that readers meet. The package inn2 has to be installed, or
 * unpacked into INN_ROOT (there innbind must not be setuid, or it does not find its libraries). Needs root:
 *   sh bin/skep-node test/oracle/nntp/record.ts
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { articlesOf, fill, organisation, pathHost } from '#services/nntp/spool.ts'
import { testPersona } from '#services/testing/persona.ts'
import { type Daemon, recordDialogues } from '../kit/record.ts'
import { dialogues, PASSWORD, USER } from './script.ts'

const root = process.env.INN_ROOT ?? ''
const PORT = 21_119
const news = ['--reuid', 'news', '--regid', 'news', '--clear-groups', '--']

/** Debian's own configuration with a spool of its own, open to everybody, and a password. */
function nnrpd(): Daemon {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'inn-oracle-'))
  const folders = ['etc', 'db', 'run', 'log', 'tmp', 'spool/articles', 'spool/overview', 'spool/incoming']
  for (const folder of folders) fs.mkdirSync(path.join(home, folder), { recursive: true })
  fs.cpSync(`${root}/etc/news`, `${home}/etc`, { recursive: true })
  const write = (file: string, text: string) => fs.writeFileSync(path.join(home, file), text)
  const own = `pathnews: ${root}/usr/lib/news
pathbin: ${root}/usr/lib/news/bin
pathhost: ${pathHost(testPersona)}
domain: ${testPersona.domain}
organization: ${organisation(testPersona)}
pathdb: ${home}/db
pathetc: ${home}/etc
pathrun: ${home}/run
pathlog: ${home}/log
pathtmp: ${home}/tmp
pathspool: ${home}/spool
patharticles: ${home}/spool/articles
pathoverview: ${home}/spool/overview
pathincoming: ${home}/spool/incoming
readerswhenstopped: true
`
  const given = fs.readFileSync(`${home}/etc/inn.conf`, 'utf8')
  const kept = given.split('\n').filter(line => !/^(?:path|organization|domain|readerswhen)/.test(line))
  write('etc/inn.conf', `${kept.join('\n')}\n${own}`)
  write(
    'etc/readers.conf',
    `auth "all" {\n hosts: "*"\n auth: "ckpasswd -f ${home}/etc/passwd"\n default: "<guest>"\n}\naccess "all" {\n users: "*"\n newsgroups: "local.*"\n access: RPA\n}\n`,
  )
  const crypted = execFileSync('perl', ['-e', `print crypt("${PASSWORD}", "ab")`], { encoding: 'utf8' })
  write('etc/passwd', `${USER}:${crypted}\n`)
  const spool = fill(testPersona)
  const groups = [...spool.groups.values()]
  const padded = (n: number) => String(n).padStart(10, '0')
  write(
    'db/active',
    groups.map(({ name, high, low, status }) => `${name} ${padded(high)} ${padded(low)} ${status}\n`).join(''),
  )
  const times = groups.map(({ name, madeAt }) => `${name} ${Math.floor(madeAt / 1000)} usenet@${testPersona.domain}\n`)
  write('db/active.times', times.join(''))
  write('db/newsgroups', groups.map(({ name, description }) => `${name}\t${description}\n`).join(''))
  write('db/history', '')
  for (const group of groups)
    for (const [number, { raw }] of articlesOf(spool, group)) {
      const file = `spool/articles/${group.name.replaceAll('.', '/')}/${number}`
      fs.mkdirSync(path.dirname(path.join(home, file)), { recursive: true })
      write(file, `${raw.replace(/^\./gm, '..')}.\r\n`)
    }
  execFileSync('chown', ['-R', 'news:news', home])
  fs.chmodSync(home, 0o755)
  const library = `${root}/usr/lib/news:${root}/usr/lib/x86_64-linux-gnu`
  const env = { ...process.env, LD_LIBRARY_PATH: library, INNCONF: `${home}/etc/inn.conf`, TZ: 'UTC' }
  execFileSync('setpriv', [...news, `${root}/usr/lib/news/bin/makehistory`, '-F', '-O'], { env })
  execFileSync('setpriv', [...news, `${root}/usr/lib/news/bin/makedbz`, '-i', '-o', '-s', '1000'], { env })
  return {
    // Names of articles and challenges bear the host's name.
    command: 'unshare',
    args: [
      ...['--uts', 'sh', '-c', `hostname ${testPersona.hostname}; exec "$@"`, 'sh', 'setpriv', ...news],
      ...[`${root}/usr/lib/news/bin/nnrpd`, '-D', '-f', '-p', String(PORT), '-4', '127.0.0.1'],
    ],
    env,
    clean: () => fs.rmSync(home, { recursive: true }),
  }
}

await recordDialogues(dialogues, PORT, nnrpd, new URL('fixtures/debian-12.json', import.meta.url), 90)
