import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { hrefOf, view } from '../filter.ts'
import { t } from '../i18n/index.ts'
import type { Query } from '../use-query.ts'
import { Icon } from './icon.tsx'

/** A titled box of the page. */
export function Panel(props: {
  title: string
  id?: string
  class?: string
  actions?: ComponentChildren
  children: ComponentChildren
}) {
  return (
    <section class={`panel ${props.class ?? ''}`} aria-label={props.title}>
      <header>
        <h2 id={props.id}>{props.title}</h2>
        {props.actions}
      </header>
      {props.children}
    </section>
  )
}

/** What a query has to show, or why it has nothing to show. Old data stays visible, dimmed, while new data is fetched. */
export function Loaded<T>({
  query,
  children,
  missing,
}: {
  query: Query<T>
  children: (data: T) => ComponentChildren
  missing?: string
}) {
  const { data, error, stale, refresh } = query
  if (data !== undefined)
    return (
      <div class={stale || error ? 'stale' : 'fresh'} aria-busy={stale}>
        {children(data)}
      </div>
    )
  if (error?.status === 404 && missing) return <p class="empty">{missing}</p>
  if (error)
    return (
      <div class="failed" role="alert">
        <p>{error.status === 0 ? t().login.offline : t().state.failed}</p>
        {error.status > 0 && <p class="quiet">{error.message.slice(0, 300)}</p>}
        <button type="button" onClick={refresh}>
          {t().state.retry}
        </button>
      </div>
    )
  return (
    <p class="loading" role="status">
      {t().state.loading}
    </p>
  )
}

export function Copy({ text, label }: { text: string | (() => string); label?: string }) {
  const [done, setDone] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(typeof text === 'function' ? text() : text)
    setDone(true)
    setTimeout(() => setDone(false), 1500)
  }
  const title = done ? t().copied : (label ?? t().copy)
  return (
    <button type="button" class="tiny" onClick={() => void copy().catch(() => {})} title={title}>
      <Icon name={done ? 'check' : 'copy'} />
      <span class={label ? '' : 'unseen'} role="status">
        {title}
      </span>
    </button>
  )
}

/** Nothing to show: because nothing matches, or because nothing has come yet and here is how to try. */
export function Empty({ tryOut }: { tryOut?: { host: string; port: number; service: string }[] }) {
  const filtered = view.value.where.length > 0 || view.value.text !== ''
  if (filtered || !tryOut)
    return (
      <div class="empty">
        <p>{t().empty.filtered}</p>
        <p>
          <a class="button" href={hrefOf({ ...view.value, range: { span: '7d' } })}>
            {t().empty.widen}
          </a>
          {filtered && (
            <a class="button" href={hrefOf({ ...view.value, where: [], text: '' })}>
              {t().filter.clear}
            </a>
          )}
        </p>
      </div>
    )
  return (
    <div class="empty">
      <h3>{t().empty.title}</h3>
      <p>{t().empty.text}</p>
      <ul class="knocks">
        {tryOut.map(target => (
          <li key={target.service}>
            <code>{knock(target)}</code> <Copy text={knock(target)} />
          </li>
        ))}
      </ul>
      <p class="quiet">{t().empty.docs}</p>
    </div>
  )
}

/** The command that somebody types to try a decoy. */
function knock({ host, port, service }: { host: string; port: number; service: string }): string {
  const commands: Record<string, string> = {
    ssh: `ssh -p ${port} root@${host}`,
    telnet: `telnet ${host} ${port}`,
    ftp: `curl ftp://${host}:${port}/`,
    http: `curl http://${host}:${port}/`,
    https: `curl -k https://${host}:${port}/`,
    redis: `redis-cli -h ${host} -p ${port} info`,
  }
  return commands[service] ?? `nc ${host} ${port}`
}
