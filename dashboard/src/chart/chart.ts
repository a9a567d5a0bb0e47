import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { clockTime, compact, dayMonth, exact, number, stamp } from '../format.ts'

type Data = { times: number[]; interval: number; series: { label: string; colour: string; counts: number[] }[] }
export type ChartHandle = { update(data: Data): void; destroy(): void }

const HEIGHT = 230

/**
 * Stacked bars: each series is drawn as the sum of itself and those below it, the tallest first, so that what shows of
 * each is its own part.
 */
export function createChart(frame: HTMLElement, data: Data, zoom: (from: number, to: number) => void): ChartHandle {
  let shown = data
  const style = getComputedStyle(frame)
  const ink = style.getPropertyValue('--quiet').trim()
  const grid = style.getPropertyValue('--line').trim()
  const colour = (name: string) => style.getPropertyValue(`--c-${name}`).trim()
  const font = `12px ${style.fontFamily}`
  const tip = document.createElement('div')
  tip.className = 'tip'
  tip.hidden = true

  const bars = uPlot.paths.bars!({ size: [0.86, 60], align: 1 })
  const axis = { stroke: ink, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } }
  const plot = new uPlot(
    {
      width: frame.clientWidth,
      height: HEIGHT,
      ms: 1,
      padding: [8, 22, 0, 0],
      legend: { show: false },
      cursor: { points: { show: false }, drag: { x: true, y: false, setScale: false }, y: false },
      scales: {
        x: { time: true, range: () => extent(shown) },
        y: { range: (_u, _min, max) => [0, Math.max(4, max * 1.06)] },
      },
      axes: [
        {
          ...axis,
          size: 26,
          space: 72,
          values: (_u, splits, _axis, _space, step) => splits.map(at => label(at, step)),
        },
        {
          ...axis,
          size: 46,
          values: (_u, splits) => splits.map(value => (Number.isInteger(value) ? compact(value) : '')),
        },
      ],
      series: [
        {},
        ...data.series.map((_, index) => {
          const one = data.series[data.series.length - 1 - index]!
          return { label: one.label, fill: colour(one.colour), width: 0, paths: bars, points: { show: false } }
        }),
      ],
      hooks: {
        setCursor: [() => showTip()],
        setSelect: [
          u => {
            if (u.select.width < 6) return
            zoom(u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x'))
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          },
        ],
      },
    },
    stack(data),
    frame,
  )
  plot.over.append(tip)

  function showTip() {
    const { left = -1 } = plot.cursor
    const at = left < 0 ? Number.NaN : plot.posToVal(left, 'x')
    const index = Math.floor((at - (shown.times[0] ?? 0)) / shown.interval)
    if (!(index >= 0 && index < shown.times.length)) {
      tip.hidden = true
      return
    }
    const lines = shown.series
      .filter(one => one.counts[index])
      .map(one => tipLine(one.label, one.colour, one.counts[index]!))
    const head = document.createElement('b')
    head.textContent = exact(shown.times[index]!)
    tip.replaceChildren(head, ...lines)
    tip.hidden = false
    const right = left > plot.over.clientWidth / 2
    tip.style.left = right ? '' : `${left + 12}px`
    tip.style.right = right ? `${plot.over.clientWidth - left + 12}px` : ''
  }

  const observer = new ResizeObserver(() => plot.setSize({ width: frame.clientWidth, height: HEIGHT }))
  observer.observe(frame)
  return {
    update(next) {
      shown = next
      if (next.series.length + 1 === plot.series.length) plot.setData(stack(next))
    },
    destroy() {
      observer.disconnect()
      plot.destroy()
    },
  }
}

const extent = ({ times, interval }: Data): [number, number] => [times[0]!, times.at(-1)! + interval]

function stack({ times, series }: Data): uPlot.AlignedData {
  const running = new Array<number>(times.length).fill(0)
  const sums = series.map(({ counts }) => counts.map((count, index) => (running[index]! += count)))
  return [times, ...sums.reverse()]
}

const label = (at: number, step: number) => {
  if (step < 60_000) return stamp(at)
  const date = new Date(at)
  const midnight = date.getHours() === 0 && date.getMinutes() === 0
  return step >= 86_400_000 || midnight ? dayMonth(at) : clockTime(at)
}

function tipLine(text: string, colour: string, count: number): HTMLElement {
  const line = document.createElement('div')
  const swatch = document.createElement('span')
  swatch.className = `swatch c-${colour}`
  const value = document.createElement('span')
  value.textContent = number(count)
  const name = document.createElement('span')
  name.textContent = text
  line.append(swatch, name, value)
  return line
}
