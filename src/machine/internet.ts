import type { Persona } from '#persona/persona.ts'
import type { Internet } from './system.ts'

/** The network that is not there, until policies shape it: every name resolves to nothing. */
export const createInternet = (_persona: Persona): Internet => ({
  resolve: name => (/^[0-9.]+$/.test(name) ? { v4: name } : undefined),
  connect: () => ({ seconds: 3, refused: 'EHOSTUNREACH' }),
  fetch: () => ({ seconds: 3, refused: 'ENOTFOUND' }),
})
