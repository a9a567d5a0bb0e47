import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const css = readFileSync(join(import.meta.dirname, '../src/style/tokens.css'), 'utf8')
const block = (selector: string) => {
  const start = css.indexOf(`${selector} {`)
  return new Map(
    [...css.slice(start, css.indexOf('}', start)).matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(m => [m[1]!, m[2]!]),
  )
}
const day = block(':root')
const night = new Map([...day, ...block(':root[data-theme="dark"]')])

/** Relative luminance and contrast ratio (WCAG 2.2, definitions). */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map(at => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light! + 0.05) / (dark! + 0.05)
}

/** Text on what it stands on: 4.5:1 (WCAG 2.2, 1.4.3); edges of controls and focus rings: 3:1 (1.4.11). */
const pairs: [number, string, string[]][] = [
  [4.5, 'ink', ['bg', 'panel', 'raised', 'bar', 'code']],
  [4.5, 'quiet', ['bg', 'panel', 'raised', 'code']],
  [4.5, 'accent', ['bg', 'panel', 'raised', 'code']],
  [4.5, 'honey-ink', ['honey']],
  [4.5, 'good', ['good-back']],
  [4.5, 'bad', ['bad-back', 'bg', 'panel']],
  [3, 'edge', ['panel', 'bg']],
  [3, 'focus', ['bg', 'panel', 'raised']],
]
for (const [name, theme] of [
  ['day', day],
  ['night', night],
] as const)
  describe(`colours by ${name}`, () => {
    for (const [least, text, grounds] of pairs)
      for (const ground of grounds)
        it(`${text} on ${ground} has ${least}:1`, () => {
          const ratio = contrast(theme.get(text)!, theme.get(ground)!)
          assert.ok(ratio >= least, ratio.toFixed(2))
        })
  })
