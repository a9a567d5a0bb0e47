import fs from 'node:fs'
import path from 'node:path'
import type { Provider } from './catalogue.ts'

/** What the firmware says of the machine (SMBIOS, as Linux shows it). */
const directory = '/sys/class/dmi/id'

/** Providers whose marks the firmware bears, none or several. Nobody is asked over the network. */
export function guessProviders(providers: readonly Provider[], dmi = directory): Provider[] {
  const texts = new Map<string, string>()
  const textOf = (file: string) => {
    if (!texts.has(file)) texts.set(file, readIfThere(path.join(dmi, file)))
    return texts.get(file)!
  }
  const bears = (marks: Record<string, string>) =>
    Object.entries(marks).every(([file, pattern]) => new RegExp(`^(?:${pattern})$`).test(textOf(file)))
  return providers.filter(provider => provider.dmi.some(bears))
}

function readIfThere(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}
