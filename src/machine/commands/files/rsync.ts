import { errorText } from '../../errors.ts'
import { compilePattern, matches } from '../../shell/pattern.ts'
import { type Process, type Program, type Stat, SystemError } from '../../system.ts'
import { getopt, type Option, type Parsed } from '../getopt.ts'
import { versioned } from '../package-version.ts'
import { absolute, attempt } from '../paths.ts'
import { copy, copyDefaults } from './copy.ts'
import { baseName, below, look, withoutSlashes } from './names.ts'
import { remove } from './rm.ts'
import { breathe } from './work.ts'

const options: Option[] = [
  ...'v=verbose q=quiet c=checksum a=archive r=recursive R=relative b=backup u=update d=dirs l=links L=copy-links k=copy-dirlinks K=keep-dirlinks H=hard-links p=perms E=executability A=acls X=xattrs o=owner g=group D t=times U=atimes N=crtimes O=omit-dir-times J=omit-link-times S=sparse n=dry-run W=whole-file x=one-file-system m=prune-empty-dirs I=ignore-times y=fuzzy z=compress C=cvs-exclude F 0=from0 s=secluded-args P i=itemize-changes h=human-readable 4=ipv4 6=ipv6 V=version 8=8-bit-output'
    .split(' ')
    .map(pair => ({ short: pair[0]!, ...(pair.length > 1 ? { long: pair.slice(2) } : {}) })),
  ...'delete delete-before delete-during delete-delay delete-after delete-excluded del existing ignore-existing remove-source-files progress partial stats inplace append mkpath numeric-ids devices specials list-only safe-links copy-unsafe-links force size-only no-motd blocking-io help daemon fsync protect-args'
    .split(' ')
    .map(long => ({ long })),
  ...'exclude include exclude-from include-from files-from filter bwlimit timeout contimeout port password-file log-file chmod chown max-size min-size out-format info debug temp-dir backup-dir suffix rsync-path link-dest compare-dest copy-dest partial-dir modify-window compress-level address sockopts max-delete usermap groupmap remote-option'
    .split(' ')
    .map(long => ({ long, argument: 'required' as const })),
  { short: 'e', long: 'rsh', argument: 'required' },
  { short: 'B', long: 'block-size', argument: 'required' },
  { short: 'f', argument: 'required' },
  { short: 'T', argument: 'required' },
  { short: 'M', argument: 'required' },
]

type Run = {
  process: Process
  parsed: Parsed
  links: boolean
  recursive: boolean
  times: boolean
  perms: boolean
  owner: boolean
  verbose: boolean
  dry: boolean
  rules: { includes: boolean; pattern: ReturnType<typeof compilePattern>; anchored: boolean; folders: boolean }[]
  listed: number
  sent: number
  total: number
  failed: boolean
  seen: number
  /** The folder of the target was made for this. */
  fresh: boolean
}

const remotePath = /^(?:([^/@:]+)@)?(\[[^\]]+\]|[^/:]+):(:?)(.*)$|^rsync:\/\/(?:[^@/]+@)?([^/:]+)(?::(\d+))?\/(.*)$/

