import { useEffect, useState } from 'preact/hooks'
import type { Services as Answer, Listener, Status } from '../answers.ts'
import { get } from '../api.ts'
import { bytes, duration, number } from '../format.ts'
import { doorsOf, type Resident, residents } from '../house.ts'
import { t, word } from '../i18n/index.ts'
import { onLive } from '../live.ts'
import { Fact } from '../parts/fact.tsx'
import { Heading } from '../parts/heading.tsx'
import { Standing } from '../parts/standing.tsx'
import { Loaded, Panel } from '../parts/state.tsx'
import { Time, Value } from '../parts/value.tsx'
import { useQuery } from '../use-query.ts'

const EVERY = 5000
const load = async (abort: AbortSignal) => {
  const [services, status] = await Promise.all([get<Answer>('services', abort), get<Status>('status', abort)])
  return { ...services, status }
}

/** What listens, what does not and why; the parts of the program; the store. */
export function Services() {
  const query = useQuery('services', load, () => EVERY)
  return (
    <>
      <Heading title={t().services.title} />
      <Loaded query={query}>
        {({ services, processes, status }) => (
          <>
            <Comb services={services} />
            <Panel title={t().services.title}>
              <Listeners services={services} />
            </Panel>
            <Standing status={status} />
            <div class="grid two">
              <Panel title={t().services.processes}>
                <Processes processes={processes} />
              </Panel>
              <Panel title={t().services.store}>
                <About status={status} />
              </Panel>
            </div>
          </>
        )}
      </Loaded>
    </>
  )
}

/** A cell of comb for each service: full when it listens, dark where it is down. */
function Comb({ services }: { services: Listener[] }) {
  const up = services.filter(one => one.state === 'listening').length
  const busy = useBusy()
  return (
    <section class="comb" aria-label={t().services.comb}>
      <p>
        <b>{t().services.summary(number(up), number(services.length))}</b>
      </p>
      <ul>
        {residents(services).map(one => (
          <li
            key={`${one.service} ${one.state} ${one.why ?? ''}`}
            class={one.doors.some(({ port }) => busy.has(`${one.service} ${port}`)) ? `${one.state} busy` : one.state}
            title={one.why ?? doorsOf(one, others).join(', ')}
          >
            <svg viewBox="0 0 100 112" aria-hidden="true">
              <path d="M50 2l46 27v54L50 110 4 83V29z" />
            </svg>
            <span class={one.service.length > 8 ? 'longer' : one.service.length > 6 ? 'long' : ''}>
              {one.service}
              <small>{doorsInShort(one)}</small>
              <span class="unseen">{one.state === 'listening' ? t().services.up : t().services.down}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** What a service pretends to be, in the reader's language where there are words for it. */
const titleOf = ({ service, title }: Resident) => (Object.hasOwn(t().titles, service) ? t().titles[service] : title)

const others = (count: number) => t().services.others(number(count))

/** `25 +2`: its first port, and how many more. */
function doorsInShort({ doors }: Resident): string {
  const [first] = doors
  if (first?.ports !== undefined) return others(first.ports)
  const ports = new Set(doors.map(({ port }) => port))
  return `${first!.port}${ports.size > 1 ? ` +${number(ports.size - 1)}` : ''}`
}

/** `service port` of what was spoken to within the last second. */
function useBusy(): ReadonlySet<string> {
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => {
    let seen = new Set<string>()
    const stop = onLive(events => {
      for (const { service, destination_port } of events)
        if (destination_port) seen.add(`${service} ${destination_port}`)
    })
    const timer = setInterval(() => {
      setBusy(seen)
      seen = new Set()
    }, 1000)
    return () => {
      stop()
      clearInterval(timer)
    }
  }, [])
  return busy
}

function Listeners({ services }: { services: Listener[] }) {
  return (
    <div class="scroll">
      <table class="listeners">
        <thead>
          <tr>
            <th scope="col">{t().services.service}</th>
            <th scope="col">{t().services.state}</th>
            <th scope="col">{t().services.where}</th>
            <th scope="col" class="num">
              {t().services.open}
            </th>
            <th scope="col">{t().services.last}</th>
            <th scope="col">{t().services.replaces}</th>
          </tr>
        </thead>
        <tbody>
          {residents(services).map(one => (
            <tr key={`${one.service} ${one.state} ${one.why ?? ''}`}>
              <th scope="row">
                <Value field="service" value={one.service} within={{ path: '/' }} />
                <small class="quiet"> {titleOf(one)}</small>
              </th>
              <td>
                <StateTag state={one.state} />
                {one.why && <p class="why">{one.why}</p>}
              </td>
              <td class="mono doors">
                {doorsOf(one, others).map(way => (
                  <div key={way}>{way}</div>
                ))}
              </td>
              <td class="num" data-label={t().services.open}>
                {one.connections === undefined ? '–' : number(one.connections)}
              </td>
              <td class="nowrap">
                {one.last === undefined ? <span class="quiet">{t().services.never}</span> : <Time at={one.last} />}
              </td>
              <td class="quiet">{one.replaces.join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const fine = new Set(['listening', 'running', 'up'])
const StateTag = ({ state }: { state: string }) => (
  <span class={fine.has(state) ? 'tag good' : 'tag bad'}>{word(t().states, state)}</span>
)

function Processes({ processes }: { processes: Answer['processes'] }) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">{t().services.process}</th>
            <th scope="col">{t().services.state}</th>
            <th scope="col" class="num">
              {t().services.pid}
            </th>
            <th scope="col" class="num">
              {t().services.restarts}
            </th>
            <th scope="col">{t().services.since}</th>
          </tr>
        </thead>
        <tbody>
          {processes.map(one => (
            <tr key={one.name}>
              <th scope="row">{one.name}</th>
              <td>
                <StateTag state={one.state} />
                {one.why && <p class="why">{one.why}</p>}
              </td>
              <td class="num">{one.pid ?? '–'}</td>
              <td class={one.restarts ? 'num' : 'num zero'}>{number(one.restarts)}</td>
              <td class="nowrap">
                <Time at={one.since} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function About({ status }: { status: Status }) {
  const { store, disk } = status
  return (
    <dl class="facts-list column">
      <Fact name={t().services.sensor}>{status.sensor}</Fact>
      <Fact name={t().services.version}>{status.version}</Fact>
      <Fact name={t().services.started}>
        <Time at={status.startedAt} />
      </Fact>
      <Fact name={t().services.store}>{t().services.storeText(number(store.events), bytes(store.bytes))}</Fact>
      {store.oldest !== undefined && (
        <Fact name={t().services.oldest}>
          <Time at={store.oldest} />
        </Fact>
      )}
      <Fact name={t().services.lag}>
        {duration(status.lagMs)}
        {status.pendingBytes > 0 && ` (${bytes(status.pendingBytes)})`}
      </Fact>
      <Fact name={t().services.lost}>
        <span class={status.lost ? 'tag bad' : ''}>{number(status.lost)}</span>
      </Fact>
      <Fact name={t().services.disk}>
        {bytes(disk.free)} / {bytes(disk.total)}
      </Fact>
    </dl>
  )
}
