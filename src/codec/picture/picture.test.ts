import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { numbers } from '#codec/testing.ts'
import { unpacked } from './cells.ts'
import { Desktop, type DesktopOptions } from './desktop.ts'
import { type Rect, Region } from './region.ts'
import { Screen } from './screen.ts'

const shown = (screen: Screen) => Array.from({ length: screen.cells.rows }, (_, y) => screen.cells.line(y))
const after = (text: string, columns = 10, rows = 3) => {
  const screen = new Screen(columns, rows)
  screen.write(Buffer.from(text))
  return screen
}

describe('a terminal’s screen', () => {
  for (const [name, text, lines] of [
    ['wraps and scrolls', '0123456789abc\r\nsecond\r\nthird', ['abc', 'second', 'third']],
    ['waits at the last column', '0123456789\r\nx', ['0123456789', 'x', '']],
    ['moves and erases', 'hello\x1b[3D\x1b[K\x1b[2;4Hx\x1b[1Gy', ['he', 'y  x', '']],
    ['inserts and deletes', 'abcdef\x1b[1;2H\x1b[2@\x1b[5G\x1b[P', ['a  bdef', '', '']],
    ['scrolls within margins', 'a\r\nb\r\nc\x1b[2;3r\x1b[3;1H\nd', ['a', 'c', 'd']],
    ['draws lines', '\x1b(0lqk\x1b(Bx', ['┌─┐x', '', '']],
    ['reads UTF-8, and what is none', 'ä‘\xff', ['ä‘ÿ', '', '']],
    ['keeps the screen behind another', 'main\x1b[?1049hother\x1b[2J\x1b[?1049l', ['main', '', '']],
    [
      'reads over titles and unknown sequences',
      '\x1b]0;title\x07\x1b[>4;2m\x1b[?2004hok\x1bPxyz\x1b\\',
      ['ok', '', ''],
    ],
  ] as const)
    test(name, () => assert.deepEqual(shown(after(text)), lines))

  test('knows colours, its title and who asks where the cursor is', () => {
    const answers: string[] = []
    const screen = new Screen(20, 2, text => answers.push(text))
    screen.write(
      Buffer.from('\x1b]2;root@relay3: ~\x07\x1b[1;31;44mA\x1b[38;5;208mB\x1b[48;2;255;0;0mC\x1b[0mD\x1b[6n\x1b[c'),
    )
    const look = (x: number) => unpacked(screen.cells.looks[x]!)
    assert.deepEqual([look(0).fg, look(0).bg, look(0).bold], [1, 4, true])
    assert.equal(look(1).fg, 208)
    assert.equal(look(2).bg, 196)
    assert.deepEqual([look(3).fg, look(3).bg], [256, 256])
    assert.equal(screen.title, 'root@relay3: ~')
    assert.deepEqual(answers, ['\x1b[1;5R', '\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c'])
  })
  test('takes anything', () => {
    const draw = numbers(3)
    const pieces = [
      '\x1b[',
      '\x1b]',
      '\x1b(0',
      ';',
      '99999',
      'H',
      'r',
      'm',
      'L',
      'M',
      '@',
      'P',
      'S',
      'T',
      'X',
      '\x1bM',
      '\n',
      '?1049h',
    ]
    const screen = new Screen(20, 5)
    for (let n = 0; n < 50_000; n++)
      screen.write(Buffer.from(draw(3) === 0 ? String.fromCharCode(draw(256)) : pieces[draw(pieces.length)]!, 'latin1'))
    assert.ok(screen.x >= 0 && screen.x < 20 && screen.y >= 0 && screen.y < 5)
    assert.equal(screen.cells.codes.length, 100)
  })
})

