import type { Source as Answer, Histogram, SessionPage, Top } from '../answers.ts'
import { get } from '../api.ts'
import { columns } from '../chart/columns.ts'
import { hrefOf, interval, type View } from '../filter.ts'
import { number } from '../format.ts'
import { t } from '../i18n/index.ts'
import { visible } from '../inert.ts'
import { TimeChart } from '../parts/chart.tsx'
import { Fact } from '../parts/fact.tsx'
import { Heading } from '../parts/heading.tsx'
import { Lanes } from '../parts/lanes.tsx'
import { SessionTable } from '../parts/session-table.tsx'
import { Copy, Loaded, Panel } from '../parts/state.tsx'
import { Text } from '../parts/text.tsx'
import { TopList } from '../parts/top.tsx'
import { Country, Time, Value } from '../parts/value.tsx'
import { useQuery } from '../use-query.ts'

type Found = {
  source: Answer
  sessions: SessionPage
  histogram: Histogram
  exploits: Top
  from: number
  to: number
  step: number
}

async function load(ip: string, abort: AbortSignal): Promise<Found> {
  const source = await get<Answer>(`sources/${encodeURIComponent(ip)}`, abort)
  const room = Math.max(60_000, (source.last - source.first) * 0.02)
  const from = Math.floor(source.first - room)
  const to = Math.ceil(source.last + room)
  const step = interval(from, to)
  const who = `source_ip=${encodeURIComponent(ip)}`
  const [sessions, histogram, exploits] = await Promise.all([
    get<SessionPage>(`sessions?${who}&limit=100`, abort),
    get<Histogram>(`histogram?${who}&from=${from}&to=${to}&interval=${step}&by=service&limit=7`, abort),
    get<Top>(`top?${who}&from=${from}&to=${to}&by=exploit&limit=100`, abort),
  ])
  return { source, sessions, histogram, exploits, from, to, step }
}

/** Everything that one address did, over all the time that the store remembers. */
export function Source({ id }: { id: string }) {
  const query = useQuery(id, abort => load(id, abort))
  return (
    <>
      <Heading title={id}>
        <Copy text={id} label={t().source.copy} />
        {query.data && (
          <a class="button" href={hrefOf(viewOf(query.data.source), '/events')}>
            {t().source.events}
          </a>
        )}
      </Heading>
      <Loaded query={query} missing={t().state.missingSource}>
        {data => <Everything {...data} />}
      </Loaded>
    </>
  )
}

/** All that the address did, as a view for other pages. */
const viewOf = ({ source_ip, first, last }: Answer): View => ({
  range: { from: first, to: last + 1 },
  where: [{ field: 'source_ip', values: [source_ip] }],
  text: '',
})

const rows = (counted: { value: string; count: number }[]): Top =>
  counted.slice(0, 100).map(({ value, count }) => ({ values: [value], count }))

function Everything({ source, sessions, histogram, exploits, from, to, step }: Found) {
  const { times, series } = columns(histogram, { from, to, interval: step })
  const within = { view: viewOf(source), path: '/events' }
  const pairs = source.credentials
    .slice(0, 100)
    .map(({ user, password, count }) => ({ values: [user, password], count }))
  return (
    <>
      <dl class="facts-list">
        <Fact name={t().source.place}>
          {source.country ? <Country code={source.country} /> : t().source.unknown}
          {source.city && `, ${visible(source.city, 60)}`}
        </Fact>
        <Fact name={t().source.network}>
          {source.network ? (
            <Value field="network" value={source.network} within={{ path: '/' }} />
          ) : (
            t().source.unknown
          )}
          {source.asn !== undefined && <span class="quiet"> AS{source.asn}</span>}
        </Fact>
        <Fact name={t().source.first}>
          <Time at={source.first} show="exact" />
        </Fact>
        <Fact name={t().source.last}>
          <Time at={source.last} />
        </Fact>
        <Fact name={t().overview.events}>{number(source.events)}</Fact>
        <Fact name={t().overview.sessions}>{number(source.sessions)}</Fact>
      </dl>
      <Panel title={t().source.activity}>
        <TimeChart times={times} series={series} interval={step} />
      </Panel>
      {sessions.items.length > 0 && (
        <Panel title={t().source.timeline}>
          <Lanes sessions={sessions.items} />
        </Panel>
      )}
      <div class="grid lists">
        <Panel title={t().source.services}>
          <TopList by={['service']} rows={rows(source.services)} within={within} />
        </Panel>
        <Panel title={t().source.ports}>
          <TopList by={['destination_port']} rows={rows(source.ports)} within={within} />
        </Panel>
        <Panel title={t().source.credentials} class="wide-list">
          <TopList by={['user', 'password']} rows={pairs} within={within} />
        </Panel>
        <Panel title={t().source.commands} class="wide-list">
          <TopList by={['command']} rows={rows(source.commands)} max={100} within={within} />
        </Panel>
        {exploits.length > 0 && (
          <Panel title={t().overview.exploits}>
            <TopList by={['exploit']} rows={exploits} within={within} />
          </Panel>
        )}
        {source.files.length > 0 && (
          <Panel title={t().source.files} class="wide-list">
            <ul class="plain">
              {source.files.slice(0, 100).map(({ sha256, path, count }) => (
                <li key={sha256}>
                  {path !== undefined && <Text text={path} />}{' '}
                  <Value field="sha256" value={sha256} within={{ path: '/events' }} max={70} />{' '}
                  <span class="quiet">× {number(count)}</span>
                </li>
              ))}
            </ul>
          </Panel>
        )}
      </div>
      {sessions.items.length > 0 && (
        <Panel title={t().source.sessions}>
          <SessionTable sessions={sessions.items} source={false} />
        </Panel>
      )}
    </>
  )
}
