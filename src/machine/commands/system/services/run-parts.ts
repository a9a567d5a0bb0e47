import { type Process, type Program, SystemError } from '../../../system.ts'
import { getopt } from '../../getopt.ts'
import { absolute } from '../../paths.ts'
import { say } from '../facts.ts'

const names = {
  plain: /^[A-Za-z0-9_-]+$/,
  lsb: /^[a-z0-9]+$|^_?([a-z0-9_.]+-)+[a-z0-9]+$|^[a-zA-Z0-9_-]+$/,
}
const most = 200

/** run-parts(8): the programs of a folder, one after another. */
export const runParts: Program = async process => {
  const parsed = getopt(process.argv, [
    ...[
      'test',
      'list',
      'verbose',
      'report',
      'reverse',
      'exit-on-error',
      'lsbsysinit',
      'new-session',
      'help',
      'version',
      'debug',
    ].map(long => ({ long })),
    { short: 'v' },
    { short: 'd' },
    { short: 'a', long: 'arg', argument: 'required' },
    { short: 'u', long: 'umask', argument: 'required' },
    { long: 'regex', argument: 'required' },
  ])
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nTry \`run-parts --help' for more information.\n`)
    return 1
  }
  const { has, operands } = parsed
  if (has('help')) return say(process, 'Usage: run-parts [OPTION]... DIRECTORY\n')
  const [folder] = operands
  if (folder === undefined) {
    await process.stderr.write("run-parts: missing operand\nTry `run-parts --help' for more information.\n")
    return 1
  }
  let found: string[]
  try {
    found = process.fs.readdir(absolute(process, folder), process.who).toSorted()
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const why =
      error.errno === 'EACCES'
        ? 'Permission denied'
        : error.errno === 'ENOTDIR'
          ? 'Not a directory'
          : 'No such file or directory'
    await process.stderr.write(`run-parts: failed to open directory ${folder}: ${why}\n`)
    return 1
  }
  if (has('reverse')) found.reverse()
  const pattern = has('lsbsysinit') ? names.lsb : names.plain
  const given = parsed.given.filter(({ name }) => name === 'a' || name === 'arg').map(({ value }) => value ?? '')
  let status = 0
  for (const name of found.filter(one => pattern.test(one)).slice(0, most)) {
    const path = `${folder.replace(/\/$/, '')}/${name}`
    if (!isProgram(process, absolute(process, path), has('list'))) continue
    if (has('test') || has('list')) {
      await process.stdout.write(`${path}\n`)
      continue
    }
    if (has('verbose') || has('v')) await process.stderr.write(`run-parts: executing ${path}\n`)
    const result = await run(process, [path, ...given])
    if (result !== 0) {
      await process.stderr.write(`run-parts: ${path} exited with return code ${result}\n`)
      status = 1
      if (has('exit-on-error')) break
    }
  }
  return status
}

const isProgram = ({ fs, who }: Process, path: string, listed: boolean): boolean => {
  try {
    return fs.stat(path, who).type === 'file' && (listed || fs.access(path, 1, who))
  } catch (error) {
    if (error instanceof SystemError) return false
    throw error
  }
}

const run = async (process: Process, argv: string[]): Promise<number> => {
  try {
    return await process.run(argv)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await process.stderr.write(`run-parts: failed to exec ${argv[0]}: Exec format error\n`)
    return 1
  }
}
