import { complain, type Shell, write } from '../state.ts'

export type Options = { flags: Map<string, string>; rest: string[] }

/** getopt(3) for a builtin: letters as in `ab:c`. Complains like bash and gives `undefined` when an option is unknown. */
export const optionsOf = async (
  sh: Shell,
  name: string,
  args: string[],
  letters: string,
  usage: string,
): Promise<Options | undefined> => {
  const flags = new Map<string, string>()
  let at = 0
  for (; at < args.length; at++) {
    const word = args[at]!
    if (word === '--') {
      at++
      break
    }
    if (!word.startsWith('-') || word === '-') break
    for (let i = 1; i < word.length; i++) {
      const letter = word[i]!
      const place = letters.indexOf(letter)
      if (place === -1 || letter === ':') {
        await fault(sh, `${name}: -${letter}: invalid option`, usage)
        return undefined
      }
      if (letters[place + 1] !== ':') {
        flags.set(letter, '')
        continue
      }
      const value = i + 1 < word.length ? word.slice(i + 1) : args[++at]
      if (value === undefined) {
        await fault(sh, `${name}: -${letter}: option requires an argument`, usage)
        return undefined
      }
      flags.set(letter, value)
      break
    }
  }
  return { flags, rest: args.slice(at) }
}

const fault = async (sh: Shell, message: string, usage: string): Promise<void> => {
  if (sh.flavour === 'sh')
    return complain(sh, message.replace(/^(\S+): -(.): invalid option$/, '$1: Illegal option -$2'))
  await complain(sh, message)
  await write(sh, 2, `${usage}\n`)
}
