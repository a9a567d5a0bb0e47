import type { Config } from '#config/load.ts'
import { NotAllowed } from '#hosting/standing.ts'
import { whyNoCapture } from './capture.ts'
import type { EgressLock } from './egress.ts'
import { wayIn } from './way-in.ts'

/** The same configuration as the passive edition: no decoy, whatever was to run. */
export const silenced = (config: Config): Config => ({
  settings: { ...config.settings, edition: 'passive' },
  plans: [],
})

/** Throws `NotAllowed` where the passive edition could not keep silent, or not hear: it would be something else. */
export function mustBeSilent(config: Config, lock: EgressLock): void {
  const deaf = whyNoCapture(config)
  // Without a route nothing can be tried, and the rules hold all the same.
  const routeless = lock.state === 'unproved' && lock.silent === true && /no route/.test(lock.why ?? '')
  const talks = lock.state === 'proved' || routeless ? undefined : (lock.why ?? lock.state)
  const why = [
    ...(deaf === undefined ? [] : [`packets cannot be captured: ${deaf}`]),
    ...(talks === undefined ? [] : [`the firewall does not keep this machine silent: ${talks}`]),
  ]
  if (why.length > 0) throw new NotAllowed(`The passive edition cannot run here: ${why.join('; ')}`)
}

/** What is left open, on one line, for the log. */
export function describeSilence({ settings }: Config): string {
  const { ports, from } = wayIn(settings)
  const who = from.length > 0 ? from.join(', ') : 'everybody: say administration.from to narrow that'
  return `no decoy listens, and nothing answers or goes out but TCP ${ports.join(', ')} for ${who}; \`skep firewall remove\` ends that`
}
