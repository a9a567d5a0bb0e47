import type { SessionSummary } from '../answers.ts'
import { duration, number } from '../format.ts'
import { t, word } from '../i18n/index.ts'
import { Address, sessionHref, Time, Value } from './value.tsx'

export function SessionTable({ sessions, source = true }: { sessions: SessionSummary[]; source?: boolean }) {
  const cell = (name: string, count: number) => (
    <td class={count ? 'num' : 'num zero'} data-label={name}>
      {number(count)}
    </td>
  )
  return (
    <div class="scroll" id="list">
      <table class="sessions">
        <thead>
          <tr>
            <th scope="col">{t().sessions.began}</th>
            <th scope="col">{t().sessions.service}</th>
            {source && <th scope="col">{t().sessions.source}</th>}
            <th scope="col" class="num">
              {t().sessions.lasted}
            </th>
            <th scope="col" class="num">
              {t().sessions.logins}
            </th>
            <th scope="col" class="num">
              {t().sessions.commands}
            </th>
            <th scope="col" class="num">
              {t().sessions.files}
            </th>
            <th scope="col" class="num">
              {t().sessions.events}
            </th>
            <th scope="col">{t().sessions.ended}</th>
          </tr>
        </thead>
        <tbody>
          {sessions.map(one => (
            <tr key={one.session}>
              <td class="nowrap">
                <a href={sessionHref(one.session)}>
                  <Time at={one.first} show="exact" />
                </a>
              </td>
              <td class="nowrap">
                <Value field="service" value={one.service} within={{ path: '/sessions' }} />
                {one.service !== 'scan' && <span class="quiet">:{one.destination_port}</span>}
              </td>
              {source && (
                <td class="nowrap">
                  <Address ip={one.source_ip} country={one.country} />
                </td>
              )}
              <td class="num nowrap">{duration(one.last - one.first)}</td>
              {cell(t().sessions.logins, one.logins)}
              {cell(t().sessions.commands, one.commands)}
              {cell(t().sessions.files, one.files)}
              {cell(t().sessions.events, one.events)}
              <td class="quiet ended">{one.reason ? word(t().ends, one.reason) : t().sessions.running}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
