import { useState } from 'preact/hooks'
import { number } from '../format.ts'
import { t } from '../i18n/index.ts'
import { codePoint, picture, pieces } from '../inert.ts'

/** Carriage returns, tabs and line breaks do their work where lines are kept, as long as the text is of a sane length. */
const MAX_LINES = 100_000

function Pieces({ text, lines }: { text: string; lines: boolean }) {
  const kept = lines && text.length < MAX_LINES
  return (
    <>
      {pieces(text).map((piece, index) => {
        if (index % 2 === 0 || (kept && (piece === '\n' || piece === '\t'))) return piece
        if (kept && piece === '\r') return ''
        return (
          <span key={index} class="ctl" title={`${t().hidden} ${codePoint(piece)}`}>
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
export function Text({
  text,
  max = 160,
  lines = false,
  open = true,
}: {
  text: string
  max?: number
  lines?: boolean
  open?: boolean
}) {
  const [shown, setShown] = useState(max)
  const cut = Math.min(text.length, shown)
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
