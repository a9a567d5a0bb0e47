import { useEffect, useRef, useState } from 'preact/hooks'
import type { Places } from '../answers.ts'
import { fetchPart } from '../fetch-part.ts'
import { hrefOf, view, withValue } from '../filter.ts'
import { countryName, number } from '../format.ts'
import { t } from '../i18n/index.ts'
import { visible } from '../inert.ts'
import { matches, onLive } from '../live.ts'
import type { Marked, WorldHandle } from '../map/world.ts'
import { go } from '../router.ts'
import { dark, reducedMotion } from '../settings.ts'

/** Where the events came from, and rings where some come from right now. The same in words for those who cannot see it. */
export function WorldMap({ places }: { places: Places }) {
  const ground = useRef<HTMLCanvasElement>(null)
  const sky = useRef<HTMLCanvasElement>(null)
  const tip = useRef<HTMLDivElement>(null)
  const world = useRef<WorldHandle>(undefined)
  const latest = useRef(places)
  latest.current = places
  const [over, setOver] = useState<Marked>()

  useEffect(() => {
    let gone = false
    let stop = () => {}
    void fetchPart(
      () => import('../map/world.ts'),
      () => !gone,
    ).then(part => {
      if (!part || !ground.current || !sky.current) return
      const handle = part.createWorld(ground.current, sky.current, reducedMotion)
      world.current = handle
      handle.spots(latest.current)
      stop = onLive(events => {
        if (document.hidden) return
        for (const event of events)
          if (event.lat !== undefined && event.lon !== undefined && matches(view.value, event))
            handle.pulse(event.lat, event.lon)
      })
    })
    return () => {
      gone = true
      stop()
      world.current?.destroy()
      world.current = undefined
    }
  }, [dark.value])
  useEffect(() => world.current?.spots(places), [places])

  const find = (event: MouseEvent) => world.current?.at(event.offsetX, event.offsetY)
  const move = (event: PointerEvent) => {
    const spot = find(event)
    setOver(spot)
    if (!spot || !tip.current || !ground.current) return
    const right = spot.x > ground.current.clientWidth / 2
    tip.current.style.top = `${spot.y + 10}px`
    tip.current.style.left = right ? '' : `${spot.x + 10}px`
    tip.current.style.right = right ? `${ground.current.clientWidth - spot.x + 10}px` : ''
  }
  const choose = (event: MouseEvent) => {
    const country = find(event)?.country
    if (country) go(hrefOf(withValue(view.value, 'country', country)))
  }
  return (
    <div class={over?.country ? 'world can-choose' : 'world'}>
      <canvas
        ref={ground}
        role="img"
        aria-label={inWords(places)}
        onPointerMove={move}
        onPointerLeave={() => setOver(undefined)}
        onClick={choose}
      />
      <canvas ref={sky} class="sky" />
      <div ref={tip} class="tip" hidden={!over}>
        {over && <SpotText spot={over} />}
      </div>
    </div>
  )
}

function SpotText({ spot }: { spot: Marked }) {
  const where = [spot.city && visible(spot.city, 60), spot.country && countryName(spot.country)]
    .filter(Boolean)
    .join(', ')
  return (
    <>
      <b>{where || t().source.unknown}</b>
      <div>
        {t().overview.events}: {number(spot.count)}
      </div>
      <div>
        {t().overview.sources}: {number(spot.sources)}
      </div>
    </>
  )
}

function inWords(places: Places): string {
  if (!places.length) return t().overview.mapEmpty
  const byCountry = new Map<string, number>()
  for (const { country, count } of places) if (country) byCountry.set(country, (byCountry.get(country) ?? 0) + count)
  const top = [...byCountry].sort((a, b) => b[1] - a[1]).slice(0, 5)
  return t().overview.mapText(
    number(places.length),
    top.map(([code, count]) => `${countryName(code)} ${number(count)}`).join(', '),
  )
}
