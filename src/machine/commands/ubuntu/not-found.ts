import type { Program } from '../../system.ts'
import { archive } from '../system/packages/archive.ts'

/** Packages whose program has another name. */
const packages: ReadonlyMap<string, string> = new Map([
  ['apache2ctl', 'apache2'],
  ['cc', 'gcc'],
  ['docker', 'docker.io'],
  ['ifconfig', 'net-tools'],
  ['netstat', 'net-tools'],
  ['node', 'nodejs'],
  ['php', 'php8.1-cli'],
  ['pip', 'python3-pip'],
  ['pip3', 'python3-pip'],
  ['redis-cli', 'redis-tools'],
])

/** command-not-found(1): which package would bring what was typed. */
export const commandNotFound: Program = async process => {
  const name = process.argv.slice(1).find(word => word !== '--' && !word.startsWith('--')) ?? ''
  const known = packages.get(name) ?? (archive.has(name) ? name : undefined)
  if (name === 'python')
    await process.stderr.write(
      "Command 'python' not found, did you mean:\n  command 'python3' from deb python3\n  command 'python' from deb python-is-python3\n",
    )
  else if (known === undefined) await process.stderr.write(`${name}: command not found\n`)
  else {
    const how = process.who.uid === 0 ? 'apt install' : 'sudo apt install'
    await process.stderr.write(`Command '${name}' not found, but can be installed with:\n${how} ${known}\n`)
  }
  return 127
}
