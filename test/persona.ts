import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import * as v from 'valibot'
import { parse } from 'yaml'
import { type Keys, makeKeys } from '#persona/keys.ts'
import { overridesSchema } from '#persona/overrides.ts'
import { createPersonaState } from '#persona/state.ts'

let keys: Promise<Keys> | undefined

/**
 * Gives a data directory that has none yet the persona that goes with this test file: whom a program pretends to be is the
 * same in every run, so that no test passes today and fails tomorrow by where a window or a product's name happened to fall.
 * `SKEP_TEST_SEED=anything` draws other ones. `config` is what skep.yaml will say: its `persona` decides what the seed
 * does not.
 */
export async function givePersona(data: string, config = ''): Promise<void> {
  const file = path.join(data, 'state/persona.json')
  if (fs.existsSync(file)) return
  const said = v.safeParse(overridesSchema, (parse(config) as { persona?: unknown } | null)?.persona)
  // What is wrong there is for the program to say.
  if (!said.success) return
  keys ??= makeKeys()
  const { SKEP_TEST_SEED: other = '' } = process.env
  const seed = createHash('sha256')
    .update(`${other} ${path.basename(process.argv[1] ?? '')}`)
    .digest()
  const state = await createPersonaState(said.output, { keys: () => keys! }, seed)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, JSON.stringify(state), { mode: 0o600 })
}
