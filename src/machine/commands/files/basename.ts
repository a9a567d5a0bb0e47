import type { Program } from '../../system.ts'
import { getopt, type Option, usageMistake } from '../getopt.ts'

const options: Option[] = [
  { short: 'a', long: 'multiple' },
  { short: 's', long: 'suffix', argument: 'required' },
  { short: 'z', long: 'zero' },
]

/** basename(1) of GNU coreutils 9.1. */
export const basename: Program = async process => {
  const parsed = getopt(process.argv, options, { posix: true })
  if (typeof parsed === 'string') return usageMistake(process, parsed)
  const { operands } = parsed
  const many = parsed.has('multiple') || parsed.has('suffix')
  if (operands.length === 0) return usageMistake(process, 'basename: missing operand')
  if (!many && operands.length > 2) return usageMistake(process, `basename: extra operand '${operands[2]}'`)
  const suffix = parsed.value('suffix') ?? (many ? '' : (operands[1] ?? ''))
  const end = parsed.has('zero') ? '\0' : '\n'
  for (const operand of many ? operands : operands.slice(0, 1))
    await process.stdout.write(nameOf(operand, suffix) + end)
  return 0
}

const nameOf = (path: string, suffix: string): string => {
  const bare = path.replace(/(?<=.)\/+$/, '')
  const name = /^\/+$/.test(bare) ? '/' : bare.slice(bare.lastIndexOf('/') + 1)
  return suffix !== '' && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name
}
