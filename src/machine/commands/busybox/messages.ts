import type { Output, Process } from '../../system.ts'
import { usageText } from './busybox.ts'

/** GNU's words, and what BusyBox says instead. `Q` stands for a name in quotes. */
const rules: readonly (readonly [from: RegExp, to: string])[] = (
  [
    ['^stat: cannot statx? Q: (.*)$', "stat: can't stat '$1': $2"],
    ['^(ls|du): cannot (?:access|statx?|stat) Q: (.*)$', '$1: $2: $3'],
    [
      '^(tail|sort|dd|cmp): (?:failed to open |cannot open )?Q(?: for reading)?: (No such file or directory|Permission denied)$',
      "$1: can't open '$2': $3",
    ],
    [
      "^(cat|md5sum|sha\\w+sum|sort): ([^' ]+): (No such file or directory|Permission denied)$",
      "$1: can't open '$2': $3",
    ],
    ['^tar: ([^:]+): Cannot open: (.*)$', "tar: can't open '$1': $2"],
    ['^(rm|rmdir|unlink): (?:cannot|failed to) (?:remove|unlink) Q: Is a directory$', "$1: '$2' is a directory"],
    ['^rm: (?:cannot|failed to) (?:remove|unlink) Q: (.*)$', "rm: can't remove '$1': $2"],
    ['^rmdir: failed to remove Q: (.*)$', "rmdir: '$1': $2"],
    ['^mkdir: cannot create directory Q: (.*)$', "mkdir: can't create directory '$1': $2"],
    ['^(cp): cannot stat Q: (.*)$', "$1: can't stat '$2': $3"],
    ['^mv: cannot stat Q: (.*)$', "mv: can't rename '$1': $2"],
    ['^mv: cannot remove Q: (.*)$', "mv: can't remove '$1': $2"],
    ['^cp: cannot create regular file Q: (.*)$', "cp: can't create '$1': $2"],
    ['^touch: cannot touch Q: (.*)$', 'touch: $1: $2'],
    ['^head: cannot open Q for reading: (.*)$', 'head: $1: $2'],
    ['^(chmod|chown|chgrp): (?:cannot access|changing (?:permissions|ownership|group) of) Q: (.*)$', '$1: $2: $3'],
    ['^ln: failed to create (?:symbolic|hard) link Q: (.*)$', 'ln: $1: $2'],
    ['^kill: (?:sending signal to )?\\(?(\\d+)\\)?(?: failed| -)?:? (.*)$', "kill: can't kill pid $1: $2"],
    ['^id: Q: no such user$', 'id: unknown user $1'],
    ['^date: invalid date Q$', "date: invalid date '$1'"],
    ['^sleep: invalid time interval Q$', "sleep: invalid number '$1'"],
    ['^gzip: (\\S+): (No such file or directory)$', 'gunzip: $1: $2'],
    ['^mktemp: failed to create (?:file|directory) via template Q: (.*)$', 'mktemp: (null): $2'],
  ] as const
).map(([from, to]) => [new RegExp(from.replaceAll('Q', '[‘\'"]?(.*?)[’\'"]?')), to] as const)

/** What ends in a usage text, whatever GNU says about it. */
const mistakes =
  /^Usage: \w+ \[OPTION\]|: (invalid option -- |unrecognized option |option requires an argument|missing (?:file )?operand|missing destination|extra operand|option '.*' requires|you must specify|Try '.* --help')/
/** What GNU says beyond that. */
const unsaid = /^\d+ bytes.* copied, |^tar: (Error is not recoverable|Exiting with failure)/
const kept = /: (invalid option -- |unrecognized option |option requires an argument)/

/** Standard error of a GNU program in BusyBox's words, line by line. `usage`: it ended in a usage text. */
export const reworded = (process: Process, name: string): { output: Output; usage: boolean; end(): Promise<void> } => {
  let rest = ''
  const found = {
    usage: false,
    output: {
      async write(data: Buffer | string) {
        rest += typeof data === 'string' ? data : data.toString('latin1')
        const lines = rest.split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) await say(line)
      },
    },
    async end() {
      if (rest !== '') await process.stderr.write(rest)
      rest = ''
      if (found.usage) await process.stderr.write(usageText(process, name))
    },
  }
  const say = async (line: string): Promise<void> => {
    process.step()
    if (found.usage || unsaid.test(line)) return
    if (mistakes.test(line)) {
      found.usage = true
      if (kept.test(line)) await process.stderr.write(`${line}\n`)
      return
    }
    const rule = line.length < 2000 ? rules.find(([from]) => from.test(line)) : undefined
    await process.stderr.write(`${rule ? line.replace(rule[0], rule[1]) : line}\n`)
  }
  return found
}
