import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import git from './index.ts'

/** A pack's bytes are its maker's own affair, as long as it comes at its place with as many objects. */
export const mask = (heard: string): string => {
  const at = heard.search(/(?:[0-9a-f]{4}[\x01\x02])?PACK\0\0\0\x02/)
  if (at < 0) return heard
  const objects = Buffer.from(heard.slice(heard.indexOf('PACK', at) + 8), 'latin1').readUInt32BE()
  return `${heard.slice(0, at)}PACK ${objects}${heard.endsWith('0000') ? '0000' : ''}`
}

export const playDialogue = (steps: readonly string[]) =>
  playAtUs(git, steps, cx => ({
    persona: {
      ...cx.persona,
      software: { ...cx.persona.software, git: { version: '2.39.5', package: '1:2.39.5-0+deb12u3' } },
    },
  }))
