import { errorText } from '../../errors.ts'
import { type Process, SystemError } from '../../system.ts'
import { absolute, attempt, complain } from '../paths.ts'
import { quote } from '../quoting.ts'
import { ask } from './ask.ts'
import { Mistake, type Primary, Quit, type Search, type Test, type Visit, type Words } from './find-expression.ts'
import { formatVisit, listLine, parseFormat, shownPath } from './find-print.ts'
import { argumentOf } from './find-tests.ts'
import { baseName, folderOf } from './names.ts'

/** As much as an argument list holds (ARG_MAX less room), and as many. */
const mostBytes = 128 << 10
const mostArguments = 4096

const printing =
  (text: (search: Search, visit: Visit) => string): Primary =>
  search => {
    search.acts = true
    return async visit => {
      await search.process.stdout.write(text(search, visit))
      return true
    }
  }

/** -fprint and its like: the file is there, empty, even where nothing is found. */
const toFile =
  (text: (search: Search, visit: Visit) => string): Primary =>
  (search, name, words) => {
    const write = opened(search, argumentOf(words, name))
    return visit => {
      write(text(search, visit))
      return true
    }
  }

const opened = (search: Search, path: string): ((text: string) => void) => {
  const { process } = search
  search.acts = true
  const full = absolute(process, path)
  const how = { mode: 0o666 & ~process.umask }
  const made = attempt(() => process.fs.writeFile(full, Buffer.alloc(0), process.who, how))
  if ('error' in made) throw new Mistake(`${quote(process, path)}: ${made.error}`)
  return text => process.fs.writeFile(full, Buffer.from(text, 'latin1'), process.who, { append: true })
}

const formatOf = (search: Search, text: string): ReturnType<typeof parseFormat> => {
  const warnings: string[] = []
  const pieces = parseFormat(text, message => void warnings.push(message))
  for (const message of warnings) void complain(search.process, message)
  return pieces
}

type Command = { words: string[]; plus: boolean }

const commandOf = (name: string, words: Words): Command => {
  const list: string[] = []
  for (;;) {
    const word = words.list[words.at++]
    if (word === undefined) throw new Mistake(`missing argument to \`${name}'`)
    if (word === ';') {
      if (list.length === 0) throw new Mistake(`invalid argument \`;' to \`${name}'`)
      return { words: list, plus: false }
    }
    if (word === '+' && list.at(-1) === '{}' && list.length > 1) {
      if (list.slice(0, -1).some(one => one.includes('{}')))
        throw new Mistake(`Only one instance of {} is supported with ${name} ... +`)
      return { words: list.slice(0, -1), plus: true }
    }
    list.push(word)
  }
}

/** 0, or why it could not be started. */
const runCommand = async (process: Process, argv: string[], cwd?: string): Promise<number> => {
  try {
    return await process.run(argv, cwd === undefined ? {} : { cwd })
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await complain(process, `${quote(process, argv[0]!)}: ${errorText(error)}`)
    return 127
  }
}

const folderFor = (process: Process, path: string): string => {
  const real = attempt(() => process.fs.realpath(absolute(process, folderOf(path)), process.who))
  return 'value' in real ? real.value : process.cwd
}

const exec =
  (inFolder: boolean): Primary =>
  (search, name, words) => {
    const { process } = search
    const { words: command, plus } = commandOf(name, words)
    search.acts = true
    if (!plus) {
      return async ({ path }) => {
        const shown = inFolder ? `./${baseName(path)}` : path
        const argv = command.map(word => word.replaceAll('{}', () => shown))
        return (await runCommand(process, argv, inFolder ? folderFor(process, path) : undefined)) === 0
      }
    }
    return gathered(search, command, inFolder)
  }

/** `{} +`: as many names at once as an argument list takes; whatever fails makes find fail. */
const gathered = (search: Search, command: string[], inFolder: boolean): Test => {
  const { process } = search
  let names: string[] = []
  let bytes = 0
  let folder: string | undefined
  const flush = async (): Promise<void> => {
    if (names.length === 0) return
    const argv = [...command, ...names]
    names = []
    bytes = 0
    if ((await runCommand(process, argv, folder)) !== 0) search.status = 1
  }
  search.atEnd.push(flush)
  return async ({ path }) => {
    const here = inFolder ? folderFor(process, path) : undefined
    if (here !== folder) await flush()
    folder = here
    const shown = inFolder ? `./${baseName(path)}` : path
    names.push(shown)
    bytes += shown.length + 9
    if (bytes > mostBytes || names.length >= mostArguments) await flush()
    return true
  }
}

const ok =
  (inFolder: boolean): Primary =>
  (search, name, words) => {
    const { process } = search
    const { words: command } = commandOf(name, words)
    search.acts = true
    return async ({ path }) => {
      const shown = inFolder ? `./${baseName(path)}` : path
      if (!(await ask(process, `< ${command[0]} ... ${path} > ? `))) return false
      const argv = command.map(word => word.replaceAll('{}', () => shown))
      return (await runCommand(process, argv, inFolder ? folderFor(process, path) : undefined)) === 0
    }
  }

const remove: Primary = search => {
  const { process } = search
  const { fs, who } = process
  search.acts = true
  search.depthFirst = true
  return async ({ path, stat }) => {
    if (path === '.') return true
    const full = absolute(process, path)
    const done = attempt(() => (stat.type === 'directory' ? fs.rmdir(full, who) : fs.unlink(full, who)))
    if (!('error' in done)) return true
    await complain(process, `cannot delete ${quote(process, path)}: ${done.error}`)
    search.status = 1
    return false
  }
}

/** The actions of find(1) of findutils 4.9.0. */
export const actions = new Map<string, Primary>([
  ['-print', printing(({ process }, { path }) => `${shownPath(process, path)}\n`)],
  ['-print0', printing((_, { path }) => `${path}\0`)],
  ['-ls', printing(listLine)],
  ['-fprint', toFile((_, { path }) => `${path}\n`)],
  ['-fprint0', toFile((_, { path }) => `${path}\0`)],
  ['-fls', toFile(listLine)],
  [
    '-printf',
    (search, name, words) => {
      const pieces = formatOf(search, argumentOf(words, name))
      search.acts = true
      return async visit => {
        await search.process.stdout.write(formatVisit(search, visit, pieces))
        return true
      }
    },
  ],
  [
    '-fprintf',
    (search, name, words) => {
      const path = argumentOf(words, name)
      const pieces = formatOf(search, argumentOf(words, name))
      const write = opened(search, path)
      return visit => {
        write(formatVisit(search, visit, pieces))
        return true
      }
    },
  ],
  ['-exec', exec(false)],
  ['-execdir', exec(true)],
  ['-ok', ok(false)],
  ['-okdir', ok(true)],
  ['-delete', remove],
  [
    '-quit',
    () => () => {
      throw new Quit()
    },
  ],
])
