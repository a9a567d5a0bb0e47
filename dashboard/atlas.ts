import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

type Geometry = { type: string; id?: string; arcs: unknown; properties?: unknown }
type Atlas = {
  objects: { countries: { geometries: Geometry[] }; land?: unknown }
  arcs: [number, number][][]
  transform: { scale: [number, number]; translate: [number, number] }
}

const ANTARCTICA = '010'
/** Units of the original's grid (0.0036°) that become one: a quarter of a pixel on a map 800 wide. */
const COARSER = 32

/** `virtual:atlas`: Natural Earth's countries at a third of the bytes, without names, and without Antarctica. */
export function atlas(): Plugin {
  const name = 'virtual:atlas'
  return {
    name: 'atlas',
    resolveId: id => (id === name ? `\0${name}` : undefined),
    load: id =>
      id === `\0${name}` ? `export default JSON.parse(${JSON.stringify(JSON.stringify(small()))})` : undefined,
  }
}

function small(): Atlas {
  const file = fileURLToPath(import.meta.resolve('world-atlas/countries-110m.json'))
  const { objects, arcs, transform } = JSON.parse(readFileSync(file, 'utf8')) as Atlas
  const { countries } = objects
  const geometries = countries.geometries
    .filter(({ id }) => id !== ANTARCTICA)
    .map(({ type, arcs }) => ({ type, arcs }))
  const [x, y] = transform.scale
  return {
    ...{ type: 'Topology' },
    objects: { countries: { ...countries, geometries } },
    arcs: arcs.map(coarsen),
    transform: { ...transform, scale: [x * COARSER, y * COARSER] },
  }
}

/** A delta-encoded arc on the coarser grid; points that fall together become one, the ends always stay. */
function coarsen(arc: [number, number][]): [number, number][] {
  let [x, y] = [0, 0]
  let [lastX, lastY] = [0, 0]
  return arc.flatMap(([dx, dy], index): [number, number][] => {
    x += dx
    y += dy
    const [nextX, nextY] = [Math.round(x / COARSER), Math.round(y / COARSER)]
    const step: [number, number] = [nextX - lastX, nextY - lastY]
    if (index > 0 && index < arc.length - 1 && !step[0] && !step[1]) return []
    ;[lastX, lastY] = [nextX, nextY]
    return [step]
  })
}
