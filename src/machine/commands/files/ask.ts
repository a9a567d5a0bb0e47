import type { Process } from '../../system.ts'

const unread = new WeakMap<Process, string>()
/** What one answer may have. */
const longest = 1024

/** Asks on standard error and reads a line: anything that begins with y is yes (yesno of gnulib). */
export const ask = async (process: Process, question: string): Promise<boolean> => {
  await process.stderr.write(question)
  let text = unread.get(process) ?? ''
  while (!text.includes('\n') && text.length < longest) {
    const more = await process.stdin.read(longest)
    if (more === undefined) break
    text += more.toString('latin1')
  }
  const end = text.indexOf('\n')
  unread.set(process, end < 0 ? '' : text.slice(end + 1))
  return /^[yY]/.test(text)
}
