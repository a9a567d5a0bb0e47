import { blend, type Canvas, canvasOf, fill } from './canvas.ts'
import { common, type Rect } from './region.ts'

/** xclock as it opens: a dial of 164 pixels, minutes and hours. */
export const DIAL = 164
const PADDING = 8
const RADIUS = (DIAL - 2 * PADDING) / 2
/** Samples a pixel each way, for smooth edges. */
const FINE = 4

type Point = readonly [x: number, y: number]
let drawn: { minute: number; face: Canvas } | undefined

/** The dial at a time of the day in minutes; drawn once a minute, for whoever looks. */
export function drawClock(canvas: Canvas, at: Rect, minute: number): void {
  if (drawn?.minute !== minute) drawn = { minute, face: face(minute) }
  const part = common(canvas, at)
  if (!part) return
  const { pixels } = drawn.face
  for (let y = part.y; y < part.y + part.height; y++) {
    const start = (y - at.y) * DIAL + part.x - at.x
    canvas.pixels.set(pixels.subarray(start, start + part.width), (y - canvas.y) * canvas.width + part.x - canvas.x)
  }
}

function face(minute: number): Canvas {
  const whole = { x: 0, y: 0, width: DIAL, height: DIAL }
  const canvas = canvasOf(whole)
  fill(canvas, whole, 0xffffff)
  for (let tick = 0; tick < 60; tick++) {
    const from = tick % 5 === 0 ? 0.9 : 0.95
    const half = tick % 5 === 0 ? 0.6 : 0.5
    polygon(canvas, [
      place(tick / 60, from, -half),
      place(tick / 60, 1, -half),
      place(tick / 60, 1, half),
      place(tick / 60, from, half),
    ])
  }
  hand(canvas, minute / 60, 0.7)
  hand(canvas, minute / 720, 0.4)
  return canvas
}

/** A triangle whose broad end lies a little behind the middle. */
function hand(canvas: Canvas, turn: number, length: number): void {
  const width = 0.07
  polygon(canvas, [place(turn, length, 0), place(turn, -width, width * RADIUS), place(turn, -width, -width * RADIUS)])
}

/** Of a turn clockwise from twelve: that part of the radius out, and pixels to the side. */
function place(turn: number, out: number, aside: number): Point {
  const angle = turn * 2 * Math.PI
  const away = out * RADIUS
  return [
    DIAL / 2 + away * Math.sin(angle) + aside * Math.cos(angle),
    DIAL / 2 - away * Math.cos(angle) + aside * Math.sin(angle),
  ]
}

/** A filled convex polygon with smooth edges. */
function polygon(canvas: Canvas, points: readonly Point[]): void {
  const xs = points.map(([x]) => x)
  const ys = points.map(([, y]) => y)
  for (let y = Math.floor(Math.min(...ys)); y <= Math.max(...ys); y++)
    for (let x = Math.floor(Math.min(...xs)); x <= Math.max(...xs); x++) {
      let inside = 0
      for (let sample = 0; sample < FINE * FINE; sample++) {
        const px = x + ((sample % FINE) + 0.5) / FINE
        const py = y + (Math.floor(sample / FINE) + 0.5) / FINE
        if (covers(points, px, py)) inside++
      }
      if (inside > 0) blend(canvas, x, y, 0, Math.round((inside * 255) / FINE ** 2))
    }
}

function covers(points: readonly Point[], x: number, y: number): boolean {
  let side = 0
  for (let i = 0; i < points.length; i++) {
    const [ax, ay] = points[i]!
    const [bx, by] = points[(i + 1) % points.length]!
    const turn = Math.sign((bx - ax) * (y - ay) - (by - ay) * (x - ax))
    if (turn !== 0 && side !== 0 && turn !== side) return false
    side ||= turn
  }
  return true
}
