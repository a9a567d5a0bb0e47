/** Part of a screen: its upper left corner and size, in pixels. */
export type Rect = { x: number; y: number; width: number; height: number }

/** Rectangles that a region is kept in at most; beyond that it becomes the one around them all. */
const MOST = 24

/** What two rectangles share; `undefined` when that is nothing. */
export function common(a: Rect, b: Rect): Rect | undefined {
  const x = Math.max(a.x, b.x)
  const y = Math.max(a.y, b.y)
  const width = Math.min(a.x + a.width, b.x + b.width) - x
  const height = Math.min(a.y + a.height, b.y + b.height) - y
  return width > 0 && height > 0 ? { x, y, width, height } : undefined
}

/** What is left of `a` without `b`: four rectangles at most. */
function without(a: Rect, b: Rect): Rect[] {
  const hole = common(a, b)
  if (!hole) return [a]
  const below = hole.y + hole.height
  const right = hole.x + hole.width
  return [
    { x: a.x, y: a.y, width: a.width, height: hole.y - a.y },
    { x: a.x, y: hole.y, width: hole.x - a.x, height: hole.height },
    { x: right, y: hole.y, width: a.x + a.width - right, height: hole.height },
    { x: a.x, y: below, width: a.width, height: a.y + a.height - below },
  ].filter(({ width, height }) => width > 0 && height > 0)
}

/** A set of pixels as rectangles that do not overlap, bounded in number. */
export class Region {
  rects: Rect[] = []

  get empty(): boolean {
    return this.rects.length === 0
  }
  add(rect: Rect): void {
    if (rect.width <= 0 || rect.height <= 0) return
    let fresh = [rect]
    for (const known of this.rects) fresh = fresh.flatMap(one => without(one, known))
    this.rects.push(...fresh)
    if (this.rects.length > MOST) this.rects = [this.bounds()]
  }
  subtract(rect: Rect): void {
    this.rects = this.rects.flatMap(one => without(one, rect))
    if (this.rects.length > 4 * MOST) this.rects = [this.bounds()]
  }
  /** The part within others. */
  within(others: readonly Rect[]): Rect[] {
    return this.rects.flatMap(one => others.flatMap(other => common(one, other) ?? []))
  }
  clear(): void {
    this.rects = []
  }
  bounds(): Rect {
    const x = Math.min(...this.rects.map(one => one.x))
    const y = Math.min(...this.rects.map(one => one.y))
    const right = Math.max(...this.rects.map(one => one.x + one.width))
    const below = Math.max(...this.rects.map(one => one.y + one.height))
    return { x, y, width: right - x, height: below - y }
  }
}
