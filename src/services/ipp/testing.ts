import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import ipp from './index.ts'

/** Dates of the moment, and sizes of a spool that is another's. */
export const mask = (heard: string): string =>
  heard
    .replace(/(Date|Last-Modified): [^\r]+/g, '$1: ~')
    .replace(/(printer-current-time\0\x0b)[\s\S]{11}/g, '$1~')
    .replace(/(printer-up-time\0\x04)[\s\S]{4}/g, '$1~')
    .replace(/(-k-octets-supported\0\x08\0\0\0\0)[\s\S]{4}/g, '$1~')

/** The recorded daemon's queue, port and version. */
export const playDialogue = (steps: readonly string[]) =>
  playAtUs(ipp, steps, cx => {
    const derive = cx.persona.derive
    return {
      port: 21_631,
      pause: seconds => new Promise(resolve => setTimeout(resolve, seconds * 100)),
      attacker: (() => {
        const queue = { next: 1, jobs: [] }
        return () => queue as never
      })(),
      persona: { ...cx.persona, derive },
    }
  })
