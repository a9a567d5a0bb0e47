import type { Catalogue } from '../catalogue.ts'

export const busybox: Catalogue = {
  '/usr/bin/busybox': async () => (await import('./busybox.ts')).busybox,
}
