import type { Catalogue } from '../catalogue.ts'

export const network: Catalogue = {}
