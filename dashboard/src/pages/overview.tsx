import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Field } from '#store/store.ts'
import type { Overview as Answer, Histogram, Places, Services, Top } from '../answers.ts'
import { get } from '../api.ts'
import { columns } from '../chart/columns.ts'
import { apiParams, hrefOf, spans, view, viewKey, withValue } from '../filter.ts'
import { ago, exact, number, percent } from '../format.ts'
import { t } from '../i18n/index.ts'
import { matches, onLive } from '../live.ts'
import { TimeChart } from '../parts/chart.tsx'
import { Feed } from '../parts/feed.tsx'
import { FilterBar } from '../parts/filters.tsx'
import { Heading } from '../parts/heading.tsx'
import { Empty, Loaded, Panel } from '../parts/state.tsx'
import { TopList } from '../parts/top.tsx'
import { WorldMap } from '../parts/world-map.tsx'
import { clock } from '../settings.ts'
import { useFresh } from '../use-fresh.ts'
import { type Query, refreshTurn, useQuery } from '../use-query.ts'

type Found = {
  overview: Answer
  totals: Histogram
  commands: Top
  pairs: Top
  addresses: Top
  urls: Top
  exploits: Top
  files: Top
  agents: Top
  scanners: Top
  places: Places
}

async function load(abort: AbortSignal): Promise<Found> {
  const ask = <T,>(what: string, extra: Record<string, string | number> = {}) =>
    get<T>(`${what}?${apiParams(view.value, Date.now(), extra)}`, abort)
  const overview = await ask<Answer>('overview')
  const { from, to, interval } = overview
  const [totals, commands, pairs, addresses, urls, exploits, files, agents, scanners, places] = await Promise.all([
    ask<Histogram>('histogram', { from, to, interval }),
    ask<Top>('top', { by: 'command', limit: 10 }),
    ask<Top>('top', { by: 'user,password', limit: 10 }),
    ask<Top>('top', { by: 'source_ip', limit: 10 }),
    ask<Top>('top', { by: 'url', limit: 10 }),
    ask<Top>('top', { by: 'exploit', limit: 10 }),
    ask<Top>('top', { by: 'sha256', limit: 10 }),
    ask<Top>('top', { by: 'user_agent', limit: 10 }),
    ask<Top>('top', { by: 'scanner', limit: 10 }),
    ask<Places>('places', { limit: 400 }),
  ])
  return { overview, totals, commands, pairs, addresses, urls, exploits, files, agents, scanners, places }
}

/** Below this many events a question costs the store nothing worth sparing. */
const FEW = 10_000

/** Asked again the less often the longer the time looked at; a stretch of the past does not change. */
function cadence({ overview }: Found): number {
  const { range } = view.value
  if ('from' in range) return 0
  if (overview.now.events < FEW) return 5000
  return Math.min(60_000, Math.max(5000, spans[range.span] / 6000))
}

export function Overview() {
  const query = useQuery(viewKey.value, load, cadence)
  const events = query.data?.overview.now.events
  const nothing = events === 0 && query.data?.overview.before.events === 0
  return (
    <>
      <Heading title={t().overview.title}>
        <FilterBar />
      </Heading>
      <Loaded query={query}>
        {data => (
          <div class="ahead">
            <Totals overview={data.overview} at={query.at} />
            {nothing ? <NothingYet /> : <OverTime overview={data.overview} totals={data.totals} />}
          </div>
        )}
      </Loaded>
      <div class="grid two">
        <Panel title={t().overview.map} class="map-panel">
          <WorldMap places={query.data?.places ?? none} />
          <p class="quiet note">{t().overview.mapHint}</p>
        </Panel>
        <Feed />
      </div>
      {events !== 0 && <Tops query={query} />}
    </>
  )
}
const none: Places = []

/** The two big numbers: what the store said, and what the live stream has brought since. */
function Totals({ overview, at }: { overview: Answer; at: number }) {
  const { now, before } = overview
  const fresh = useFresh(at)
  const { range } = view.value
  const span =
    'from' in range ? `${exact(range.from)} – ${exact(range.to)}` : t().range.last(t().range.spans[range.span])
  return (
    <div class="totals">
      <Total name={t().overview.events} value={now.events + fresh} before={before.events} />
      <Total name={t().overview.sources} value={now.sources} before={before.sources} />
      <p class="quiet">
        {span} · {t().state.updated(ago(at, Math.max(at, clock.value)))}
      </p>
    </div>
  )
}

