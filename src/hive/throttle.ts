import { sourceKey } from './address.ts'
import { bounded } from './bounded.ts'

type Tries = { failed: number; nextAt: number; seenAt: number }
export type ThrottleOptions = {
  now: () => number
  /** Failures that cost nothing: people mistype. */
  free?: number
  /** Failures after which the door stays shut. */
  lockAfter?: number
  lockMs?: number
  /** A quiet time after which failures are forgotten. */
  forgetMs?: number
  /** Addresses and accounts remembered, each. */
  max?: number
}

/**
 * Slows guessing down, per source address and per account: after a few free failures each doubles the wait (1 s, 2 s, 4 s …),
 * and the tenth locks for 15 minutes. An attempt counts as failed when it begins, so that parallel guesses gain nothing.
 * An address that once logged in to an account is not locked out of it by the guesses of others. Accounts that do not
 * exist are throttled the same, so the answer tells nothing.
 */
export function createThrottle(options: ThrottleOptions) {
  const { now, free = 3, lockAfter = 10, lockMs = 15 * 60_000, forgetMs = 60 * 60_000, max = 10_000 } = options
  const addresses = bounded<Tries>(max)
  const accounts = bounded<Tries>(max)
  const known = bounded<true>(max)

  const current = (map: typeof addresses, key: string): Tries => {
    const tries = map.get(key)
    return tries && now() - tries.seenAt < forgetMs ? tries : { failed: 0, nextAt: 0, seenAt: now() }
  }
  const charge = (map: typeof addresses, key: string) => {
    const { failed } = current(map, key)
    const wait = failed + 1 >= lockAfter ? lockMs : failed + 1 <= free ? 0 : 1000 * 2 ** (failed - free)
    map.set(key, { failed: failed + 1, nextAt: now() + wait, seenAt: now() })
  }
  const pair = (address: string, user: string) => `${address} ${user}`

  return {
    /** Milliseconds to wait before this attempt may be made; 0 admits it and charges it as a failure. */
    admit(address: string, user: string): number {
      const from = sourceKey(address)
      const trusted = known.get(pair(from, user)) !== undefined
      const wait = Math.max(
        current(addresses, from).nextAt - now(),
        trusted ? 0 : current(accounts, user).nextAt - now(),
      )
      if (wait > 0) return wait
      charge(addresses, from)
      if (!trusted) charge(accounts, user)
      return 0
    },
    succeeded(address: string, user: string): void {
      const from = sourceKey(address)
      addresses.delete(from)
      accounts.delete(user)
      known.set(pair(from, user), true)
    },
    /** Entries held, for tests of the bound. */
    sizes: () => ({ addresses: addresses.size, accounts: accounts.size, known: known.size }),
  }
}
export type Throttle = ReturnType<typeof createThrottle>
