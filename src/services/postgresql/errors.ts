import { SqlError } from '#sql/error.ts'
import { cstring, message, text } from './wire.ts'

/** What an ErrorResponse says. `where`: file, line and function of the source, as 15.18 has them. */
export type Failure = {
  severity?: 'ERROR' | 'FATAL' | 'WARNING' | 'NOTICE'
  code: string
  words: string
  detail?: string
  hint?: string
  position?: number
  where?: readonly [file: string, line: string, routine: string]
  /** What a constraint is on. */
  constraint?: readonly [schema: string, table: string, name: string]
}

export function failure({
  severity = 'ERROR',
  code,
  words,
  detail,
  hint,
  position,
  where,
  constraint,
}: Failure): Buffer {
  const fields: [string, string | undefined][] = [
    ['S', severity],
    ['V', severity],
    ['C', code],
    ['M', words],
    ['D', detail],
    ['H', hint],
    ['P', position === undefined ? undefined : String(position)],
    ['s', constraint?.[0]],
    ['t', constraint?.[1]],
    ['n', constraint?.[2]],
    ['F', where?.[0]],
    ['L', where?.[1]],
    ['R', where?.[2]],
  ]
  const parts = fields.flatMap(([field, value]) => (value === undefined ? [] : [text(field), cstring(value)]))
  return message(severity === 'NOTICE' || severity === 'WARNING' ? 'N' : 'E', ...parts, Buffer.of(0))
}

/** The product's own errors, thrown through the engine. */
export class PgError extends SqlError {
  readonly failure: Failure
  constructor(failure: Failure) {
    super('product', [failure.words])
    this.failure = failure
  }
}
export const pgError = (code: string, words: string, more: Partial<Failure> = {}): PgError =>
  new PgError({ code, words, ...more })

