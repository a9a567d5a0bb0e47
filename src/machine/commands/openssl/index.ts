import { type Catalogue, inFolder } from '../catalogue.ts'

export const openssl: Catalogue = inFolder('/usr/bin', {
  openssl: async () => (await import('./openssl.ts')).openssl,
})
