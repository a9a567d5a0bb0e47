import type { Computer } from '#machine/computer.ts'
import { machineOf } from '#machine/machine.ts'
import type { ModelName } from '#machine/model.ts'
import type { Visit } from './access.ts'

/**
 * The computer behind a log-in, as this visitor's source left it: one for all services that let it in
 * to a computer of this model. The machine's
 * clock is ours with the persona's error.
 */
export const computerOf = (visit: Visit & { random(bytes: number): Buffer }, model: ModelName = 'server'): Computer => {
  const { persona, now, random } = visit
  const clock = { now: () => now() + persona.clockSkew, random }
  return visit.attacker(
    network => machineOf(persona, clock, model).computer({ ...(network === undefined ? {} : { of: network }) }),
    model === 'server' ? 'machine' : `machine ${model}`,
  )
}
