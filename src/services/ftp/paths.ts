import type { Ftp } from './session.ts'
import { resolve } from './tree.ts'

/** The absolute path of what a command names. */
export const pathOf = (ftp: Ftp, said: string) => resolve(ftp.cwd, said)
