import type { Persona } from '#persona/persona.ts'

/** Flags as KVM passes them on, by what the processor is. */
const flagsOf = (model: string): string => {
  const amd = model.startsWith('AMD')
  const modern = amd || /Skylake|Cascadelake|Icelake|Broadwell|Haswell|Gold|Platinum|Silver|E5-26\d\d v[34]/.test(model)
  const wide = !amd && /Skylake|Cascadelake|Icelake|Gold|Platinum|Silver/.test(model)
  return [
    'fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2',
    amd
      ? 'ht syscall nx mmxext fxsr_opt pdpe1gb rdtscp lm'
      : 'ss syscall nx pdpe1gb rdtscp lm constant_tsc arch_perfmon',
    'rep_good nopl xtopology cpuid',
    amd ? 'extd_apicid tsc_known_freq' : 'tsc_known_freq',
    `pni pclmulqdq ssse3${modern ? ' fma' : ''} cx16${amd ? '' : ' pcid'} sse4_1 sse4_2 x2apic${modern ? ' movbe' : ''} popcnt tsc_deadline_timer aes xsave avx`,
    modern ? 'f16c rdrand hypervisor lahf_lm' : 'hypervisor lahf_lm',
    amd ? 'cmp_legacy cr8_legacy abm sse4a misalignsse 3dnowprefetch osvw perfctr_core ssbd ibpb vmmcall' : '',
    !amd && modern ? 'abm 3dnowprefetch cpuid_fault invpcid_single pti ssbd ibrs ibpb stibp' : amd ? '' : 'pti',
    modern ? `fsgsbase tsc_adjust bmi1 avx2 smep bmi2${amd ? '' : ' erms invpcid'} rdseed adx smap clflushopt` : '',
    wide ? 'avx512f avx512dq clwb avx512cd avx512bw avx512vl' : amd ? 'clwb sha_ni' : '',
    modern ? `xsaveopt xsavec xgetbv1${amd ? ' clzero xsaveerptr' : ''} arat` : 'xsaveopt arat',
  ]
    .filter(Boolean)
    .join(' ')
}

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
      ['flags', flagsOf(model)],
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
