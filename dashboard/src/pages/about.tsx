import { useState } from 'preact/hooks'
import type { Status } from '../answers.ts'
import { get, post, Refused } from '../api.ts'
import { t } from '../i18n/index.ts'
import { Heading } from '../parts/heading.tsx'
import { Loaded, Panel } from '../parts/state.tsx'
import { useQuery } from '../use-query.ts'

export function About() {
  const query = useQuery('status', abort => get<Status>('status', abort))
  return (
    <>
      <Heading title={t().about.title} />
      <div class="prose">
        <p>{t().about.what}</p>
        <p>{t().about.privacy}</p>
        <p>{t().about.licence}</p>
      </div>
      <Panel title={t().about.data}>
        <Loaded query={query}>
          {({ version, geo }) => (
            <ul class="plain">
              <li>
                skep {t().about.version} {version}
              </li>
              <li>
                {geo.source} {geo.date}
              </li>
              {geo.attribution.map(line => (
                <li key={line}>{line}</li>
              ))}
              <li>{t().about.map}</li>
            </ul>
          )}
        </Loaded>
      </Panel>
      <Password />
    </>
  )
}

function Password() {
  const [said, setSaid] = useState('')
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const element = event.currentTarget as HTMLFormElement
    const form = new FormData(element)
    try {
      await post('password', { current: form.get('current'), next: form.get('next') })
      element.reset()
      setSaid(t().password.done)
    } catch (error) {
      const { status, message } = error instanceof Refused ? error : new Refused(0, String(error))
      setSaid(status === 401 ? t().login.wrong : status === 0 ? t().login.offline : message)
    }
  }
  return (
    <Panel title={t().password.title} id="password">
      <form class="stacked" onSubmit={event => void submit(event)}>
        <label>
          {t().password.current}
          <input type="password" name="current" required autocomplete="current-password" maxLength={256} />
        </label>
        <label>
          {t().password.next}
          <input type="password" name="next" required autocomplete="new-password" maxLength={256} />
        </label>
        <button type="submit" class="primary">
          {t().password.submit}
        </button>
        <p role="status">{said}</p>
      </form>
    </Panel>
  )
}
