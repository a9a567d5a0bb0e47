import { useState } from 'preact/hooks'
import { number } from '../format.ts'
import { t } from '../i18n/index.ts'

/**
 * Characters that act on a reader without being seen: C0 and C1 controls, zero-width and bidirectional controls
 * (UAX #9), line separators, variation selectors, tags, interlinear marks, lone surrogates.
 */
const invisible =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}\p{Cs}]/u
const pieces = new RegExp(`(${invisible.source})`, 'u')

/** A control picture (U+2400 block) for the old controls, the code point for anything else. */
function picture(character: string): string {
  const code = character.codePointAt(0)!
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return '␡'
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}

/** An attacker's text in one run of visible characters; for attributes and copies of labels. */
export const visible = (text: string, max = 200) => {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text
  return cut.split(pieces).map((piece, index) => (index % 2 ? picture(piece) : piece)).join('')
}

function Pieces({ text, lines }: { text: string; lines: boolean }) {
  return (
    <>
      {text.split(pieces).map((piece, index) => {
        if (index % 2 === 0) return piece
        if (lines && piece === '\n') return '\n'
        if (lines && (piece === '\r' || piece === '\t') && text.length < 100_000) return piece === '\t' ? '\t' : ''
        return (
          <span key={index} class="ctl" title={`${t().hidden} U+${piece.codePointAt(0)!.toString(16).toUpperCase()}`}>
            {picture(piece)}
          </span>
        )
      })}
    </>
  )
}

/**
 * What an attacker sent, shown so that it can do nothing: never as markup, isolated from the direction of the text around
 * it, invisible characters made visible, long text cut with a way to see the rest. `lines` keeps line breaks.
 */
export function Text({ text, max = 160, lines = false, open = true }: { text: string; max?: number; lines?: boolean; open?: boolean }) {
  const [shown, setShown] = useState(max)
  const cut = text.length > shown ? shown : text.length
  const rest = text.length - cut
  if (text === '') return <span class="quiet">{t().filter.empty}</span>
  return (
    <bdi dir="ltr" class={lines ? 'raw lines' : 'raw'}>
      <Pieces text={text.slice(0, cut)} lines={lines} />
      {rest > 0 &&
        (open ? (
          <button type="button" class="link" onClick={() => setShown(shown + 4000)}>
            … {t().more(number(rest))}
          </button>
        ) : (
          '…'
        ))}
      {shown > max && rest === 0 && (
        <button type="button" class="link" onClick={() => setShown(max)}>
          {t().less}
        </button>
      )}
    </bdi>
  )
}
