import type { SessionSummary } from '../answers.ts'
import { duration, exact, number, stamp } from '../format.ts'
import { t } from '../i18n/index.ts'
import { sessionHref } from './value.tsx'

/** Sessions of one address along time, a lane per service; each mark leads to its session. */
export function Lanes({ sessions }: { sessions: SessionSummary[] }) {
  const services = [...new Set(sessions.map(one => one.service))].sort()
  const from = Math.min(...sessions.map(one => one.first))
  const to = Math.max(...sessions.map(one => one.last), from + 1000)
  const share = (ms: number) => `${(100 * ms) / (to - from)}%`
  return (
    <figure class="lanes" aria-label={t().source.timelineText(number(sessions.length), services.join(', '))}>
      {services.map(service => (
        <div key={service} class="lane">
          <span>{service}</span>
          <div>
            {sessions
              .filter(one => one.service === service)
              .map(one => (
                <a
                  key={one.session}
                  class={one.commands || one.files ? 'mark deep' : 'mark'}
                  href={sessionHref(one.session)}
                  title={`${exact(one.first)} · ${duration(one.last - one.first)}`}
                  style={{ left: share(one.first - from), width: share(one.last - one.first) }}
                >
                  <span class="unseen">{exact(one.first)}</span>
                </a>
              ))}
          </div>
        </div>
      ))}
      <p class="lane quiet">
        <span />
        <span class="ends">
          <span>{stamp(from)}</span>
          <span>{stamp(to)}</span>
        </span>
      </p>
    </figure>
  )
}
