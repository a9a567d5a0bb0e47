import { computed } from '@preact/signals'
import { language } from '../settings.ts'
import { type Dictionary, en } from './en.ts'
import { ja } from './ja.ts'

const dictionary = computed<Dictionary>(() => (language.value === 'ja' ? ja : en))

/** The page's words in the reader's language; a component that calls it follows a switch. */
export const t = () => dictionary.value

/** A word for a name that comes from outside and may be newer than this page. */
export const word = (words: Record<string, string>, name: string) => (Object.hasOwn(words, name) ? words[name]! : name)
