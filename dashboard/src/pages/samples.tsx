import type { Top } from '../answers.ts'
import { get, me } from '../api.ts'
import { apiParams, hrefOf, view, viewKey, withValue } from '../filter.ts'
import { number } from '../format.ts'
import { t } from '../i18n/index.ts'
import { FilterBar } from '../parts/filters.tsx'
import { Heading } from '../parts/heading.tsx'
import { Copy, Loaded } from '../parts/state.tsx'
import { useQuery } from '../use-query.ts'

/** Files that attackers left, by how often they came. */
export function Samples() {
  const query = useQuery(viewKey.value, abort =>
    get<Top>(`top?${apiParams(view.value, Date.now(), { by: 'sha256', limit: 200 })}`, abort),
  )
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
              <table>
                <thead>
                  <tr>
                    <th scope="col">{t().samples.hash}</th>
                    <th scope="col" class="num">
                      {t().samples.seen}
                    </th>
                    <th scope="col">
                      <span class="unseen">{t().samples.download}</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map(({ values: [sha256 = ''], count }) => (
                    <tr key={sha256}>
                      <th scope="row" class="mono hash">
                        <a href={hrefOf(withValue(view.value, 'sha256', sha256), '/events')}>{sha256}</a>{' '}
                        <Copy text={sha256} />
                      </th>
                      <td class="num">{number(count)}</td>
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