/** rsync(1) 3.2.7 between places of this machine; another host is out of reach, and told to the witness. */
export const rsync: Program = async process => {
  const parsed = getopt(process.argv, options)
  const code = (status: number, what: string, where: string): Promise<number> =>
    process.stderr.write(`rsync error: ${what} (code ${status}) at ${where}\n`).then(() => status)
  if (typeof parsed === 'string') {
    const wrong = /'(-*[^']+)'/.exec(parsed)?.[1] ?? ''
    await process.stderr.write(`rsync: ${wrong.startsWith('--') ? wrong : `-${wrong}`}: unknown option\n`)
    return code(1, 'syntax or usage error', 'main.c(1789) [client=3.2.7]')
  }
  if (parsed.has('version')) {
    await process.stdout.write(versioned(process, 'rsync  version @rsync@  protocol version 32\n'))
    return 0
  }
  const { operands } = parsed
  if (operands.length === 0) {
    await process.stdout.write(
      versioned(process, 'rsync  version @rsync@  protocol version 32\nUsage: rsync [OPTION]... SRC [SRC]... DEST\n'),
    )
    return code(1, 'syntax or usage error', 'main.c(1789) [client=3.2.7]')
  }
  const remote = operands.find(operand => remotePath.test(operand))
  if (remote !== undefined) return reachOut(process, parsed, remote)
  const archive = parsed.has('archive')
  const run: Run = {
    process,
    parsed,
    links: archive || parsed.has('links'),
    recursive: archive || parsed.has('recursive'),
    times: archive || parsed.has('times'),
    perms: archive || parsed.has('perms'),
    owner: archive || parsed.has('owner'),
    verbose: parsed.has('verbose') || parsed.has('progress') || parsed.has('P') || parsed.has('itemize-changes'),
    dry: parsed.has('dry-run'),
    rules: [],
    listed: 0,
    sent: 0,
    total: 0,
    failed: false,
    seen: 0,
    fresh: false,
  }
  for (const { name, value = '' } of parsed.given) {
    if (name !== 'exclude' && name !== 'include') continue
    const bare = value.replace(/\/+$/, '')
    run.rules.push({
      includes: name === 'include',
      pattern: compilePattern(bare.replace(/^\//, '')),
      anchored: bare.includes('/'),
      folders: value.endsWith('/'),
    })
  }
  if (operands.length === 1) return listOnly(run, operands[0]!)
  return transfer(run, operands.slice(0, -1), operands.at(-1)!)
}

/** Through ssh, or to a daemon: no answer comes, in the words of whatever failed. */
const reachOut = async (process: Process, parsed: Parsed, operand: string): Promise<number> => {
  const found = remotePath.exec(operand)!
  const host = (found[2] ?? found[5] ?? '').replace(/^\[|\]$/g, '')
  const daemon = found[3] === ':' || found[5] !== undefined
  const port = daemon
    ? Number(found[6] ?? parsed.value('port') ?? 873)
    : Number(/-p\s*(\d+)/.exec(parsed.value('rsh') ?? '')?.[1] ?? 22)
  process.host.witness.connection({ host, port, tool: 'rsync' })
  const side = parsed.operands.at(-1) === operand ? 'sender' : 'Receiver'
  const address = process.host.internet.resolve(host)
  const { seconds, refused = 'ETIMEDOUT' } = address
    ? process.host.internet.connect(host, port)
    : { seconds: 0.4, refused: undefined }
  await process.sleep(Math.min(seconds, 130))
  const reason = {
    ECONNREFUSED: 'Connection refused',
    ETIMEDOUT: 'Connection timed out',
    EHOSTUNREACH: 'No route to host',
  }
  if (daemon) {
    const number = { ECONNREFUSED: 111, ETIMEDOUT: 110, EHOSTUNREACH: 113 }
    await process.stderr.write(
      address && refused
        ? `rsync: [${side}] failed to connect to ${host} (${address.v4}): ${reason[refused]} (${number[refused]})\n`
        : `rsync: getaddrinfo: ${host} ${port}: Name or service not known\n`,
    )
    await process.stderr.write(`rsync error: error in socket IO (code 10) at clientserver.c(139) [${side}=3.2.7]\n`)
    return 10
  }
  await process.stderr.write(
    address && refused
      ? `ssh: connect to host ${host} port ${port}: ${reason[refused]}\r\n`
      : `ssh: Could not resolve hostname ${host}: Name or service not known\r\n`,
  )
  await process.stderr.write(
    `rsync: connection unexpectedly closed (0 bytes received so far) [${side}]\nrsync error: unexplained error (code 255) at io.c(232) [${side}=3.2.7]\n`,
  )
  return 255
}

const isExcluded = ({ rules, process }: Run, path: string, isFolder: boolean): boolean => {
  const name = baseName(path)
  for (const { includes, pattern, anchored, folders } of rules) {
    if (folders && !isFolder) continue
    if (matches(pattern, anchored ? path : name, cost => process.step(cost))) return !includes
  }
  return false
}

const linkFailed = async (run: Run, path: string, error: unknown): Promise<void> => {
  const { process } = run
  const number =
    error instanceof SystemError ? { ENOENT: 2, EACCES: 13, ENOTDIR: 20, ELOOP: 40 }[error.errno as 'ENOENT'] : 0
  run.failed = true
  await process.stderr.write(
    `rsync: [sender] link_stat "${absolute(process, path)}" failed: ${errorText(error)} (${number ?? 5})\n`,
  )
}

const ended = async (run: Run): Promise<number> => {
  if (!run.failed) return 0
  await run.process.stderr.write(
    'rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1347) [sender=3.2.7]\n',
  )
  return 23
}

const listOnly = async (run: Run, path: string): Promise<number> => {
  const { process } = run
  try {
    const stat = look(process, path)
    const time = new Date(stat.mtime).toISOString().replace('T', ' ').slice(0, 19).replaceAll('-', '/')
    await process.stdout.write(
      `${stat.type === 'directory' ? 'd' : '-'}rw-r--r-- ${String(stat.size).padStart(14)} ${time} ${baseName(path)}\n`,
    )
  } catch (error) {
    await linkFailed(run, path, error)
  }
  return ended(run)
}

const transfer = async (run: Run, sources: readonly string[], to: string): Promise<number> => {
  const { process, verbose } = run
  const { fs, who } = process
  const target = attempt(() => look(process, to, true))
  const isFolder = 'value' in target && target.value.type === 'directory'
  if (verbose && !run.parsed.has('quiet')) {
    if (run.recursive) await process.stdout.write('sending incremental file list\n')
  }
  const many = sources.length > 1 || to.endsWith('/')
  if (many && 'error' in target && !run.dry)
    attempt(() => fs.mkdir(absolute(process, to).replace(/(?<=.)\/+$/, ''), 0o777 & ~process.umask, who))
  for (const source of sources) {
    let stat: Stat
    try {
      stat = look(process, source, source.endsWith('/'))
    } catch (error) {
      await linkFailed(run, source, error)
      continue
    }
    const inside = source.endsWith('/') || /(^|\/)\.$/.test(source)
    if (stat.type === 'directory') {
      if (!run.recursive) {
        await process.stdout.write(`skipping directory ${inside ? '.' : withoutSlashes(source)}\n`)
        continue
      }
      if (!isFolder && !run.dry) {
        const made = attempt(() =>
          fs.mkdir(absolute(process, to).replace(/(?<=.)\/+$/, ''), 0o777 & ~process.umask, who),
        )
        run.fresh = 'value' in made
        if (run.fresh && verbose && !run.parsed.has('quiet'))
          await process.stdout.write(`created directory ${withoutSlashes(to)}\n`)
        else if ('error' in made && made.error !== 'File exists') {
          await process.stderr.write(
            `rsync: [Receiver] mkdir "${absolute(process, to)}" failed: ${made.error} (2)\nrsync error: error in file IO (code 11) at main.c(789) [Receiver=3.2.7]\n`,
          )
          return 11
        }
      }
      const base = inside ? to : below(to, baseName(source))
      await sync(run, withoutSlashes(source), base, inside ? '' : baseName(source), 0)
      continue
    }
    await sync(run, source, isFolder || many ? below(to, baseName(source)) : to, baseName(source), 0)
  }
  if (verbose && !run.parsed.has('quiet')) {
    const sent = 100 + run.sent + run.seen * 21
    const received = 35 + run.listed * 4
    const speed = ((sent + received) / 0.5).toFixed(2)
    await process.stdout.write(
      `\nsent ${grouped(sent)} bytes  received ${grouped(received)} bytes  ${grouped(Number(speed))}${speed.slice(-3)} bytes/sec\ntotal size is ${grouped(run.total)}  speedup is ${(run.total / (sent + received)).toFixed(2)}${run.dry ? ' (DRY RUN)' : ''}\n`,
    )
  }
  return ended(run)
}

const grouped = (value: number): string => String(Math.trunc(value)).replace(/\B(?=(\d{3})+$)/g, ',')

const sync = async (run: Run, from: string, to: string, shown: string, depth: number): Promise<void> => {
  const { process, parsed } = run
  const { fs, who } = process
  await breathe(process)
  const found = attempt(() => look(process, from, parsed.has('copy-links')))
  if ('error' in found || depth > 200) return
  const stat = found.value
  const isFolder = stat.type === 'directory'
  if (shown !== '' && isExcluded(run, shown, isFolder)) return
  run.seen++
  const full = absolute(process, to).replace(/(?<=.)\/+$/, '')
  const there = attempt(() => fs.lstat(full, who))
  const tell = async (name: string): Promise<void> => {
    run.listed++
    if (run.verbose && !parsed.has('quiet')) await process.stdout.write(`${name}\n`)
  }
  if (isFolder) {
    if ('error' in there) {
      await tell(shown === '' ? './' : `${shown}/`)
      if (!run.dry) attempt(() => fs.mkdir(full, 0o700, who))
    } else if (shown === '' && (run.fresh || (there.value.mtime !== stat.mtime && run.times))) await tell('./')
    const names = attempt(() => fs.readdir(absolute(process, from), who))
    const listed = 'value' in names ? names.value.toSorted() : []
    if (
      ['delete', 'delete-before', 'delete-during', 'delete-after', 'delete-delay', 'del', 'delete-excluded'].some(
        name => parsed.has(name),
      )
    ) {
      const present = attempt(() => fs.readdir(full, who))
      for (const name of 'value' in present ? present.value : []) {
        if (listed.includes(name)) continue
        if (run.verbose) await process.stdout.write(`deleting ${shown === '' ? name : below(shown, name)}\n`)
        const removal = {
          process,
          force: true,
          asks: false,
          recursive: true,
          directories: true,
          verbose: false,
          oneFileSystem: false,
        }
        if (!run.dry) await remove(removal, below(full, name), 0)
      }
    }
    for (const name of listed)
      await sync(run, below(from, name), below(to, name), shown === '' ? name : below(shown, name), depth + 1)
    if (!run.dry) keep(run, full, stat)
    return
  }
  if (stat.type === 'symlink' && !run.links) {
    await process.stdout.write(`skipping non-regular file "${shown}"\n`)
    return
  }
  run.total += stat.size
  const same =
    'value' in there &&
    there.value.size === stat.size &&
    Math.floor(there.value.mtime / 1000) === Math.floor(stat.mtime / 1000)
  if (same && !parsed.has('ignore-times')) return
  if ('value' in there && (parsed.has('ignore-existing') || (parsed.has('update') && there.value.mtime > stat.mtime)))
    return
  const target = stat.type === 'symlink' ? ` -> ${fs.readlink(absolute(process, from), who)}` : ''
  await tell(shown + target)
  run.sent += stat.size
  if (run.dry) return
  const copying = {
    ...copyDefaults(process),
    recursive: true,
    follow: parsed.has('copy-links') ? ('always' as const) : ('never' as const),
    removeFirst: true,
    preserve: { mode: run.perms, owner: run.owner, times: run.times, links: false },
  }
  if (!(await copy(copying, from, to))) run.failed = true
  else if (parsed.has('remove-source-files')) attempt(() => fs.unlink(absolute(process, from), who))
}

const keep = ({ process, perms, owner, times }: Run, full: string, stat: Stat): void => {
  const { fs, who } = process
  attempt(() => fs.chmod(full, perms ? stat.mode : stat.mode & 0o777 & ~process.umask, who))
  if (owner) attempt(() => fs.chown(full, stat.uid, stat.gid, who))
  if (times) attempt(() => fs.utimes(full, stat.atime, stat.mtime, who))
}
