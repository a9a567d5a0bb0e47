import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import finger from './index.ts'

/** The recorded machine's people are none of ours; its system accounts are Debian's. */
export const mask = (heard: string): string => heard
export const playDialogue = (steps: readonly string[]) => playAtUs(finger, steps)
