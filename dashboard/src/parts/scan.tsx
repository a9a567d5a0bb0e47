import { bytes, number } from '../format.ts'
import { t, word } from '../i18n/index.ts'
import type { ScanStory } from '../scan.ts'
import { Fact } from './fact.tsx'
import { Panel } from './state.tsx'
import { Text } from './text.tsx'

/** Stretches written out; the strip shows the others. */
const WRITTEN = 60

/** What somebody went through without ever connecting: as one story, with the ports on a strip from 0 to 65,535. */
export function Scan({ story }: { story: ScanStory }) {
  const words = t().scan
  const { kind, numbers, stretches, count, packets, rate, tools, destinations, sources, sender } = story
  const rest = stretches.length - WRITTEN
  return (
    <Panel title={`${word(words.kinds, kind)}: ${number(count)} ${words.numbers[numbers]}`}>
      {numbers === 'ports' && <Strip story={story} />}
      <p class="stretches mono">
        {stretches
          .slice(0, WRITTEN)
          .map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`))
          .join(', ')}
        {rest > 0 && ` … ${words.more(number(rest))}`}
      </p>
      <dl class="facts-list">
        <Fact name={words.packets}>
          {number(packets)} ({bytes(story.bytes)})
        </Fact>
        {rate !== undefined && <Fact name={words.rate}>{words.perSecond(number(Math.round(rate)))}</Fact>}
        {sources !== undefined && <Fact name={words.sources}>{words.about(number(sources))}</Fact>}
        {tools.length > 0 && (
          <Fact name={words.tools}>
            <Text text={tools.join(', ')} max={200} />
          </Fact>
        )}
        {sender && (
          <Fact name={words.sender}>
            <Text text={[sender.os, words.hops(number(sender.hops), `${sender.ttl}`)].filter(Boolean).join(' · ')} />
          </Fact>
        )}
        {sender?.ja4t && (
          <Fact name="JA4T">
            <span class="mono">
              <Text text={sender.ja4t} max={120} />
            </span>
          </Fact>
        )}
        {destinations.length > 0 && (
          <Fact name={words.destinations}>
            <Text text={destinations.join(', ')} max={400} />
          </Fact>
        )}
      </dl>
    </Panel>
  )
}

const WIDTH = 1024

/** Of a column's 64 ports, how dark: a single one has to be seen, and whole ones look alike. */
const shade = (probed: number) => (probed === 0 ? 0 : probed >= 62 ? 1 : probed > 16 ? 0.75 : 0.5)

/** Neighbours of one shade are one piece: a piece a column would shimmer. */
function runs(values: readonly number[]): { from: number; length: number; value: number }[] {
  const out: { from: number; length: number; value: number }[] = []
  values.forEach((value, x) => {
    const before = out.at(-1)
    if (before?.value === value) before.length++
    else out.push({ from: x, length: 1, value })
  })
  return out.filter(({ value }) => value > 0)
}

/** The whole range of ports, a column for 64 of them, as dark as it was probed. */
function Strip({ story: { stretches, count } }: { story: ScanStory }) {
  const columns = new Array<number>(WIDTH).fill(0)
  for (const [first, last] of stretches)
    for (let column = first >> 6; column <= Math.min(last >> 6, WIDTH - 1); column++)
      columns[column]! += Math.min(last, column * 64 + 63) - Math.max(first, column * 64) + 1
  return (
    <figure class="ports-strip">
      <svg viewBox={`0 0 ${WIDTH} 24`} preserveAspectRatio="none" role="img" aria-label={t().scan.strip(number(count))}>
        {runs(columns.map(shade)).map(({ from, length, value }) => (
          <rect key={from} x={from} y={0} width={length} height={24} opacity={value} />
        ))}
      </svg>
      <figcaption class="quiet">
        <span>0</span>
        <span>65535</span>
      </figcaption>
    </figure>
  )
}
