import type { SessionSummary } from '../answers.ts'
import { exact, number, stamp } from '../format.ts'
import { t } from '../i18n/index.ts'
import { sessionHref } from './value.tsx'

/** Sessions of one address along time, a lane per service; marks are links. */
export function Lanes({ sessions }: { sessions: SessionSummary[] }) {
  const services = [...new Set(sessions.map(one => one.service))].sort()
  const from = Math.min(...sessions.map(one => one.first))
  const to = Math.max(...sessions.map(one => one.last), from + 60_000)
  const width = 1000
  const lane = 26
  const x = (at: number) => 90 + ((width - 110) * (at - from)) / (to - from)
  return (
    <figure class="lanes">
      <p class="unseen">{t().source.timelineText(number(sessions.length), services.join(', '))}</p>
      <div class="scroll">
        <svg viewBox={`0 0 ${width} ${services.length * lane + 24}`} width={width} aria-hidden="true">
          {services.map((service, row) => (
            <g key={service} transform={`translate(0 ${row * lane})`}>
              <text x="0" y="17">
                {service}
              </text>
              <path class="lane" d={`M90 13H${width - 20}`} />
            </g>
          ))}
          {sessions.map(one => (
            <a key={one.session} href={sessionHref(one.session)} tabIndex={-1}>
              <rect
                class={one.commands || one.files ? 'mark deep' : 'mark'}
                x={x(one.first) - 2}
                y={services.indexOf(one.service) * lane + 5}
                width={Math.max(5, x(one.last) - x(one.first))}
                height="16"
                rx="2"
              >
                <title>{exact(one.first)}</title>
              </rect>
            </a>
          ))}
          <text x="90" y={services.length * lane + 16}>
            {stamp(from)}
          </text>
          <text x={width - 20} y={services.length * lane + 16} text-anchor="end">
            {stamp(to)}
          </text>
        </svg>
      </div>
    </figure>
  )
}
