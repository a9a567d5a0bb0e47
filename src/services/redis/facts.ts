import table from '../../../data/redis-commands.json' with { type: 'json' }
import containers from '../../../data/redis-containers.json' with { type: 'json' }
import { array, bulk, integer, type Shapes, simple } from './wire.ts'

/** COMMAND of Redis 7.0.15: arity, flags, key positions and categories of every command it knows. */
type Known = [arity: number, flags: string, first: number, last: number, step: number, categories: string]
export const known = new Map(Object.entries(table) as [string, Known][])
const subcommands = new Map(Object.entries(containers.subcommands) as [string, [arity: number, flags: string]][])
const help = new Map(Object.entries(containers.help))
/** ACL CAT. */
export const categories: readonly string[] = containers.categories

const parents = new Set([...subcommands.keys()].map(name => name.split('|')[0]!))
/** `client|kill` for CLIENT KILL, the command's own name for one without subcommands. */
const fullName = (args: readonly string[]) => {
  const name = args[0]!.toLowerCase()
  return parents.has(name) && args.length > 1 ? `${name}|${args[1]!.toLowerCase()}` : name
}
/** `config|get` where there is such a subcommand, the command's own name where it has none; else nothing. */
export function fullNameOf(name: string, sub: string): string | undefined {
  const full = fullName([name, sub])
  return full === name ? (known.has(name) ? name : undefined) : subcommands.has(full) ? full : undefined
}
/** Flags of the command that these words call, separated by spaces. */
export const flagsOf = (args: readonly string[]): string => {
  const name = fullName(args)
  return (subcommands.get(name) ?? known.get(name))?.[1] ?? ''
}

/** What is wrong with a request before anybody looks at what it means (server.c, processCommand); the error's text. */
export function objection(args: readonly string[]): string | undefined {
  const name = args[0]!.toLowerCase()
  const facts = known.get(name)
  if (!facts) return unknown(args)
  const full = fullName(args)
  const arity = full === name ? facts[0] : subcommands.get(full)?.[0]
  if (arity === undefined) return unknownSubcommand(name, args[1]!)
  const wrong = arity > 0 ? args.length !== arity : args.length < -arity
  return wrong ? `ERR wrong number of arguments for '${full}' command` : undefined
}

/** The name and then arguments, each quoted, up to 128 characters in all. */
function unknown([name = '', ...args]: readonly string[]): string {
  let shown = ''
  for (const arg of args) {
    if (shown.length >= 128) break
    shown += `'${arg.slice(0, 128 - shown.length)}' `
  }
  return `ERR unknown command '${name.slice(0, 128)}', with args beginning with: ${shown}`
}
const unknownSubcommand = (container: string, given: string) =>
  `ERR unknown subcommand '${given.slice(0, 128)}'. Try ${container.toUpperCase()} HELP.`
/** The same after a look at the arguments (networking.c, addReplySubcommandSyntaxError). */
export const badSubcommand = (container: string, given: string) =>
  `ERR unknown subcommand or wrong number of arguments for '${given.slice(0, 128)}'. Try ${container} HELP.`

/** `CLIENT HELP` and its like; nothing for other requests. */
export function helpFor([name = '', sub = '']: readonly string[]): string | undefined {
  const lines = /^help$/i.test(sub) ? help.get(name.toLowerCase()) : undefined
  return lines && array(lines.map(simple))
}

/** One entry of COMMAND, without tips, key specifications and subcommands. */
export function describeCommand(name: string, shape: Shapes): string {
  const facts = known.get(name)
  if (!facts) return shape.nil
  const [arity, flags, first, last, step, categories] = facts
  const words = (text: string) => shape.set(text.split(' ').filter(Boolean).map(simple))
  const numbers = [first, last, step].map(integer)
  return array([
    bulk(name),
    integer(arity),
    words(flags),
    ...numbers,
    words(categories),
    shape.set([]),
    shape.set([]),
    shape.set([]),
  ])
}
