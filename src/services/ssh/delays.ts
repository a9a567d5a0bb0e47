import { hash } from 'node:crypto'

// How long sshd takes to say no, in seconds.

/** The least time for any request, plus up to 4.3 ms that depend on the user's name (auth2.c, user_specific_delay). */
const leastFor = (user: string, secret: Buffer): number =>
  0.005 + hash('sha512', Buffer.concat([secret, Buffer.from(user, 'latin1')]), 'buffer').readUInt32BE() / 1e12

/**
 * From a request to its refusal. What took longer than the least time is rounded up to that time doubled as often as
 * needed (auth2.c, ensure_minimum_time_since): on one machine "root" always waits 2.366 or 4.731 seconds, say.
 */
export function untilRefusal(user: string, secret: Buffer, spent: number): number {
  let seconds = leastFor(user, secret)
  while (seconds < spent) seconds *= 2
  return seconds
}

/**
 * What a wrong password costs: pam_unix asks for two seconds, which libpam spreads by ±50 % with three random numbers
 * (pam_delay.c). `random` gives twelve bytes. The hashing of the password is a few milliseconds beside that.
 */
export function pamDelay(random: Buffer): number {
  let sum = 0
  for (let i = 0; i < 3; i++) sum += random.readUInt32LE(4 * i) / 0xffffffff
  return 2 * (1 + (sum / 3 - 0.5)) + 0.004
}

/** What a right password costs: its hashing, and PAM's session. `random` gives four bytes. */
export const pamSuccess = (random: Buffer): number => 0.012 + (random.readUInt32LE() / 0xffffffff) * 0.02
