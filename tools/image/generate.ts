/**
 * Makes data/machine/debian-12.img from Debian's own packages: `sh bin/skep-node tools/image/generate.ts [folder]`.
 * Without a folder of .deb files it fetches them with apt-get (on Debian 12, with its ordinary sources). The same
 * packages give the same bytes.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode, type Record } from '#machine/fs/image-encode.ts'
import { copies, directories, links, seeds, textFrom, textPaths } from './packages.ts'
import { type Member, untar } from './tar.ts'

const target = new URL('../../data/machine/debian-12.img', import.meta.url)

const fetchInto = (folder: string): void => {
  const empty = join(folder, 'empty')
  writeFileSync(empty, '')
  mkdirSync(join(folder, 'archives/partial'), { recursive: true })
  // As on a machine that has nothing yet, neither installed nor downloaded.
  const options = [
    `Dir::State::status=${empty}`,
    `Dir::Cache::archives=${join(folder, 'archives')}`,
    'APT::Install-Recommends=0',
  ]
  const apt = (...words: string[]): string =>
    execFileSync('apt-get', [...options.flatMap(option => ['-o', option]), ...words], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    })
  const uris = apt('--print-uris', '-y', '-qq', 'install', ...seeds)
  const names = uris.split('\n').flatMap(line => line.split(' ')[1]?.split('_')[0] ?? [])
  apt('download', '-qq', ...names)
}

const debian = (flag: string, file: string): Member[] =>
  untar(execFileSync('dpkg-deb', [flag, file], { maxBuffer: 1 << 30 }))

const records = new Map<string, Record>()
const packages: string[] = []
const statuses: string[] = []

/** Debian 12 has /bin, /sbin and /lib* in /usr, whatever the package says; the kernel is the persona's. */
const settle = (path: string): string => {
  const clean = `/${path.replace(/^\.?\/+/, '').replace(/\/+$/, '')}`
  return clean.replace(/^\/(bin|sbin|lib|lib64)(?=\/|$)/, '/usr/$1').replaceAll(kernel, '@KERNEL@')
}
let kernel = '\0'

const isText = (data: Buffer): boolean => !data.includes(0) && data.length > 0
/** Enough for `file` and for a look at the first bytes: an ELF header, a magic number, the line that names a script's interpreter. */
const headOf = (data: Buffer): Buffer | undefined => {
  if (data.subarray(0, 4).equals(Buffer.from('\x7fELF'))) return data.subarray(0, 64)
  if (data.subarray(0, 2).toString() === '#!') return data.subarray(0, Math.min(data.indexOf(10) + 1 || 64, 64))
  return isText(data.subarray(0, 4096)) ? undefined : data.subarray(0, 8)
}

const add = (member: Member, from: string): void => {
  const path = settle(member.name)
  const known = records.get(path)
  if (known && member.type === 'directory') return
  const { type, mode, uid, gid, mtime, data, rdev } = member
  const record: Record = { type, mode, uid, gid, mtime, size: data.length, package: packages.indexOf(from) + 1 }
  if (type === 'symlink') record.target = member.target.replaceAll(kernel, '@KERNEL@')
  if (type === 'link') record.target = settle(member.target)
  if (rdev) record.rdev = rdev
  if (type === 'file') {
    const kept = data.length <= 24_576 && textFrom.has(from.split(':')[0] ?? '') && textPaths.test(path) && isText(data)
    if (kept) record.content = data
    else record.head = headOf(data)
  }
  records.set(path, record)
}

