import type { Persona } from '#persona/persona.ts'

const common =
  'fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 syscall nx lm constant_tsc rep_good nopl xtopology cpuid tsc_known_freq pni pclmulqdq ssse3 cx16 sse4_1 sse4_2 x2apic popcnt aes xsave avx hypervisor lahf_lm'

/** /proc/cpuinfo: one paragraph a core. Family and model follow from the name. */
export const cpuinfo = ({ model, cores, megahertz }: Persona['cpu']): string => {
  const amd = model.startsWith('AMD')
  const [family, number, stepping] = amd ? [23, /Rome/.test(model) ? 49 : 1, 2] : identify(model)
  const speed = megahertz.toFixed(3)
  return Array.from({ length: cores }, (_, core) => {
    const rows: [string, string | number][] = [
      ['processor', core],
      ['vendor_id', amd ? 'AuthenticAMD' : 'GenuineIntel'],
      ['cpu family', family],
      ['model', number],
      ['model name', model],
      ['stepping', stepping],
      ['microcode', amd ? '0x1000065' : '0x1'],
      ['cpu MHz', speed],
      ['cache size', amd ? '512 KB' : '16384 KB'],
      ['physical id', 0],
      ['siblings', cores],
      ['core id', core],
      ['cpu cores', cores],
      ['apicid', core],
      ['initial apicid', core],
      ['fpu', 'yes'],
      ['fpu_exception', 'yes'],
      ['cpuid level', 13],
      ['wp', 'yes'],
      ['flags', common],
      [
        'bugs',
        amd
          ? 'sysret_ss_attrs null_seg spectre_v1 spectre_v2'
          : 'cpu_meltdown spectre_v1 spectre_v2 spec_store_bypass l1tf mds swapgs',
      ],
      ['bogomips', (megahertz * 2).toFixed(2)],
      ...(amd ? ([['TLB size', '1024 4K pages']] as [string, string][]) : []),
      ['clflush size', 64],
      ['cache_alignment', 64],
      ['address sizes', '40 bits physical, 48 bits virtual'],
      ['power management', ''],
    ]
    // Names end in tabs up to column 16.
    return `${rows.map(([name, value]) => `${name}${'\t'.repeat(name.length < 8 ? 2 : 1)}: ${value}\n`).join('')}\n`
  }).join('')
}

const identify = (model: string): [family: number, model: number, stepping: number] => {
  if (/Skylake|Cascadelake/.test(model)) return [6, 85, /Cascadelake/.test(model) ? 6 : 4]
  if (/Broadwell/.test(model)) return [6, 61, 2]
  if (/Haswell/.test(model)) return [6, 60, 1]
  if (/Sandy/.test(model)) return [6, 42, 1]
  return [15, 6, 1]
}
