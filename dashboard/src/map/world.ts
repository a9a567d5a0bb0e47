import atlas from 'virtual:atlas'
import { geoGraticule10, geoNaturalEarth1, geoPath } from 'd3-geo'
import { feature, mesh } from 'topojson-client'

const { countries } = atlas.objects
const land = feature(atlas, countries)
const borders = mesh(atlas, countries, (a, b) => a !== b)
/** What the picture must hold: everywhere that people live. */
const frame = {
  type: 'MultiPoint',
  coordinates: [-180, -90, 0, 90, 180].flatMap(lon => [
    [lon, 80],
    [lon, 0],
    [lon, -54],
  ]),
} as const

export type Spot = {
  lat: number
  lon: number
  country?: string | undefined
  city?: string | undefined
  count: number
  sources: number
}
export type Marked = Spot & { x: number; y: number; r: number }
export type WorldHandle = {
  spots(spots: readonly Spot[]): void
  pulse(lat: number, lon: number): void
  /** The spot at a point of the canvas, if any. */
  at(x: number, y: number): Marked | undefined
  destroy(): void
}

type Pulse = { x: number; y: number; born: number; weight: number }
const LIFE = 1600
const MAX_PULSES = 200
/** Attacks from one place within this time are one ring, only a stronger one. */
const MERGE = 350

/**
 * Two canvases: the ground with its spots, drawn when they change, and the rings above, drawn per frame while there are
 * any. However many events come, a frame draws at most `MAX_PULSES` rings.
 */
export function createWorld(ground: HTMLCanvasElement, sky: HTMLCanvasElement, still: () => boolean): WorldHandle {
  const below = ground.getContext('2d')!
  const above = sky.getContext('2d')!
  const projection = geoNaturalEarth1()
  let size = { width: 0, height: 0 }
  let known: readonly Spot[] = []
  let marked: Marked[] = []
  const pulses = new Map<string, Pulse>()
  let drawing = 0
  const css = (name: string) => getComputedStyle(ground).getPropertyValue(name).trim()

  function resize() {
    const width = ground.clientWidth
    const height = ground.clientHeight
    if (!width || !height) return
    size = { width, height }
    const scale = Math.min(devicePixelRatio || 1, 2)
    for (const [canvas, context] of [
      [ground, below],
      [sky, above],
    ] as const) {
      canvas.width = width * scale
      canvas.height = height * scale
      context.setTransform(scale, 0, 0, scale, 0, 0)
    }
    projection.fitExtent(
      [
        [4, 4],
        [width - 4, height - 4],
      ],
      frame as never,
    )
    pulses.clear()
    paint()
  }

  function paint() {
    const { width, height } = size
    below.clearRect(0, 0, width, height)
    const path = geoPath(projection, below)
    const stroke = (shape: Parameters<typeof path>[0], colour: string, line: number) => {
      below.beginPath()
      path(shape)
      below.strokeStyle = colour
      below.lineWidth = line
      below.stroke()
    }
    stroke(geoGraticule10(), css('--map-grid'), 0.5)
    below.beginPath()
    path(land)
    below.fillStyle = css('--map-land')
    below.fill()
    stroke(borders, css('--map-border'), 0.6)
    paintSpots()
  }

  function paintSpots() {
    const most = Math.max(...known.map(spot => spot.count), 1)
    marked = known.flatMap(spot => {
      const [x, y] = projection([spot.lon, spot.lat]) ?? []
      return x === undefined || y === undefined ? [] : [{ ...spot, x, y, r: 1.8 + 9 * Math.sqrt(spot.count / most) }]
    })
    below.fillStyle = css('--map-spot')
    below.strokeStyle = css('--map-spot-edge')
    below.lineWidth = 1
    for (const { x, y, r } of marked) {
      below.beginPath()
      below.arc(x, y, r, 0, 2 * Math.PI)
      below.fill()
      below.stroke()
    }
  }

  function draw(now: number) {
    above.clearRect(0, 0, size.width, size.height)
    const ring = css('--map-pulse')
    above.strokeStyle = ring
    above.fillStyle = ring
    for (const [key, { x, y, born, weight }] of pulses) {
      // A frame is dated from its beginning: a pulse may be born after it.
      const age = Math.max(0, now - born) / LIFE
      if (age >= 1) {
        pulses.delete(key)
        continue
      }
      const grown = still() ? 0.4 : 1 - (1 - age) ** 3
      above.globalAlpha = 1 - age
      above.lineWidth = 1 + Math.min(weight, 9) / 3
      above.beginPath()
      above.arc(x, y, 2 + grown * (8 + 2.5 * Math.min(weight, 6)), 0, 2 * Math.PI)
      above.stroke()
      above.beginPath()
      above.arc(x, y, 2, 0, 2 * Math.PI)
      above.fill()
    }
    above.globalAlpha = 1
    drawing = pulses.size ? requestAnimationFrame(draw) : 0
  }

  const observer = new ResizeObserver(resize)
  observer.observe(ground)
  return {
    spots(spots) {
      known = spots
      if (size.width) paint()
    },
    pulse(lat, lon) {
      const key = `${lat.toFixed(1)} ${lon.toFixed(1)}`
      const now = performance.now()
      const old = pulses.get(key)
      if (old && now - old.born < MERGE) return void old.weight++
      if (!old && pulses.size >= MAX_PULSES) return
      const [x, y] = projection([lon, lat]) ?? []
      if (x === undefined || y === undefined) return
      pulses.set(key, { x, y, born: now, weight: 1 })
      drawing ||= requestAnimationFrame(draw)
    },
    at(x, y) {
      const near = marked.filter(spot => Math.hypot(spot.x - x, spot.y - y) <= Math.max(spot.r, 7))
      return near.sort((a, b) => a.r - b.r)[0]
    },
    destroy() {
      observer.disconnect()
      cancelAnimationFrame(drawing)
    },
  }
}
