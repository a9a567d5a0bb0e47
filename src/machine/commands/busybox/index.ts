import type { Catalogue } from '../catalogue.ts'

export const busybox: Catalogue = {}