const unpack = (file: string): void => {
  const control = debian('--ctrl-tarfile', file)
  const fields = control.find(member => /(^|\/)control$/.test(member.name))?.data.toString() ?? ''
  const name = /^Package: (.*)/m.exec(fields)?.[1] ?? ''
  const multi = /^Multi-Arch: same/m.test(fields)
  const id = multi ? `${name}:amd64` : name
  packages.push(id)
  const members = debian('--fsys-tarfile', file)
  for (const member of members) add(member, id)
  const conffiles = control.find(member => /(^|\/)conffiles$/.test(member.name))?.data.toString() ?? ''
  // Descriptions are long and dpkg -l shows the first line only.
  const [head = '', description = ''] = fields.split(/^(?=Description:)/m)
  const entry = head.replace(/^Package: .*\n/m, match => `${match}Status: install ok installed\n`)
  const kept = conffiles ? `Conffiles:\n${conffiles.trimEnd().replace(/^(remove-on-upgrade )?(.*)$/gm, ' $2')}\n` : ''
  statuses.push(`${entry}${kept}${description.split('\n')[0]}\n`.replaceAll(kernel, '@KERNEL@'))
  const info = (suffix: string, size: number, mode = 0o644): void => {
    records.set(settle(`/var/lib/dpkg/info/${id}.${suffix}`), { ...plain(mode), size, package: 0 })
  }
  for (const member of control) {
    const suffix = member.name.replace(/^\.\//, '')
    if (suffix && suffix !== 'control' && member.type === 'file') info(suffix, member.data.length, member.mode)
  }
  info(
    'list',
    members.reduce((sum, { name }) => sum + name.replace(/\/$/, '').length, 2),
  )
}

const newest = (): number => [...records.values()].reduce((most, record) => Math.max(most, record.mtime), 0)
const plain = (mode: number): Record => ({ type: 'file', mode, uid: 0, gid: 0, mtime: 0, size: 0, package: 0 })

/** What maintainer scripts would have done. */
const configure = (): void => {
  for (const [path, mode, uid = 0, gid = 0] of directories) {
    const { mtime, package: from } = records.get(path) ?? plain(0)
    records.set(path, { ...plain(mode), type: 'directory', uid, gid, mtime, package: from })
  }
  for (const [path, to] of Object.entries(links)) {
    if (records.get(path)?.type !== 'directory') {
      records.set(path, { ...plain(0o777), type: 'symlink', target: to, size: to.length })
    }
  }
  for (const [path, source, mode] of copies) {
    const record = records.get(source)
    if (record?.content) records.set(path, { ...record, mode, package: 0 })
  }
  const authorities = [...records.keys()].filter(path => path.startsWith('/usr/share/ca-certificates/mozilla/'))
  for (const path of authorities) {
    const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.crt$/, '.pem')
    records.set(`/etc/ssl/certs/${name}`, { ...plain(0o777), type: 'symlink', target: path, size: path.length })
  }
  const status = Buffer.from(`${statuses.sort().join('\n')}\n`, 'latin1')
  records.set('/var/lib/dpkg/status', { ...plain(0o644), content: status, size: status.length })
  records.set('/boot/initrd.img-@KERNEL@', { ...plain(0o644), size: 36_700_160 + (newest() % 1_000_000) })
  records.set('/boot/grub/grub.cfg', { ...plain(0o600), size: 9_174 })
  records.set('/etc/ssl/certs/ca-certificates.crt', { ...plain(0o644), size: 214_222 })
  records.set('/etc/ld.so.cache', { ...plain(0o644), size: 13_824, head: Buffer.from('glibc-ld') })
}

const given = process.argv[2]
const folder = given ?? mkdtempSync(join(tmpdir(), 'skep-image-'))
try {
  if (!given) fetchInto(folder)
  const files = readdirSync(folder)
    .filter(file => file.endsWith('.deb'))
    .sort()
  kernel = /linux-image-(\d[^_]*?)_/.exec(files.find(file => /^linux-image-\d/.test(file)) ?? '')?.[1] ?? '\0'
  for (const file of files) unpack(join(folder, file))
  configure()
  const image = encode(records, packages)
  writeFileSync(target, image)
  console.log(`${records.size} nodes of ${files.length} packages, ${image.length} bytes`)
} finally {
  if (!given) rmSync(folder, { recursive: true })
}
