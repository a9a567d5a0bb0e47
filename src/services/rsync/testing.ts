import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import rsync from './index.ts'

/** What is drawn anew each time: challenges, and the seed behind what was agreed on; the milliseconds a list took. */
export const mask = (heard: string, sent: string): string => {
  let shown = heard.replace(/(AUTHREQD )\S+/, '$1~')
  if (/^.(?:xxh128 |md5$)/.test(sent)) shown = `~${shown.slice(4)}`
  else if (sent.startsWith('--') && !/e\.\w*v/.test(sent)) shown = `${shown.slice(0, 1)}~${shown.slice(5)}`
  return shown.replace(/(\x10\0\0\x07[\s\S]{9})[\s\S]{6}\0$/, '$1~')
}

/** The client's part of a recorded dialogue at a daemon of the recorded version. */
export const playDialogue = (steps: readonly string[]) =>
  playAtUs(rsync, steps, cx => ({
    pause: seconds => new Promise(resolve => setTimeout(resolve, seconds * 1000)),
    persona: {
      ...cx.persona,
      software: { ...cx.persona.software, rsync: { version: '3.5.0', package: '3.5.0+ds1-0+deb12u1', protocol: 32 } },
    },
  }))
