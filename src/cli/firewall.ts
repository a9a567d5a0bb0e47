import { loadConfig } from '#config/load.ts'
import { lockScript, removeScript } from '#firewall/rules.ts'
import { type EgressLock, lockEgress, proveLock } from '#supervisor/egress.ts'
import { lockFacts, whoTries } from '#supervisor/guard.ts'
import { appliedNow, applyScript } from '#supervisor/nft.ts'
import { describeSilence } from '#supervisor/passive.ts'
import { closeRange } from '#supervisor/range.ts'
import { administration } from '#supervisor/way-in.ts'
import { settingsFlags, settingsFrom } from './settings.ts'
import { common, flags, print, printTable, Usage } from './usage.ts'

const help = `Usage: skep firewall print|apply|check|remove [--json] [the flags of skep up]

The lock on the way out: nftables rules that drop and count whatever the decoys' user begins, and let answers pass.
Only the table "inet skep" is touched, and nothing that comes in; a start as root applies it by itself (egress.lock).
With --edition passive they let nothing in or out but your own way in (administration), and stay when it stops.
A running skep brings ports that nobody listens on to its catch-all besides, by a table "inet skep_range" (services.catchall).

  print     the rules, as nft -f reads them; changes nothing
  apply     put them in place, all at once; again is no harm
  check     try the ways out with the decoys' rights, and tell what was dropped; exit code 1 when the lock is not proved
  remove    take it away, and the redirection of every port (inet skep_range), and nothing else

Examples:
  skep firewall print
  sudo skep firewall apply && sudo skep firewall check
`

const verbs = ['print', 'apply', 'check', 'remove'] as const

export default {
  help,
  async run(args: string[]) {
    const { values, positionals } = flags('firewall', args, { ...common, ...settingsFlags }, 1)
    const [verb] = positionals
    if (!verbs.includes(verb as (typeof verbs)[number]))
      throw new Usage(`Say one of ${verbs.join(', ')}`, 'skep firewall --help')
    const { file, flags: given } = settingsFrom(values)
    const config = await loadConfig(file, given)
    const offset = config.settings.listen.portOffset ?? 0
    const facts = lockFacts(config, offset)
    if (verb === 'print') {
      process.stdout.write(lockScript(facts))
      return 0
    }
    if (process.getuid?.() !== 0) throw new Error('Only root may ask the kernel about its rules: sudo skep firewall …')
    if (verb === 'remove') {
      const there = appliedNow() !== undefined
      if (there) applyScript(removeScript)
      closeRange()
      print(there ? 'The table "inet skep" is gone; nothing else was touched.' : 'There was no table "inet skep".')
      return 0
    }
    if (verb === 'apply') {
      if (facts.passive?.ports.length === 0)
        throw new Error('No sshd was found, and you would be locked out: say administration.ports in skep.yaml')
      lockEgress(facts)
      if (facts.passive) {
        print(`Applied: ${describeSilence(config)}.`)
        return 0
      }
      const { ports, from } = administration()
      print(`Applied: whatever user ${facts.user} begins is dropped and counted. Nothing that comes in is touched,`)
      print(
        ports.length > 0
          ? `your own SSH among it: port ${from.join(', ')}.`
          : 'your own way in among it (no sshd was found here).',
      )
      return 0
    }
    const lock = await proveLock(facts, whoTries(config))
    if (values.json) print(JSON.stringify(lock))
    else show(lock)
    return lock.state === 'proved' ? 0 : 1
  },
}

function show({ state, why, ways, dropped }: EgressLock): void {
  print(state === 'proved' ? 'The way out is locked, proved just now.' : `NOT proved: ${why}`)
  if (ways.length > 0) printTable([['tried', 'what became of it'], ...ways.map(({ what, how }) => [what, how])])
  const caught = Object.entries(dropped).filter(([, packets]) => packets > 0)
  for (const [name, packets] of caught) print(`${packets} packets dropped before: ${name.replace('_', ' over ')}`)
}
