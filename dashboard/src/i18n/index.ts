import { effect, signal } from '@preact/signals'
import { type Language, language } from '../settings.ts'
import type { Dictionary } from './en.ts'

const load: Record<Language, () => Promise<Dictionary>> = {
  en: async () => (await import('./en.ts')).en,
  ja: async () => (await import('./ja.ts')).ja,
}
const dictionary = signal<Dictionary | undefined>(undefined)

/** Fetches the reader's language, now and at each switch; resolves when there are words to draw the page with. */
export const startLanguage = () =>
  new Promise<void>(resolve => {
    effect(() => {
      const wanted = language.value
      void load[wanted]().then(words => {
        if (wanted === language.peek()) dictionary.value = words
        resolve()
      })
    })
  })

/** The page's words in the reader's language; a component that calls it follows a switch. */
export const t = (): Dictionary => dictionary.value!

/** A word for a name that comes from outside and may be newer than this page. */
export const word = (words: Record<string, string>, name: string) => (Object.hasOwn(words, name) ? words[name]! : name)