/** How PostgreSQL words what is wrong with `sql`. Positions count characters from 1. */
export function failureOf(error: SqlError, sql: string, tokenAt: (at: number) => string): Failure {
  if (error instanceof PgError) return error.failure
  const [a = '', b = '', c = '', d = ''] = error.about
  const position = error.at === undefined ? {} : { position: error.at + 1 }
  const made = (code: string, words: string, where: Failure['where'], more: Partial<Failure> = {}): Failure => ({
    code,
    words,
    ...position,
    ...more,
    ...(where ? { where } : {}),
  })
  switch (error.problem) {
    case 'syntax': {
      const at = error.at ?? sql.length
      const found = tokenAt(at)
      return {
        code: '42601',
        words:
          found === ''
            ? 'syntax error at end of input'
            : found.startsWith('\0')
              ? found.slice(1)
              : `syntax error at or near "${found}"`,
        position: at + 1,
        where: ['scan.l', found === '' ? '1180' : '1188', 'scanner_yyerror'],
      }
    }
    case 'no table':
      return made('42P01', `relation "${a === 'public' || a === '' ? b : `${a}.${b}`}" does not exist`, [
        'parse_relation.c',
        a === 'public' || a === '' ? '1392' : '1371',
        'parserOpenTable',
      ])
    case 'table exists':
      return {
        code: '42P07',
        words: `relation "${a}" already exists`,
        where: ['heap.c', '1164', 'heap_create_with_catalog'],
      }
    case 'no database':
      return {
        code: '3F000',
        words: `schema "${a}" does not exist`,
        where: ['namespace.c', '2936', 'get_namespace_oid'],
      }
    case 'database exists':
      return {
        code: '42P06',
        words: `schema "${a}" already exists`,
        where: ['pg_namespace.c', '62', 'NamespaceCreate'],
      }
    case 'no column':
      return noColumn(error, made)
    case 'ambiguous column':
      return made('42702', `column reference "${a}" is ambiguous`, ['parse_relation.c', '898', 'colNameToVar'])
    case 'no table alias':
      return made('42P01', `missing FROM-clause entry for table "${a}"`, [
        'parse_relation.c',
        '3617',
        'errorMissingRTE',
      ])
    case 'no function':
      return made('42883', `function ${a}(${b}) does not exist`, ['parse_func.c', '629', 'ParseFuncOrColumn'], {
        hint: 'No function matches the given name and argument types. You might need to add explicit type casts.',
      })
    case 'argument count':
      return made(
        '42883',
        `function ${a}(${error.about.slice(1).join(', ')}) does not exist`,
        ['parse_func.c', '629', 'ParseFuncOrColumn'],
        { hint: 'No function matches the given name and argument types. You might need to add explicit type casts.' },
      )
    case 'alias twice':
      return {
        code: '42712',
        words: `table name "${a}" specified more than once`,
        where: ['parse_relation.c', '428', 'checkNameSpaceConflicts'],
      }
    case 'column twice':
      return {
        code: '42701',
        words: b === '' ? `column "${a}" specified more than once` : `column "${a}" of relation "${b}" already exists`,
        where: ['tablecmds.c', '7208', 'check_for_column_name_collision'],
      }
    case 'column count':
      return made(
        '42601',
        `INSERT has more ${b === 'more' ? 'expressions than target columns' : 'target columns than expressions'}`,
        b === 'more' ? ['analyze.c', '1017', 'transformInsertRow'] : ['analyze.c', '1035', 'transformInsertRow'],
      )
    case 'union columns':
      return made('42601', `each ${a.toUpperCase() || 'UNION'} query must have the same number of columns`, [
        'analyze.c',
        '2166',
        'transformSetOperationTree',
      ])
    case 'operand columns':
      return made('42601', 'subquery must return only one column', ['parse_expr.c', '1823', 'transformSubLink'])
    case 'more than one row':
      return {
        code: '21000',
        words: 'more than one row returned by a subquery used as an expression',
        where: ['nodeSubplan.c', '1156', 'ExecSetParamPlan'],
      }
    case 'duplicate key': {
      const name = `${d || c}_${b === 'PRIMARY' ? 'pkey' : `${b}_key`}`
      return {
        code: '23505',
        words: `duplicate key value violates unique constraint "${name}"`,
        detail: `Key ${a} already exists.`,
        constraint: [c || 'public', d ?? '', name],
        where: ['nbtinsert.c', '664', '_bt_check_unique'],
      }
    }
    case 'not null':
      return {
        code: '23502',
        words: `null value in column "${a}" of relation "${b}" violates not-null constraint`,
        where: ['execMain.c', '1996', 'ExecConstraints'],
      }
    case 'bad value':
      return made('22P02', `invalid input syntax for type ${a}: "${b}"`, badValue.get(a))
    case 'out of range':
      return { code: '22003', words: `${a} out of range`, where: ['int.c', '1012', 'int4pl'] }
    case 'division by zero':
      return { code: '22012', words: 'division by zero', where: ['int.c', '869', 'int4div'] }
    case 'group function':
      return made('42803', 'aggregate functions are not allowed in WHERE', [
        'parse_agg.c',
        '603',
        'check_agglevels_and_constraints',
      ])
    case 'no star':
      return made('42601', 'SELECT * with no tables specified is not valid', [
        'parse_target.c',
        '1335',
        'ExpandAllTables',
      ])
    case 'too much':
      return a === 'steps'
        ? {
            code: '57014',
            words: 'canceling statement due to statement timeout',
            where: ['postgres.c', '3260', 'ProcessInterrupts'],
          }
        : {
            code: '53100',
            words: 'could not extend file "base/5/16384": No space left on device',
            hint: 'Check free disk space.',
            where: ['md.c', '449', 'mdextend'],
          }
    case 'too deep':
      return {
        code: '54001',
        words: 'stack depth limit exceeded',
        hint: 'Increase the configuration parameter "max_stack_depth" (currently 2048kB), after ensuring the platform\'s stack depth limit is adequate.',
        where: ['postgres.c', '3456', 'check_stack_depth'],
      }
    default:
      return { code: '0A000', words: `${a || error.problem} is not supported` }
  }
}

/** Where each type's input function gives up. */
const badValue: ReadonlyMap<string | undefined, Failure['where']> = new Map([
  ['integer', ['numutils.c', '232', 'pg_strtoint32']],
  ['bigint', ['numutils.c', '232', 'pg_strtoint32']],
  ['numeric', ['numeric.c', '6896', 'set_var_from_str']],
])

function noColumn(
  { about: [name = '', clause = '', table = ''] }: SqlError,
  made: (code: string, words: string, where: Failure['where']) => Failure,
): Failure {
  if (clause === 'set list')
    return made('42703', `column "${name}" of relation "${table}" does not exist`, [
      'analyze.c',
      '2515',
      'transformUpdateTargetList',
    ])
  if (clause === 'insert list')
    return made('42703', `column "${name}" of relation "${table}" does not exist`, [
      'parse_target.c',
      '1075',
      'checkInsertTargets',
    ])
  if (clause === 'drop' || clause === 'alter')
    return {
      code: '42703',
      words: `column "${name}" of relation "${table}" does not exist`,
      where: ['tablecmds.c', '8596', 'ATExecDropColumn'],
    }
  if (clause === 'order clause' && /^\d+$/.test(name))
    return made('42P10', `ORDER BY position ${name} is not in select list`, [
      'parse_clause.c',
      '2018',
      'findTargetlistEntrySQL92',
    ])
  const path = name.split('.')
  if (path.length > 1)
    return made('42P01', `missing FROM-clause entry for table "${path.at(-2)}"`, [
      'parse_relation.c',
      '3617',
      'errorMissingRTE',
    ])
  return made('42703', `column "${name}" does not exist`, ['parse_relation.c', '3665', 'errorMissingColumn'])
}
