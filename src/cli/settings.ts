import fs from 'node:fs'
import type { Flags } from '#config/load.ts'

/** Flags that say in place of skep.yaml where things listen and what runs. */
export const settingsFlags = {
  config: { type: 'string' },
  edition: { type: 'string' },
  provider: { type: 'string' },
  listen: { type: 'string' },
  'port-offset': { type: 'string' },
  dashboard: { type: 'string' },
} as const

type Values = { [K in keyof typeof settingsFlags]?: string | undefined }

/** The settings file to read, skep.yaml here if it is there, and the flags that stand above it. */
export function settingsFrom(values: Values): { file: string | undefined; flags: Flags } {
  const { config, 'port-offset': portOffset, ...rest } = values
  const { edition, provider, listen, dashboard } = rest
  const given = Object.entries({ portOffset, edition, provider, listen, dashboard })
  return {
    file: config ?? (fs.existsSync('skep.yaml') ? 'skep.yaml' : undefined),
    flags: Object.fromEntries(given.filter(([, value]) => value !== undefined)),
  }
}
