import type { Computer } from '#machine/computer.ts'

const taken = new WeakMap<Computer, Set<number>>()

/** The lowest free pseudo-terminal of the machine (`pts/0`), as devpts gives them; `release` when the session ends. */
export function takeLine(computer: Computer): { name: string; release(): void } {
  const numbers = taken.get(computer) ?? new Set<number>()
  taken.set(computer, numbers)
  let number = 0
  while (numbers.has(number)) number++
  numbers.add(number)
  return { name: `pts/${number}`, release: () => void numbers.delete(number) }
}
