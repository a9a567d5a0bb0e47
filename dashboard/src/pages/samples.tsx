import type { Top } from '../answers.ts'
import { get, me } from '../api.ts'
import { apiParams, hrefOf, view, viewKey, withValue } from '../filter.ts'
import { number } from '../format.ts'
import { t } from '../i18n/index.ts'
import { visible } from '../inert.ts'
import { FilterBar } from '../parts/filters.tsx'
import { Heading } from '../parts/heading.tsx'
import { Copy, Loaded } from '../parts/state.tsx'
import { useQuery } from '../use-query.ts'

type Row = { sha256: string; count: number; services: string[] }

/** Files by how often they came, each with the services where it was left. */
async function load(abort: AbortSignal): Promise<Row[]> {
  const ask = (by: string, limit: number) => get<Top>(`top?${apiParams(view.value, Date.now(), { by, limit })}`, abort)
  const [files, pairs] = await Promise.all([ask('sha256', 200), ask('sha256,service', 1000)])
  const services = new Map<string, string[]>()
  for (const {
    values: [sha256 = '', service = ''],
  } of pairs) {
    const known = services.get(sha256)
    if (known) known.push(service)
    else services.set(sha256, [service])
  }
  return files.map(({ values: [sha256 = ''], count }) => ({ sha256, count, services: services.get(sha256) ?? [] }))
}

/** Files that attackers left, by how often they came. */
export function Samples() {
  const query = useQuery(viewKey.value, load)
  return (
    <>
      <Heading title={t().samples.title}>
        <FilterBar />
      </Heading>
      <p class="warning">{t().samples.warning}</p>
      <Loaded query={query}>
        {rows =>
          rows.length === 0 ? (
            <p class="empty">{t().samples.none}</p>
          ) : (
            <div class="scroll">
              <table class="samples">
                <thead>
                  <tr>
                    <th scope="col">{t().samples.hash}</th>
                    <th scope="col">{t().samples.where}</th>
                    <th scope="col" class="num">
                      {t().samples.seen}
                    </th>
                    <th scope="col">
                      <span class="unseen">{t().samples.download}</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map(({ sha256, count, services }) => (
                    <tr key={sha256}>
                      <th scope="row" class="mono hash">
                        <a href={hrefOf(withValue(view.value, 'sha256', sha256), '/events')}>{sha256}</a>{' '}
                        <Copy text={sha256} />
                      </th>
                      <td data-label={t().samples.where}>{services.map(name => visible(name, 40)).join(', ')}</td>
                      <td class="num" data-label={t().samples.seen}>
                        {number(count)}
                      </td>
                      <td>
                        {me.value?.role === 'admin' && (
                          <a class="button tiny" href={`/api/v1/artifacts/${encodeURIComponent(sha256)}`} download>
                            {t().samples.download}
                          </a>
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
    </>
  )
}
