import type { Persona } from '#persona/persona.ts'

/** Caches as KVM's processors show them by default, in bytes; the third level is one, the others are of each core. */
export type Caches = { l1d: number; l1i: number; l2: number; l3: number }

const kib = 1024
export const cachesOf = ({ model }: Persona['cpu']): Caches =>
  model.startsWith('AMD')
    ? { l1d: 32 * kib, l1i: 32 * kib, l2: 512 * kib, l3: 16384 * kib }
    : { l1d: 32 * kib, l1i: 32 * kib, l2: 4096 * kib, l3: 16384 * kib }

/** /sys/devices/system/cpu/vulnerabilities, as kernel 6.1 words them; agrees with `bugs` of /proc/cpuinfo. */
export const vulnerabilitiesOf = ({ model }: Persona['cpu']): readonly [name: string, text: string][] => {
  const amd = model.startsWith('AMD')
  const intel = (text: string): string => (amd ? 'Not affected' : text)
  return [
    ['gather_data_sampling', 'Not affected'],
    ['indirect_target_selection', 'Not affected'],
    ['itlb_multihit', 'Not affected'],
    ['l1tf', intel('Mitigation; PTE Inversion')],
    ['mds', intel('Vulnerable: Clear CPU buffers attempted, no microcode; SMT Host state unknown')],
    ['meltdown', intel('Mitigation; PTI')],
    ['mmio_stale_data', 'Not affected'],
    ['reg_file_data_sampling', 'Not affected'],
    ['retbleed', 'Not affected'],
    ['spec_rstack_overflow', 'Not affected'],
    ['spec_store_bypass', intel('Vulnerable')],
    ['spectre_v1', 'Mitigation; usercopy/swapgs barriers and __user pointer sanitization'],
    ['spectre_v2', 'Mitigation; Retpolines; STIBP disabled; RSB filling; PBRSB-eIBRS Not affected; BHI Retpoline'],
    ['srbds', 'Not affected'],
    ['tsx_async_abort', 'Not affected'],
  ]
}
