/**
 * Loads all code once, with the flags of each process, so that its compiled form is there from the first start on:
 * `sh bin/skep-node src/supervisor/warm.ts`. The install does this; it starts nothing.
 */
import { spawnSync } from 'node:child_process'
import * as v from 'valibot'
import { settingsSchema } from '#config/schema.ts'
import { services } from '#services/index.ts'
import { hiveFlags, root, sensorFlags } from './rights.ts'

const roles = new Map([
  ['supervisor', () => import('#cli/up.ts')],
  ['sensor', () => import('#sensor/main.ts')],
  ['hive', () => import('#hive/main.ts')],
])

const [role] = process.argv.slice(2)
if (role !== undefined) await roles.get(role)?.()
if (role !== 'hive') await Promise.all([...services.values()].map(load => load()))
if (role === undefined) {
  const flags = { supervisor: [], sensor: sensorFlags(root), hive: hiveFlags(root, v.parse(settingsSchema, {})) }
  for (const [name, own] of Object.entries(flags))
    spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...own, import.meta.filename, name], {
      stdio: 'inherit',
    })
}
