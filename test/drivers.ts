import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { root } from './skep.ts'

const home = path.join(root, 'test/clients/drivers')

/**
 * The drivers of the JavaScript ecosystem, which tests speak to services through: a package of their own, installed when
 * first asked for. A reason when that fails, for a test to be skipped with.
 */
export function installDrivers(): string | false {
  const wanted = Object.keys(
    (JSON.parse(fs.readFileSync(path.join(home, 'package.json'), 'utf8')) as { dependencies: object }).dependencies,
  )
  const there = () => wanted.every(name => fs.existsSync(path.join(home, 'node_modules', name, 'package.json')))
  if (there()) return false
  const { status } = spawnSync('npm', ['ci', '--prefix', home, '--ignore-scripts', '--no-audit', '--no-fund'], {
    stdio: 'ignore',
    timeout: 120_000,
  })
  return status === 0 && there() ? false : 'the drivers could not be installed'
}

/** One of them, by the name of its package. */
export const driver = <T>(name: string): T => createRequire(path.join(home, 'package.json'))(name) as T