test('a region is what was added and not taken away, and stays small', () => {
  const draw = numbers(9)
  const region = new Region()
  const bits = new Uint8Array(60 * 60)
  const paint = ({ x, y, width, height }: Rect, bit: number) => {
    for (let row = y; row < y + height; row++) bits.fill(bit, row * 60 + x, row * 60 + x + width)
  }
  for (let n = 0; n < 300; n++) {
    const rect = { x: draw(40), y: draw(40), width: 1 + draw(20), height: 1 + draw(20) }
    const add = draw(2) === 0
    if (add) region.add(rect)
    else region.subtract(rect)
    paint(rect, Number(add))
    assert.ok(region.rects.length <= 96)
    const covered = (x: number, y: number) =>
      region.rects.some(one => x >= one.x && y >= one.y && x < one.x + one.width && y < one.y + one.height)
    // It may be larger than need be, never smaller.
    for (let i = 0; i < bits.length; i += 7) if (bits[i]) assert.ok(covered(i % 60, Math.floor(i / 60)))
  }
})

describe('a desktop', () => {
  const open = (change: Partial<DesktopOptions> = {}) => {
    const changes: Rect[] = []
    const typed: string[] = []
    const options = {
      width: 800,
      height: 600,
      background: 0,
      minute: () => 0,
      changed: (r: Rect) => changes.push(r),
      open: () => {},
    }
    const desktop = new Desktop({ ...options, ...change })
    const screen = new Screen(80, 24)
    const window = desktop.addTerminal(100, 100, 'a window', screen, keys => typed.push(String(keys)))
    return { desktop, screen, window, changes, typed }
  }
  test('gives keys to the window under the pointer', () => {
    const { desktop, typed } = open()
    desktop.point(0, 200, 200)
    assert.ok(desktop.type(Buffer.from('a')))
    desktop.point(0, 10, 590)
    assert.ok(!desktop.type(Buffer.from('b')))
    assert.deepEqual(typed, ['a'])
  })
  test('draws a part as it draws the whole', () => {
    const { desktop, screen } = open()
    desktop.addClock(600, 31)
    screen.write(Buffer.from('some text \x1b[7min reverse\x1b[m\r\nmore'))
    const whole = desktop.draw({ x: 0, y: 0, width: 800, height: 600 })
    for (const part of [
      { x: 90, y: 70, width: 60, height: 60 },
      { x: 610, y: 20, width: 100, height: 150 },
    ]) {
      const piece = desktop.draw(part)
      for (let y = 0; y < part.height; y++) {
        const start = (part.y + y) * 800 + part.x
        assert.deepEqual(
          piece.pixels.subarray(y * part.width, (y + 1) * part.width),
          whole.pixels.subarray(start, start + part.width),
        )
      }
    }
  })
  test('is moved by its title, made an icon of by its button, and opens another from the menu', () => {
    let opened = 0
    const { desktop, window } = open({ open: () => opened++ })
    desktop.point(1, 300, 85)
    desktop.point(1, 320, 105)
    desktop.point(0, 320, 105)
    assert.deepEqual([window.inside.x, window.inside.y], [120, 120])
    desktop.point(1, window.inside.x + 6, window.inside.y - 12)
    desktop.point(0, window.inside.x + 6, window.inside.y - 12)
    assert.ok(window.icon)
    desktop.point(1, window.icon.x + 2, window.icon.y + 2)
    assert.equal(window.icon, undefined)
    desktop.point(0, 20, 20)
    desktop.point(1, 700, 400)
    desktop.point(1, 700, 420)
    desktop.point(0, 700, 420)
    assert.equal(opened, 1)
  })
  test('its clock goes on by the minute', () => {
    let minute = 59
    const { desktop, changes } = open({ minute: () => minute })
    desktop.addClock(600, 31)
    const face = () => [...desktop.draw({ x: 600, y: 31, width: 164, height: 164 }).pixels].join()
    const before = face()
    changes.length = 0
    assert.ok(!desktop.tick())
    minute++
    assert.ok(desktop.tick())
    assert.equal(changes.length, 1)
    assert.notEqual(face(), before)
  })
})
