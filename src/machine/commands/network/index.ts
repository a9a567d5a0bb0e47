import { type Catalogue, inFolder } from '../catalogue.ts'

/** Programs that ask the network for something. */
export const network: Catalogue = inFolder('/usr/bin', {
  curl: async () => (await import('./curl.ts')).curl,
  wget: async () => (await import('./wget.ts')).wget,
})
