import { computed, effect, signal } from '@preact/signals'

export const languages = ['en', 'ja'] as const
export type Language = (typeof languages)[number]
export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** Private windows may refuse storage: the choice then lasts as long as the page. */
function remembered<T extends string>(key: string, allowed: readonly T[], otherwise: T): T {
  try {
    const value = localStorage.getItem(key)
    return allowed.find(candidate => candidate === value) ?? otherwise
  } catch {
    return otherwise
  }
}
function remember(key: string, value: string) {
  try {
    localStorage.setItem(key, value)
  } catch {}
}

const preferred: Language = navigator.languages.find(tag => /^(ja|en)\b/i.test(tag))?.startsWith('ja') ? 'ja' : 'en'
export const language = signal<Language>(remembered('skep-language', languages, preferred))
export const theme = signal<Theme>(remembered('skep-theme', themes, 'system'))

const systemDark = matchMedia('(prefers-color-scheme: dark)')
const systemIsDark = signal(systemDark.matches)
systemDark.addEventListener('change', event => {
  systemIsDark.value = event.matches
})
export const dark = computed(() => (theme.value === 'system' ? systemIsDark.value : theme.value === 'dark'))

export const switchTheme = () => {
  theme.value = dark.value ? 'light' : 'dark'
}
export const switchLanguage = () => {
  language.value = language.value === 'en' ? 'ja' : 'en'
}

const calm = matchMedia('(prefers-reduced-motion: reduce)')
/** Asked anew at each use: people switch it while the page is open. */
export const reducedMotion = () => calm.matches

effect(() => {
  document.documentElement.dataset.theme = dark.value ? 'dark' : 'light'
  remember('skep-theme', theme.value)
})
effect(() => {
  document.documentElement.lang = language.value
  remember('skep-language', language.value)
})

/** The moment that relative times are relative to; moves every five seconds while somebody looks. */
export const clock = signal(Date.now())
setInterval(() => {
  if (!document.hidden) clock.value = Date.now()
}, 5000)
