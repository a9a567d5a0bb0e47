import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { me, post } from './api.ts'
import { fetchPart } from './fetch-part.ts'
import { viewKey } from './filter.ts'
import { decimal, zone } from './format.ts'
import { t } from './i18n/index.ts'
import { KeysHelp, openHelp } from './keys.tsx'
import { liveRate, liveState } from './live.ts'
import { Events } from './pages/events.tsx'
import { Login } from './pages/login.tsx'
import { Overview } from './pages/overview.tsx'
import { Sessions } from './pages/sessions.tsx'
import { Heading } from './parts/heading.tsx'
import { Icon, type IconName, Logo } from './parts/icon.tsx'
import { Settings } from './parts/settings.tsx'
import { place } from './router.ts'

type PageName = Exclude<keyof ReturnType<typeof t>['nav'], 'label' | 'more' | 'source' | 'session'>
const nav: { name: PageName & IconName; path: string; main: boolean; admin?: true }[] = [
  { name: 'overview', path: '/', main: true },
  { name: 'events', path: '/events', main: true },
  { name: 'sessions', path: '/sessions', main: true },
  { name: 'services', path: '/services', main: true },
  { name: 'samples', path: '/samples', main: false },
  { name: 'sql', path: '/sql', main: false, admin: true },
  { name: 'about', path: '/about', main: false },
]

type Page = ComponentType<{ id: string }>

/** A page that is fetched when it is first gone to. */
const lazy = (load: () => Promise<Page>): Page => {
  let Loaded: Page | undefined
  return function Lazy(props) {
    const [, redraw] = useState(false)
    useEffect(() => {
      let here = true
      if (!Loaded)
        void fetchPart(load, () => here).then(page => {
          Loaded ??= page
          if (page) redraw(true)
        })
      return () => {
        here = false
      }
    }, [])
    return Loaded ? <Loaded {...props} /> : <p class="loading">{t().state.loading}</p>
  }
}

const routes: [RegExp, Page][] = [
  [/^\/$/, Overview],
  [/^\/events$/, Events],
  [/^\/sessions$/, Sessions],
  [/^\/sessions\/([^/]+)$/, lazy(async () => (await import('./pages/session.tsx')).Session)],
  [/^\/sources\/([^/]+)$/, lazy(async () => (await import('./pages/source.tsx')).Source)],
  [/^\/services$/, lazy(async () => (await import('./pages/services.tsx')).Services)],
  [/^\/samples$/, lazy(async () => (await import('./pages/samples.tsx')).Samples)],
  [/^\/sql$/, lazy(async () => (await import('./pages/sql.tsx')).Sql)],
  [/^\/about$/, lazy(async () => (await import('./pages/about.tsx')).About)],
]

function found(path: string): { Page: Page; id: string } {
  for (const [pattern, Page] of routes) {
    const match = pattern.exec(path)
    if (!match) continue
    try {
      return { Page, id: decodeURIComponent(match[1] ?? '') }
    } catch {
      break
    }
  }
  return { Page: Missing, id: '' }
}

function Missing() {
  return (
    <>
      <Heading title="404" />
      <p class="empty">{t().state.missing}</p>
    </>
  )
}

export function App() {
  if (me.value === undefined) return <p class="splash">{t().state.loading}</p>
  return me.value === null ? <Login /> : <Shell />
}

function Shell() {
  const { Page, id } = found(place.value.path)
  return (
    <>
      <a class="skip" href="#main">
        {t().skip}
      </a>
      <header class="top">
        <a class="brand" href="/">
          <Logo /> skep
        </a>
        <Navigation />
        <LiveState />
        <Account />
      </header>
      <main id="main" tabIndex={-1}>
        {liveState.value === 'lost' && (
          <p class="warning" role="status">
            {t().state.offline}
          </p>
        )}
        <Page key={place.value.path} id={id} />
      </main>
      <footer>
        <span>{t().state.zone(zone())}</span>
        <button type="button" class="link" onClick={openHelp}>
          {t().settings.shortcuts} <kbd>?</kbd>
        </button>
      </footer>
      <KeysHelp />
    </>
  )
}

function Navigation() {
  const link = ({ name, path }: (typeof nav)[number]) => {
    const here = place.value.path === path || (path !== '/' && place.value.path.startsWith(`${path}/`))
    return (
      <a key={path} href={path + viewKey.value} aria-current={here ? 'page' : undefined}>
        <Icon name={name} />
        <span>{t().nav[name]}</span>
      </a>
    )
  }
  const shown = nav.filter(({ admin }) => !admin || me.value?.role === 'admin')
  return (
    <nav aria-label={t().nav.label}>
      {shown.filter(({ main }) => main).map(link)}
      <span class="wide">{shown.filter(({ main }) => !main).map(link)}</span>
      <details class="narrow popup" key={place.value.path}>
        <summary>
          <Icon name="more" />
          <span>{t().nav.more}</span>
        </summary>
        <div class="sheet">{shown.filter(({ main }) => !main).map(link)}</div>
      </details>
    </nav>
  )
}

function LiveState() {
  const state = liveState.value
  const text = state === 'open' ? t().state.live : state === 'lost' ? t().state.lost : t().state.connecting
  return (
    <span class={`live ${state}`} title={text}>
      <span class="dot" aria-hidden="true" />
      <span role="status">{text}</span>
      {state === 'open' && <span class="rate">{t().state.perSecond(decimal(liveRate.value))}</span>}
    </span>
  )
}

function Account() {
  const logout = async () => {
    await post('logout').catch(() => {})
    me.value = null
  }
  const user = me.value?.user ?? ''
  return (
    <details class="account popup">
      <summary aria-label={t().menu} title={t().login.signedInAs(user)}>
        <span class="avatar" aria-hidden="true">
          {user.slice(0, 1).toUpperCase()}
        </span>
      </summary>
      <div class="sheet">
        <p>{t().login.signedInAs(user)}</p>
        <Settings />
        <p>
          <a href="/about#password">{t().password.title}</a>
        </p>
        <button type="button" onClick={() => void logout()}>
          {t().login.logout}
        </button>
      </div>
    </details>
  )
}
