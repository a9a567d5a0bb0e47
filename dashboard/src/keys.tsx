import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { me } from './api.ts'
import { t } from './i18n/index.ts'
import { pauseOrResume } from './parts/feed-state.ts'
import { go, place } from './router.ts'
import { switchLanguage, switchTheme } from './settings.ts'
import { refreshTurn } from './use-query.ts'

const helpOpen = signal(false)
export const openHelp = () => {
  helpOpen.value = true
}

const closeHelp = () => {
  helpOpen.value = false
}

const pages = { o: '/', e: '/events', s: '/sessions', v: '/services', m: '/samples', q: '/sql', a: '/about' } as const
const names = { o: 'overview', e: 'events', s: 'sessions', v: 'services', m: 'samples', q: 'sql', a: 'about' } as const

/** To the first thing that can be used in the next row (or step of a story). */
function moveRow(by: 1 | -1) {
  const rows = [...document.querySelectorAll('main tbody tr, main .step, main .bars li')]
  const here = rows.findIndex(row => row.contains(document.activeElement))
  const next = here < 0 ? rows[0] : rows[here + by]
  next?.querySelector<HTMLElement>('a, button')?.focus()
}

const single = new Map<string, () => void>([
  ['/', () => document.getElementById('search')?.focus()],
  ['?', openHelp],
  ['p', pauseOrResume],
  ['t', switchTheme],
  ['l', switchLanguage],
  ['j', () => moveRow(1)],
  ['k', () => moveRow(-1)],
  ['r', () => void refreshTurn.value++],
])

const openPopups = () => document.querySelectorAll<HTMLDetailsElement>('details.popup[open]')

/** Menus close when somebody points elsewhere, and at Escape, which gives the keyboard back to what opened them. */
function closePopups(event: Event) {
  for (const popup of openPopups()) {
    if (event instanceof KeyboardEvent) popup.querySelector('summary')?.focus()
    else if (popup.contains(event.target as Node)) continue
    popup.open = false
  }
}

/** Single keys, never while somebody writes, never with a modifier. */
export function startKeys() {
  document.addEventListener('pointerdown', closePopups)
  let goPressed = 0
  document.addEventListener('keydown', event => {
    if (event.key === 'Escape') return closePopups(event)
    const target = event.target as HTMLElement
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !me.value) return
    if (target.closest('input, textarea, select, dialog')) return
    const page = pages[event.key as keyof typeof pages]
    if (Date.now() - goPressed < 1500 && page) {
      goPressed = 0
      event.preventDefault()
      return go(page + place.value.search)
    }
    if (event.key === 'g') {
      goPressed = Date.now()
      return
    }
    const act = single.get(event.key)
    if (!act) return
    event.preventDefault()
    act()
  })
}

export function KeysHelp() {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (helpOpen.value) dialog.current?.showModal()
  }, [helpOpen.value])
  if (!helpOpen.value) return null
  const rows: [string[], string][] = [
    [['/'], t().keys.search],
    ...Object.entries(names).map(([key, name]): [string[], string] => [['g', key], `${t().keys.go}: ${t().nav[name]}`]),
    [['j', 'k'], t().keys.row],
    [['p'], t().keys.pause],
    [['r'], t().keys.refresh],
    [['t'], t().keys.theme],
    [['l'], t().keys.language],
    [['?'], t().keys.help],
  ]
  return (
    <dialog ref={dialog} class="help" aria-labelledby="keys-title" onClose={closeHelp}>
      <h2 id="keys-title">{t().keys.title}</h2>
      <dl>
        {rows.map(([keys, what]) => (
          <div key={keys.join()}>
            <dt>
              {keys.map(key => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit" class="primary">
          {t().keys.close}
        </button>
      </form>
    </dialog>
  )
}
