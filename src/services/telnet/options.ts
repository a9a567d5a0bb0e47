import * as v from 'valibot'
import { accessOptions } from '#access/options.ts'

/** Seconds to log in (LOGIN_TIMEOUT of /etc/login.defs). */
export const LOGIN_TIMEOUT = 60

export const options = v.strictObject({
  // The real daemon waits for ever, and then a client that knows no telnet never says which password it came with.
  patience: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(50)), 6),
    v.description('Seconds until somebody who answers no telnet option is shown the prompt all the same.'),
  ),
  device: v.pipe(
    v.optional(v.picklist(['linux', 'cisco', 'busybox', 'dvr']), 'linux'),
    v.description(
      "What answers: the persona's own telnetd, a Cisco router with IOS, a home router with BusyBox, or a video recorder.",
    ),
  ),
  idle: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(10), v.maxValue(3600)), 600),
    v.description('Seconds of silence after which somebody who is logged in is cut off.'),
  ),
  bypass: v.pipe(
    v.optional(v.boolean(), true),
    v.description(
      'Whether the daemon has the hole CVE-2026-24061, where it is the one that had it: `USER=-f root` logs in.',
    ),
  ),
  access: accessOptions,
})
export type Options = v.InferOutput<typeof options>
