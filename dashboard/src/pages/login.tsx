import { useEffect, useState } from 'preact/hooks'
import type { Me } from '../answers.ts'
import { me, post, Refused } from '../api.ts'
import { duration } from '../format.ts'
import { t } from '../i18n/index.ts'
import { Logo } from '../parts/icon.tsx'
import { Settings } from '../parts/settings.tsx'

/** The page stays at its address while somebody logs in, so that a bookmark leads where it should. */
export function Login() {
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refused>()
  useEffect(() => {
    document.title = `${t().login.title} · skep`
    document.getElementById('user')?.focus()
  }, [])

  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    setBusy(true)
    setRefusal(undefined)
    try {
      me.value = await post<Me>('login', { user: form.get('user'), password: form.get('password') })
    } catch (error) {
      setRefusal(error instanceof Refused ? error : new Refused(0, String(error)))
      const password = document.getElementById('password') as HTMLInputElement
      password.value = ''
      password.focus()
    } finally {
      setBusy(false)
    }
  }

  return (
    <main class="login" id="main">
      <form onSubmit={event => void submit(event)}>
        <h1>
          <Logo /> skep
        </h1>
        <p class="quiet">{t().tagline}</p>
        <label>
          {t().login.user}
          <input
            id="user"
            name="user"
            required
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            maxLength={200}
          />
        </label>
        <label>
          {t().login.password}
          <input
            id="password"
            name="password"
            type="password"
            required
            autocomplete="current-password"
            maxLength={256}
          />
        </label>
        <p class="refusal" role="alert">
          {refusal && explain(refusal)}
        </p>
        <button type="submit" class="primary" disabled={busy}>
          {busy ? t().login.busy : t().login.submit}
        </button>
        <p class="quiet hint">
          {t().login.hint} <code>{t().login.command}</code>
        </p>
      </form>
      <Settings />
    </main>
  )
}

function explain({ status, message, retryAfter }: Refused): string {
  if (status === 429) return t().login.wait(duration(Math.max(1, retryAfter) * 1000))
  if (status === 401 || status === 403) return t().login.wrong
  return status === 0 ? t().login.offline : message
}
