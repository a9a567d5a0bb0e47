import { useState } from 'preact/hooks'
import type { Table } from '../answers.ts'
import { post, Refused } from '../api.ts'
import { number } from '../format.ts'
import { t } from '../i18n/index.ts'
import { Heading } from '../parts/heading.tsx'
import { Copy } from '../parts/state.tsx'
import { Text } from '../parts/text.tsx'

const ROWS = 200
const examples = {
  hours:
    'SELECT hour(ts) AS hour, count(*) AS events, count(DISTINCT source_ip) AS sources\nFROM events GROUP BY hour ORDER BY hour',
  pairs:
    'SELECT password, count(DISTINCT network) AS networks, count(*) AS tries\nFROM events WHERE password IS NOT NULL\nGROUP BY password ORDER BY networks DESC, tries DESC LIMIT 50',
  sprayers:
    'SELECT source_ip, count(DISTINCT service) AS services, count(*) AS events\nFROM events GROUP BY source_ip\nHAVING services > 1 ORDER BY services DESC, events DESC LIMIT 50',
  newcomers:
    'SELECT source_ip, min(ts) AS first, count(*) AS events\nFROM events GROUP BY source_ip\nHAVING first >= current_date ORDER BY first DESC LIMIT 50',
}
type Example = keyof typeof examples

export function Sql() {
  const [text, setText] = useState(examples.hours)
  const [busy, setBusy] = useState(false)
  const [answer, setAnswer] = useState<Table>()
  const [wrong, setWrong] = useState('')
  const run = async (event?: Event) => {
    event?.preventDefault()
    setBusy(true)
    setWrong('')
    try {
      setAnswer(await post<Table>('sql', { query: text, limit: 1000 }))
    } catch (error) {
      setAnswer(undefined)
      setWrong(error instanceof Refused && error.status > 0 ? error.message : t().login.offline)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <Heading title={t().sql.title} />
      <p class="quiet">{t().sql.intro}</p>
      <form class="sql" onSubmit={event => void run(event)}>
        <label class="unseen" for="query">
          {t().sql.query}
        </label>
        <textarea
          id="query"
          class="mono"
          rows={7}
          spellcheck={false}
          value={text}
          onInput={event => setText(event.currentTarget.value)}
          onKeyDown={event => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void run(event)
          }}
        />
        <p>
          <button type="submit" class="primary" disabled={busy}>
            {busy ? t().sql.running : t().sql.run}
          </button>{' '}
          <span class="quiet">{t().sql.keys}</span>
        </p>
        <p class="examples">
          <span class="quiet">{t().sql.examples}:</span>
          {(Object.keys(examples) as Example[]).map(name => (
            <button key={name} type="button" class="link" onClick={() => setText(examples[name])}>
              {t().sql.example[name]}
            </button>
          ))}
        </p>
      </form>
      <div aria-live="polite">
        {wrong && (
          <div class="failed" role="alert">
            <p>{t().sql.wrong}</p>
            <pre>
              <Text text={wrong} max={2000} lines />
            </pre>
          </div>
        )}
        {answer && <Rows table={answer} />}
      </div>
    </>
  )
}

const cell = (value: unknown) =>
  value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)

/** Large whole numbers come as text, so that JSON carries them whole. */
const numeric = (value: unknown) =>
  typeof value === 'number' || (typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value))

/** A cell that a spreadsheet would run as a formula is kept from being one (OWASP, CSV injection). */
const quoted = (value: unknown) => {
  const text = cell(value)
  const inert = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${inert.replaceAll('"', '""')}"`
}
const csv = ({ columns, rows }: Table) => [columns, ...rows].map(row => row.map(quoted).join(',')).join('\r\n')

function Rows({ table }: { table: Table }) {
  const { columns, rows } = table
  return (
    <>
      <p class="quiet">
        {t().sql.rows(number(rows.length))}
        {rows.length > ROWS && ` · ${t().sql.first(number(ROWS))}`}{' '}
        <Copy text={() => csv(table)} label={t().sql.copy} />
      </p>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              {columns.map((name, index) => (
                <th key={name} scope="col" class={numeric(rows[0]?.[index]) ? 'num' : undefined}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, ROWS).map((row, index) => (
              <tr key={index}>
                {row.map((value, column) => (
                  <td key={column} class={numeric(value) ? 'num' : 'what'}>
                    {value === null ? <span class="quiet">–</span> : <Text text={cell(value)} max={200} />}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
