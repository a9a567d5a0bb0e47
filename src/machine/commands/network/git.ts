import { connectTexts, lookup, reach } from '../../internet/reach.ts'
import { partsOf } from '../../internet/url.ts'
import type { Process, Program } from '../../system.ts'
import { packageVersion } from '../package-version.ts'
import { absolute, attempt, statOf } from '../paths.ts'

const usage = `usage: git [-v | --version] [-h | --help] [-C <path>] [-c <name>=<value>]
           [--exec-path[=<path>]] [--html-path] [--man-path] [--info-path]
           [-p | --paginate | -P | --no-pager] [--no-replace-objects] [--bare]
           [--git-dir=<path>] [--work-tree=<path>] [--namespace=<name>]
           [--super-prefix=<path>] [--config-env=<name>=<envvar>]
           <command> [<args>]
`
const commands = new Set(
  'add am archive bisect blame branch bundle checkout cherry-pick clean commit describe diff fetch format-patch gc grep log merge mv notes pull push rebase reset restore revert rm shortlog show stash status submodule switch tag worktree'.split(
    ' ',
  ),
)
/** Options of `git clone` that take the next word. */
const takes =
  /^(-b|--branch|-o|--origin|-u|--upload-pack|--depth|-j|--jobs|-c|--config|--reference|--template|--filter|--separate-git-dir)$/

/** git(1) 2.39: what can be said without a repository. Nothing is fetched. */
export const git: Program = async process => {
  const words = process.argv.slice(1)
  while (words[0] === '-C' || words[0] === '-c') words.splice(0, 2)
  const [command, ...rest] = words
  if (command === '--version' || command === '-v' || command === 'version') {
    const version = packageVersion(process, 'git', '1:2.39.5-0+deb12u2').replace(/^\d+:/, '').replace(/-.*$/, '')
    await process.stdout.write(`git version ${version}\n`)
    return 0
  }
  if (command === undefined || command === '--help' || command === 'help') {
    await process.stdout.write(usage)
    return command === undefined ? 1 : 0
  }
  if (command === 'clone') return clone(process, rest)
  if (command === 'init') return init(process, rest)
  if (command === 'config') return 0
  if (commands.has(command)) return fatal(process, 'not a git repository (or any of the parent directories): .git')
  await process.stderr.write(`git: '${command}' is not a git command. See 'git --help'.\n`)
  return 1
}

const fatal = async (process: Process, text: string): Promise<number> => {
  await process.stderr.write(`fatal: ${text}\n`)
  return 128
}

const clone = async (process: Process, words: readonly string[]): Promise<number> => {
  const operands: string[] = []
  for (let at = 0; at < words.length; at++) {
    if (takes.test(words[at]!)) at++
    else if (!words[at]!.startsWith('-')) operands.push(words[at]!)
  }
  const [repository, folder] = operands
  if (repository === undefined) {
    await process.stderr.write(
      'fatal: You must specify a repository to clone.\n\nusage: git clone [<options>] [--] <repo> [<dir>]\n\n',
    )
    return 129
  }
  const name =
    folder ??
    repository
      .replace(/\/+$/, '')
      .replace(/\/?\.git$/, '')
      .replace(/^.*[/:]/s, '')
  const scp = /^(?:[^@/:]+@)?([^/:@]+):(?!\/\/)(.*)$/.exec(repository)
  const parts = partsOf(repository)
  if (!parts && !scp) {
    if (repository.includes('://')) return fatal(process, `repository '${repository}' does not exist`)
    return fatal(process, `repository '${repository}' does not exist`)
  }
  process.host.witness.download({
    url: scp && !parts ? `ssh://${scp[1]}/${scp[2]}` : repository,
    tool: 'git',
    argv: process.argv,
    path: absolute(process, name),
  })
  if (
    statOf(process, name) &&
    (statOf(process, name)?.type !== 'directory' || process.fs.readdir(absolute(process, name), process.who).length > 0)
  )
    return fatal(process, `destination path '${name}' already exists and is not an empty directory.`)
  if (!words.includes('-q') && !words.includes('--quiet')) await process.stderr.write(`Cloning into '${name}'...\n`)
  const host = parts?.host ?? scp![1]!
  const port = parts?.port || 22
  const scheme = parts?.scheme ?? 'ssh'
  return failed(process, { repository, host, port, scheme })
}

