import type { Catalogue } from '../catalogue.ts'

export const openssh: Catalogue = {}
