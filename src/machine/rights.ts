import type { Credentials } from './system.ts'

/** Whose calls are refused nothing: the kernel's own, and those of daemons that run as root. */
export const kernel: Credentials = { uid: 0, gid: 0, groups: [0] }
