import type { Program } from '../../../system.ts'
import { getopt, type Option, usageMistake } from '../../getopt.ts'
import { versioned } from '../../package-version.ts'
import { calledAs, say } from '../facts.ts'

const options: Option[] = [
  { short: 'a', long: 'all' },
  { short: 's', long: 'kernel-name' },
  { long: 'sysname' },
  { short: 'n', long: 'nodename' },
  { short: 'r', long: 'kernel-release' },
  { long: 'release' },
  { short: 'v', long: 'kernel-version' },
  { short: 'm', long: 'machine' },
  { short: 'p', long: 'processor' },
  { short: 'i', long: 'hardware-platform' },
  { short: 'o', long: 'operating-system' },
  { long: 'help' },
  { long: 'version' },
]

/** uname(1) of GNU coreutils. Debian's tells neither processor nor platform; Ubuntu's does. */
export const uname: Program = async process => {
  const parsed = getopt(process.argv, options)
  if (typeof parsed === 'string') return usageMistake(process, parsed)
  const { has, operands } = parsed
  if (has('help'))
    return say(process, 'Usage: uname [OPTION]...\nPrint certain system information.  With no OPTION, same as -s.\n')
  if (has('version')) return say(process, versioned(process, 'uname (GNU coreutils) @coreutils@\n'))
  if (operands.length > 0) return usageMistake(process, `uname: extra operand '${operands[0]}'`)
  const { os } = process.host.persona
  const setting = (name: string): string =>
    process.fs.readFile(`/proc/sys/kernel/${name}`, process.who).toString('latin1').trimEnd()
  const all = has('all')
  const ubuntu = os.id === 'ubuntu'
  const parts: [wanted: boolean, text: () => string][] = [
    [has('kernel-name') || has('sysname'), () => 'Linux'],
    [has('nodename'), () => setting('hostname')],
    [has('kernel-release') || has('release'), () => os.kernel],
    [has('kernel-version'), () => os.kernelVersion],
    [has('machine'), () => os.arch],
    [has('processor') && (ubuntu || !all), () => (ubuntu ? os.arch : 'unknown')],
    [has('hardware-platform') && (ubuntu || !all), () => (ubuntu ? os.arch : 'unknown')],
    [has('operating-system'), () => 'GNU/Linux'],
  ]
  const optional = ubuntu ? [] : [5, 6]
  const chosen = parts.filter(([wanted], index) => wanted || (all && !optional.includes(index)))
  return say(process, `${chosen.length === 0 ? 'Linux' : chosen.map(([, text]) => text()).join(' ')}\n`)
}

/** arch(1) of GNU coreutils 9.1. */
export const arch: Program = async process => {
  const parsed = getopt(process.argv, [{ long: 'help' }, { long: 'version' }])
  if (typeof parsed === 'string') return usageMistake(process, parsed)
  if (parsed.has('version')) return say(process, versioned(process, 'arch (GNU coreutils) @coreutils@\n'))
  if (parsed.has('help')) return say(process, 'Usage: arch [OPTION]...\nPrint machine architecture.\n')
  if (parsed.operands.length > 0)
    return usageMistake(process, `${calledAs(process)}: extra operand '${parsed.operands[0]}'`)
  return say(process, `${process.host.persona.os.arch}\n`)
}

/** nproc(1) of GNU coreutils 9.1, with OMP_NUM_THREADS and OMP_THREAD_LIMIT. */
export const nproc: Program = async process => {
  const parsed = getopt(process.argv, [
    { long: 'all' },
    { long: 'ignore', argument: 'required' },
    { long: 'help' },
    { long: 'version' },
  ])
  if (typeof parsed === 'string') return usageMistake(process, parsed)
  if (parsed.has('version')) return say(process, versioned(process, 'nproc (GNU coreutils) @coreutils@\n'))
  if (parsed.has('help'))
    return say(
      process,
      'Usage: nproc [OPTION]...\nPrint the number of processing units available to the current process.\n',
    )
  const ignored = parsed.value('ignore') ?? '0'
  if (!/^\s*\+?\d+$/.test(ignored)) {
    await process.stderr.write(`nproc: invalid number: '${ignored}'\n`)
    return 1
  }
  if (parsed.operands.length > 0) return usageMistake(process, `nproc: extra operand '${parsed.operands[0]}'`)
  const threads = (name: string): number | undefined => {
    const text = /^\s*(\d+)/.exec(process.env.get(name) ?? '')?.[1]
    return text === undefined || Number(text) === 0 ? undefined : Number(text)
  }
  let count = process.host.persona.cpu.cores
  if (!parsed.has('all')) {
    count = threads('OMP_NUM_THREADS') ?? count
    count = Math.min(count, threads('OMP_THREAD_LIMIT') ?? count)
  }
  return say(process, `${Math.max(1, count - Math.min(Number(ignored), count))}\n`)
}

/** hostid(1) of GNU coreutils 9.1: gethostid(3) makes it of the address that the host's name has, 127.0.1.1 here. */
export const hostid: Program = async process => {
  const parsed = getopt(process.argv, [{ long: 'help' }, { long: 'version' }])
  if (typeof parsed === 'string') return usageMistake(process, parsed)
  if (parsed.operands.length > 0) return usageMistake(process, `hostid: extra operand '${parsed.operands[0]}'`)
  return say(process, parsed.has('version') ? versioned(process, 'hostid (GNU coreutils) @coreutils@\n') : '007f0101\n')
}
