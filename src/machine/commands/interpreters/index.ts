import type { Catalogue } from '../catalogue.ts'

export const interpreters: Catalogue = {}
