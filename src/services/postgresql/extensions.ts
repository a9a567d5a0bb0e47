import type { Parser } from '#sql/parser.ts'
import postgresql from '../../../data/postgresql.json' with { type: 'json' }
import { pgError } from './errors.ts'
import { type Carry, skipping } from './execute.ts'
import type { Session } from './state.ts'

/** What extends the server: extensions and languages that its package has, and functions of libraries that were brought. */

/** CREATE EXTENSION, and CREATE LANGUAGE, which is one since 9.1: what the package has can be created. */
export function createExtension(p: Parser, tag: string): Carry {
  const quietly = p.takeWord('if', 'not', 'exists')
  const name = p.token.kind === 'string' ? p.string() : p.name()
  while (!p.atEnd && !p.isOperator(';')) p.next()
  return session => {
    if (name === 'plpgsql')
      if (quietly)
        return {
          is: 'done',
          tag,
          notices: [
            skipping('extension "plpgsql" already exists, skipping', '42710', [
              'extension.c',
              '1962',
              'CreateExtension',
            ]),
          ],
        }
      else
        throw pgError('42710', 'extension "plpgsql" already exists', {
          where: ['extension.c', '1969', 'CreateExtension'],
        })
    if (!available.has(name))
      throw pgError('0A000', `extension "${name}" is not available`, {
        detail: `Could not open extension control file "/usr/share/postgresql/${session.server.version.split('.')[0]}/extension/${name}.control": No such file or directory.`,
        hint: 'The extension must first be installed on the system where PostgreSQL is running.',
        where: ['extension.c', '669', 'parse_extension_control_file'],
      })
    return { is: 'done', tag }
  }
}
const available: ReadonlySet<string> = new Set((postgresql.extensions as string[][]).map(([name = '']) => name))

export function createFunction(p: Parser): Carry {
  const name = p.path().at(-1)!
  let [library, symbol, language, returns] = ['', '', '', 'text']
  let depth = 0
  while (!p.atEnd && !(depth === 0 && p.isOperator(';'))) {
    if (depth === 0 && p.takeWord('as')) {
      if (p.token.kind === 'string') library = p.string()
      if (p.takeOperator(',') && p.token.kind === 'string') symbol = p.string()
    } else if (depth === 0 && p.takeWord('language')) language = p.next().text.toLowerCase()
    else if (depth === 0 && p.takeWord('returns')) returns = p.token.text.toLowerCase()
    else {
      const { text: word, kind } = p.next()
      if (kind === 'operator') depth += word === '(' ? 1 : word === ')' ? -1 : 0
    }
  }
  return session => {
    if (language === 'c') brought(session, library)
    else if (/^pl(?:python|perl|sh|tcl|r)/.test(language))
      throw pgError('42704', `language "${language}" does not exist`, {
        hint: 'Use CREATE EXTENSION to load the language into the database.',
        where: ['functioncmds.c', '1081', 'CreateFunction'],
      })
    if (language === 'c' && session.server.functions.size < 100)
      session.server.functions.set(name, { library, symbol: symbol || name, returns })
    return { is: 'done', tag: 'CREATE FUNCTION' }
  }
}
/** The library has to be there, and to be one. */
function brought({ server }: Session, library: string): void {
  if (/^(?:\$libdir\/)?plpgsql$/.test(library)) return
  // What old guides try first: a library of the system, which is none of PostgreSQL's.
  if (/^(?:\/usr)?\/lib(?:64|\/x86_64-linux-gnu)?\/libc\.so\.6$/.test(library))
    throw pgError('XX000', `incompatible library "${library}": missing magic block`, {
      hint: 'Extension libraries are required to use the PG_MODULE_MAGIC macro.',
      where: ['dfmgr.c', '279', 'internal_load_library'],
    })
  const content = server.files.get(library)
  if (content === undefined)
    throw pgError('58P01', `could not access file "${library}": No such file or directory`, {
      where: ['dfmgr.c', '208', 'internal_load_library'],
    })
  if (!content.startsWith('\x7fELF'))
    throw pgError(
      '58P01',
      `could not load library "${library}": ${library}: ${content.length < 64 ? 'file too short' : 'invalid ELF header'}`,
      { where: ['dfmgr.c', '241', 'internal_load_library'] },
    )
}
