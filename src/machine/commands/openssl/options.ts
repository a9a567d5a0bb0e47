/** Options of a command of openssl(1): words with one minus, some of which take the next word. */
export type Words = {
  has(name: string): boolean
  value(name: string): string | undefined
  operands: string[]
}

/** What is wrong with the options is its message. */
export const wordsOf = (
  argv: readonly string[],
  flags: ReadonlySet<string>,
  valued: ReadonlySet<string>,
): Words | { bad: string } => {
  const given = new Map<string, string>()
  const operands: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!
    const name = word.replace(/^--?/, '')
    if (!word.startsWith('-') || word === '-') {
      operands.push(...argv.slice(at))
      break
    }
    if (valued.has(name)) {
      const value = argv[++at]
      if (value === undefined) return { bad: `Option -${name} needs a value` }
      given.set(name, value)
    } else if (flags.has(name)) given.set(name, '')
    else return { bad: name }
  }
  return { has: name => given.has(name), value: name => given.get(name), operands }
}
