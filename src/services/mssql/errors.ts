import { SqlError } from '#sql/error.ts'
import { isReserved } from '#sql/reserved.ts'
import { tokenize } from '#sql/tokens.ts'
import type { Notice } from './tokens.ts'

/** An error in SQL Server's own words; `ends`: nothing after it in the batch is carried out. */
export class TsqlError extends SqlError {
  readonly notice: Notice
  readonly ends: boolean
  constructor(said: Notice, ends = false) {
    super('product', [said.text])
    this.notice = said
    this.ends = ends
  }
}
/** Class 16 where nothing else is said. */
export const failed = (
  number: number,
  text: string,
  how: { class?: number; state?: number; ends?: boolean } = {},
): TsqlError => new TsqlError({ number, text, class: how.class ?? 16, state: how.state ?? 1 }, how.ends)

/** Characters of a name, as sysname has them. */
export const LONGEST_NAME = 128
/** A name that is longer is refused. */
export function named(name: string): string {
  if (name.length <= LONGEST_NAME) return name
  throw failed(
    103,
    `The identifier that starts with '${name.slice(0, LONGEST_NAME)}' is too long. Maximum length is 128.`,
    {
      class: 15,
      state: 4,
      ends: true,
    },
  )
}

/** What a reader of `sql` is told of a token that cannot stand at `at`. */
function syntax(sql: string, at: number): Notice[] {
  const tokens = tokenize(sql, 'tsql')
  const index = tokens.findIndex(({ start, end }) => start <= at && at < Math.max(end, start + 1))
  const found = tokens[index] ?? tokens.at(-1)!
  const line = sql.slice(0, found.start).split('\n').length
  if (found.kind === 'broken' && /^N?['"[]/i.test(found.text)) {
    const text = found.text.replace(/^N?['"[]/i, '')
    const what = `Unclosed quotation mark after the character string '${text}'.`
    return [
      { number: 105, state: 1, class: 15, text: what, line },
      { number: 102, state: 1, class: 15, text: `Incorrect syntax near '${text}'.`, line },
    ]
  }
  // At the end it is the last word that is complained of.
  const named = found.kind === 'end' ? (tokens[index - 1] ?? found) : found
  const text = sql.slice(named.start, named.end)
  if (named.kind === 'word' && isReserved(text.toLowerCase(), 'tsql'))
    return [{ number: 156, state: 1, class: 15, text: `Incorrect syntax near the keyword '${text}'.`, line }]
  const shown = named.kind === 'string' || named.kind === 'quoted' || named.kind === 'variable' ? named.text : text
  return [
    {
      number: 102,
      state: 1,
      class: 15,
      text: `Incorrect syntax near '${named.kind === 'variable' ? `@${shown}` : shown}'.`,
      line,
    },
  ]
}

const says = (number: number, text: string, level = 16, state = 1): Notice => ({ number, state, class: level, text })

/** An engine's problem in SQL Server's words (sys.messages), and whether the batch ends with it. */
export function noticesOf(error: SqlError, sql: string): { notices: Notice[]; ends: boolean } {
  if (error instanceof TsqlError) return { notices: [error.notice], ends: error.ends }
  const [first = '', second = '', third = '', fourth = ''] = error.about
  const one = (said: Notice, ends = false) => ({ notices: [said], ends })
  const terminated = (said: Notice) => ({
    notices: [said, says(3621, 'The statement has been terminated.', 0)],
    ends: false,
  })
  switch (error.problem) {
    case 'syntax':
      return { notices: syntax(sql, error.at ?? 0), ends: true }
    case 'no database':
    case 'no database selected':
      return one(says(911, `Database '${first}' does not exist. Make sure that the name is entered correctly.`), true)
    case 'database exists':
      return one(says(1801, `Database '${first}' already exists. Choose a different database name.`, 16, 3))
    case 'no table':
    case 'no information table':
      return one(says(208, `Invalid object name '${second === '' ? first : second}'.`), true)
    case 'table exists':
      return one(says(2714, `There is already an object named '${first}' in the database.`, 16, 6), true)
    case 'no column':
      return one(
        first.includes('.') && second !== 'insert list'
          ? says(4104, `The multi-part identifier "${first}" could not be bound.`)
          : says(207, `Invalid column name '${first}'.`),
        true,
      )
    case 'ambiguous column':
      return one(says(209, `Ambiguous column name '${first.split('.').at(-1)}'.`), true)
    case 'no table alias':
      return one(
        says(107, `The column prefix '${first}' does not match with a table name or alias name used in the query.`, 15),
        true,
      )
    case 'no function':
      return one(says(195, `'${first}' is not a recognized built-in function name.`, 15, 10), true)
    case 'argument count':
      return one(says(174, `The ${first.toLowerCase()} function requires a different number of argument(s).`, 15), true)
    case 'alias twice':
      return one(
        says(
          1013,
          `The objects "${first}" and "${first}" in the FROM clause have the same exposed names. Use correlation names to distinguish them.`,
        ),
        true,
      )
    case 'column twice':
      return one(
        says(
          2705,
          `Column names in each table must be unique. Column name '${first}' in table '${second}' is specified more than once.`,
          16,
          3,
        ),
        true,
      )
    case 'column count':
      return one(says(213, 'Column name or number of supplied values does not match table definition.'), true)
    case 'union columns':
      return one(
        says(
          205,
          'All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.',
        ),
        true,
      )
    case 'operand types':
      return one(says(402, `The data types ${first} and ${second} are incompatible in the ${third} operator.`), true)
    case 'operand columns':
      return one(
        says(
          116,
          'Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.',
        ),
        true,
      )
    case 'more than one row':
      return one(
        says(
          512,
          'Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression.',
        ),
      )
    case 'duplicate key':
      return terminated(
        says(
          2627,
          `Violation of PRIMARY KEY constraint '${second}'. Cannot insert duplicate key in object 'dbo.${fourth}'. The duplicate key value is ${first}.`,
          14,
        ),
      )
    case 'not null':
    case 'no default':
      return terminated(
        says(
          515,
          `Cannot insert the value NULL into column '${first}', table '${second}'; column does not allow nulls. INSERT fails.`,
          16,
          2,
        ),
      )
    case 'bad value':
      return one(
        says(
          245,
          `Conversion failed when converting the ${third || 'varchar'} value '${second}' to data type ${first}.`,
        ),
        true,
      )
    case 'out of range':
      return terminated(says(8115, `Arithmetic overflow error converting expression to data type ${first}.`, 16, 2))
    case 'division by zero':
      return terminated(says(8134, 'Divide by zero error encountered.'))
    case 'group function':
      return one(
        says(
          147,
          'An aggregate may not appear in the WHERE clause unless it is in a subquery contained in a HAVING clause or a select list, and the column being aggregated is an outer reference.',
          15,
        ),
        true,
      )
    case 'not grouped':
      return one(
        says(
          8120,
          `Column '${first}' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.`,
        ),
        true,
      )
    case 'no star':
      return one(says(263, 'Must specify table to select from.'), true)
    case 'too deep':
      return one(
        says(
          191,
          'Some part of your SQL statement is nested too deeply. Rewrite the query or break it up into smaller queries.',
          15,
        ),
        true,
      )
    case 'too much':
      return one(
        says(701, "There is insufficient system memory in resource pool 'default' to run this query.", 17, 123),
        true,
      )
    case 'unsupported':
    case 'product':
      return one(says(102, `Incorrect syntax near '${first}'.`, 15), true)
  }
}
