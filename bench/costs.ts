import type { Cost } from './load.ts'
import { atMost, figure } from './table.ts'

export const costColumns = ['', 'CPU ms/op', 'op/s', 'ceiling', '× bare', 'ceiling, × bare'] as const

/** CPU milliseconds; `bare`: what the bare peer cost on the machine for which the ceiling was set. */
export type Ceiling = { cpuMs: number; bare?: number }

/**
 * A decoy's row and that of its bare peer. The ceiling counts twice: as it stands, and as the multiple of the bare peer
 * that it was, since this machine is faster or slower.
 */
export function costRows(decoy: Cost, bare: Cost, ceiling?: Ceiling): string[][] {
  const ratio = decoy.cpuMs / bare.cpuMs
  return [
    [
      decoy.name,
      figure(decoy.cpuMs),
      figure(decoy.perSecond),
      ceiling ? atMost(decoy.cpuMs, ceiling.cpuMs) : '',
      ratio.toFixed(1),
      ceiling?.bare ? atMost(ratio, Math.round((10 * ceiling.cpuMs) / ceiling.bare) / 10) : '',
    ],
    [bare.name, figure(bare.cpuMs), figure(bare.perSecond), '', '1', ''],
  ]
}
