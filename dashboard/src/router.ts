import { computed, signal } from '@preact/signals'

/** Where the reader is. Everything that a bookmark should bring back is in here. */
export const place = signal({ path: location.pathname, search: location.search })
export const query = computed(() => new URLSearchParams(place.value.search))

const sync = () => {
  place.value = { path: location.pathname, search: location.search }
}

export function go(href: string, options: { replace?: boolean } = {}) {
  const url = new URL(href, location.href)
  if (url.pathname === location.pathname && url.search === location.search) return
  const moved = url.pathname !== location.pathname
  history[options.replace ? 'replaceState' : 'pushState'](null, '', url)
  sync()
  if (moved) scrollTo(0, 0)
}

/** Links stay plain links (a new tab, a copied address); a plain click on one of ours changes the page in place. */
export function startRouter() {
  addEventListener('popstate', sync)
  document.addEventListener('click', event => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return
    const link = (event.target as Element).closest?.('a')
    if (!link?.href || link.target || link.hasAttribute('download')) return
    const url = new URL(link.href)
    if (url.origin !== location.origin || url.pathname.startsWith('/api/')) return
    event.preventDefault()
    if (url.hash && url.pathname === location.pathname) return document.querySelector<HTMLElement>(url.hash)?.focus()
    go(link.href)
  })
}
