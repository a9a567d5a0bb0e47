import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import vnc from './index.ts'

/** Challenges are drawn anew every time: sixteen bytes after the choice of a security type, or after RFB 3.3's decision. */
const mask = (heard: string, sent: string): string => {
  if ((sent === '\x02' || sent === '\0\0\0\x02') && heard.length === 16) return 'challenge'
  return heard.length === 20 && heard.startsWith('\0\0\0\x02') ? `${heard.slice(0, 4)}challenge` : heard
}

compareWithRecorded({
  name: 'vnc',
  product: 'Xtigervnc 1.12.0 (Debian 12)',
  mask,
  play: (steps, dialogue) =>
    playAtUs(
      vnc,
      steps,
      // The display that was recorded was the first, and root's.
      cx => ({ port: 5901, persona: { ...cx.persona, derive: (_, bytes) => Buffer.alloc(bytes, 1) } }),
      { security: dialogue.startsWith('open') ? 'none' : 'password', access: { otherwise: 'refuse' } },
    ),
})