function Total({ name, value, before }: { name: string; value: number; before: number }) {
  const change = before ? (value - before) / before : 0
  const sign = change >= 0.005 ? '+' : change <= -0.005 ? '' : '±'
  const told = change >= 10 ? `×${number(Math.round(change + 1))}` : sign + percent(change)
  const direction = change >= 0.005 ? 'up' : change <= -0.005 ? 'down' : 'level'
  return (
    <div class="total">
      <h2>{name}</h2>
      <p class="big">{number(value)}</p>
      <p class={`change ${direction}`} title={t().range.beforeThat}>
        {before ? t().overview.against(number(before), told) : t().overview.nothingBefore}
      </p>
    </div>
  )
}

function OverTime({ overview, totals }: { overview: Answer; totals: Histogram }) {
  const [split, setSplit] = useState<'service' | 'destination_port'>('service')
  const { others } = t().overview
  const rows = split === 'service' ? overview.histogramByService : overview.histogramByPort
  const prepared = useMemo(() => columns(rows, overview, { label: others, totals }), [rows, totals, others])
  if (!rows.length) return <Empty />
  return (
    <Panel
      title={t().overview.overTime}
      actions={
        <fieldset class="choice">
          <legend class="unseen">{t().overview.splitBy}</legend>
          {(['service', 'destination_port'] as const).map(field => (
            <label key={field}>
              <input type="radio" name="split" checked={split === field} onChange={() => setSplit(field)} />
              <span>{t().fields[field]}</span>
            </label>
          ))}
        </fieldset>
      }
    >
      <TimeChart
        key={split}
        times={prepared.times}
        series={prepared.series}
        interval={overview.interval}
        onPick={name => hrefOf(withValue(view.value, split, name))}
      />
    </Panel>
  )
}

function Tops({ query }: { query: Query<Found> }) {
  const lists: { title: string; by: Field[]; rows: (data: Found) => Top; wide?: true }[] = [
    { title: t().overview.countries, by: ['country'], rows: data => data.overview.topCountries },
    { title: t().overview.networks, by: ['network'], rows: data => data.overview.topNetworks },
    { title: t().overview.addresses, by: ['source_ip'], rows: data => data.addresses },
    { title: t().overview.services, by: ['service'], rows: data => data.overview.topServices },
    { title: t().overview.ports, by: ['destination_port'], rows: data => data.overview.topPorts },
    { title: t().overview.users, by: ['user'], rows: data => data.overview.topUsers },
    { title: t().overview.passwords, by: ['password'], rows: data => data.overview.topPasswords },
    { title: t().overview.credentials, by: ['user', 'password'], rows: data => data.pairs },
    { title: t().overview.commandsTop, by: ['command'], rows: data => data.commands, wide: true },
    { title: t().overview.urls, by: ['url'], rows: data => data.urls, wide: true },
  ]
  // What not every stretch of time has is shown where there is some.
  const rarer: typeof lists = [
    { title: t().overview.exploits, by: ['exploit'], rows: data => data.exploits },
    { title: t().source.files, by: ['sha256'], rows: data => data.files },
    { title: t().fields.user_agent, by: ['user_agent'], rows: data => data.agents },
    { title: t().fields.scanner, by: ['scanner'], rows: data => data.scanners },
  ]
  const { data } = query
  if (data) lists.push(...rarer.filter(({ rows }) => rows(data).length > 0))
  return (
    <div class="grid lists">
      {lists.map(({ title, by, rows, wide }) => (
        <Panel key={by.join()} title={title} class={wide ? 'wide-list' : ''}>
          <Loaded query={query}>
            {data => <TopList by={by} rows={rows(data)} total={data.overview.now.events} max={wide ? 100 : 40} />}
          </Loaded>
        </Panel>
      ))}
    </div>
  )
}

const loopback = /^(?:localhost|127\.|\[?::1\]?$)/
const everywhere = new Set(['0.0.0.0', '::'])

/** Nothing came in this time nor in the one before: how to knock at one's own decoys. */
function NothingYet() {
  useEffect(() => {
    let soon: ReturnType<typeof setTimeout> | undefined
    const stop = onLive(events => {
      if (soon || !events.some(event => matches(view.value, event))) return
      soon = setTimeout(() => {
        soon = undefined
        refreshTurn.value++
      }, 1000)
    })
    return () => {
      stop()
      clearTimeout(soon)
    }
  }, [])
  const services = useQuery('services', abort => get<Services>('services', abort))
  // Through a tunnel to its page, a sensor's own address is not known here.
  const here = loopback.test(location.hostname) ? t().empty.host : location.hostname
  const targets = ['ssh', 'telnet', 'http', 'ftp', 'redis'].flatMap(name => {
    const one = services.data?.services.find(
      ({ service, state, transport, tls }) => service === name && state === 'listening' && transport === 'tcp' && !tls,
    )
    return one ? [{ service: name, host: everywhere.has(one.address) ? here : one.address, port: one.port }] : []
  })
  return <Empty tryOut={targets} />
}
