import type { Catalogue } from '../catalogue.ts'

/** Interpreters other than the shells. */
export const interpreters: Catalogue = {
  '/usr/bin/perl': async () => (await import('./perl.ts')).perl,
  '/usr/bin/perl5.36.0': async () => (await import('./perl.ts')).perl,
  '/usr/bin/python3.11': async () => (await import('./python/python.ts')).python,
}
