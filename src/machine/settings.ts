import type { Leavings } from '#artifacts/leavings.ts'
import type { Persona } from '#persona/persona.ts'

/**
 * What downloads come to. `plausible`: a file of the right kind, so that whoever fetches it shows the next step.
 * `refused`: networks that fail in the ways networks fail.
 */
export type Policy = 'plausible' | 'refused'

/** What the operator decided about a sensor's machines, and where what attackers leave on them is kept. */
export type MachineSettings = { downloads?: Policy; leavings?: Leavings }

// In a room of its own, so that who only tells of it does not load the machine.
const known = new WeakMap<Persona, MachineSettings>()

/** To be told before the first machine of this persona is made. */
export const setMachines = (persona: Persona, about: MachineSettings): void => void known.set(persona, about)

export const machineSettings = (persona: Persona): MachineSettings => known.get(persona) ?? {}
