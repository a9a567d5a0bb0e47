import type { Program } from '../../system.ts'

/** man(1) of man-db 2.11 on a machine whose pages were left out, as small images leave them. */
export const man: Program = async process => {
  const words = process.argv.slice(1)
  if (words.some(word => word === '-V' || word === '--version')) {
    await process.stdout.write('man 2.11.2\n')
    return 0
  }
  let wanted = words.filter(word => !word.startsWith('-'))
  let section = ''
  if (wanted.length > 1 && /^[1-9n]\w*$/.test(wanted[0]!)) {
    section = wanted[0]!
    wanted = wanted.slice(1)
  }
  if (wanted.length === 0) {
    await process.stderr.write(
      section === '' && words.length === 0
        ? "What manual page do you want?\nFor example, try 'man man'.\n"
        : `No manual entry for ${section}\n`,
    )
    return 1
  }
  const keyword = words.some(word => /^-[kf]$/.test(word))
  let status = 0
  for (const name of wanted) {
    if (keyword) await process.stderr.write(`${name}: nothing appropriate.\n`)
    else await process.stderr.write(`No manual entry for ${name}${section === '' ? '' : ` in section ${section}`}\n`)
    status = 16
  }
  return status
}
