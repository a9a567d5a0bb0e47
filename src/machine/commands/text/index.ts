import type { Catalogue } from '../catalogue.ts'

export const text: Catalogue = {}