/** A clone ends where networks end; what there is to get is not known here. */
const failed = async (
  process: Process,
  { repository, host, port, scheme }: { repository: string; host: string; port: number; scheme: string },
): Promise<number> => {
  const url = `${repository.replace(/\/$/, '')}/`
  const addresses = lookup(process, host)
  const web = scheme.startsWith('http')
  const unread =
    'Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.'
  if (!addresses) {
    await process.sleep(0.05)
    if (web) return fatal(process, `unable to access '${url}': Could not resolve host: ${host}`)
    if (scheme === 'git') return fatal(process, `unable to look up ${host} (port ${port}) (Name or service not known)`)
    await process.stderr.write(`ssh: Could not resolve hostname ${host}: Name or service not known\n`)
    return fatal(process, unread)
  }
  const made = reach(process, addresses[0]!, port)
  await process.sleep(made.seconds)
  if (made.refused === undefined) {
    await process.sleep(2)
    if (web)
      return fatal(
        process,
        `unable to access '${url}': GnuTLS recv error (-110): The TLS connection was non-properly terminated.`,
      )
    if (scheme === 'git') return fatal(process, 'read error: Connection reset by peer')
    await process.stderr.write(
      `kex_exchange_identification: Connection closed by remote host\nConnection closed by ${addresses[0]} port ${port}\n`,
    )
    return fatal(process, unread)
  }
  if (web)
    return fatal(
      process,
      `unable to access '${url}': Failed to connect to ${host} port ${port} after ${Math.round(made.seconds * 1000)} ms: Couldn't connect to server`,
    )
  if (scheme === 'git') {
    await process.stderr.write(
      `fatal: unable to connect to ${host}:\n${host}[0: ${addresses[0]}]: errno=${connectTexts[made.refused]}\n\n`,
    )
    return 128
  }
  await process.stderr.write(`ssh: connect to host ${host} port ${port}: ${connectTexts[made.refused]}\n`)
  return fatal(process, unread)
}

const hint = [
  "Using 'master' as the name for the initial branch. This default branch name",
  'is subject to change. To configure the initial branch name to use in all',
  'of your new repositories, which will suppress this warning, call:',
  '',
  '\tgit config --global init.defaultBranch <name>',
  '',
  "Names commonly chosen instead of 'master' are 'main', 'trunk' and",
  "'development'. The just-created branch can be renamed via this command:",
  '',
  '\tgit branch -m <name>',
]
  .map(line => `hint: ${line}\n`)
  .join('')

const init = async (process: Process, words: readonly string[]): Promise<number> => {
  const folder = words.find(word => !word.startsWith('-'))
  const place = folder === undefined ? process.cwd : absolute(process, folder)
  const make = (path: string) => attempt(() => process.fs.mkdir(path, 0o777 & ~process.umask, process.who))
  const put = (path: string, text: string) =>
    attempt(() => process.fs.writeFile(path, Buffer.from(text), process.who, { mode: 0o666 & ~process.umask }))
  if (folder !== undefined) make(place)
  const again = statOf(process, `${place}/.git`) !== undefined
  const made = make(`${place}/.git`)
  if ('error' in made && !again) return fatal(process, `cannot mkdir ${folder ?? '.git'}: ${made.error}`)
  if (!again) {
    for (const name of [
      'branches',
      'hooks',
      'info',
      'objects',
      'objects/info',
      'objects/pack',
      'refs',
      'refs/heads',
      'refs/tags',
    ])
      make(`${place}/.git/${name}`)
    put(`${place}/.git/HEAD`, 'ref: refs/heads/master\n')
    put(
      `${place}/.git/config`,
      '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n',
    )
    put(`${place}/.git/description`, "Unnamed repository; edit this file 'description' to name the repository.\n")
  }
  const quiet = words.includes('-q') || words.includes('--quiet')
  if (!again && !quiet) await process.stderr.write(hint)
  if (!quiet)
    await process.stdout.write(
      `${again ? 'Reinitialized existing' : 'Initialized empty'} Git repository in ${place}/.git/\n`,
    )
  return 0
}
