import type { Process } from '../../../system.ts'

export type Screen = {
  /** Seconds. */
  delay: number
  turns: number
  begin: string
  /** The whole screen, at its size of now. */
  draw(turn: number): string
  end(rows: number): string
  /** Takes a key, of several bytes where it is a function key's; true at the end. */
  press(key: string): boolean
}

/** Draws again after each delay and each key, until a key or the terminal ends it. */
export const redraw = async (process: Process, screen: Screen): Promise<number> => {
  const terminal = process.terminal!
  const before = { canonical: terminal.modes.canonical, echo: terminal.modes.echo }
  Object.assign(terminal.modes, { canonical: false, echo: false })
  let over = false
  let pressed = () => {}
  void (async () => {
    while (!over) {
      const typed = (await process.stdin.read(16))?.toString('latin1') ?? '\x03'
      const keys = typed.startsWith('\x1b') ? [typed] : [...typed]
      const last = keys.findIndex(key => key === '\x03' || screen.press(key))
      over ||= last >= 0
      // What was typed ahead is for whoever reads next.
      if (last >= 0 && last < keys.length - 1) terminal.unread(Buffer.from(keys.slice(last + 1).join(''), 'latin1'))
      pressed()
    }
  })().catch(() => {
    over = true
    pressed()
  })
  try {
    await process.stdout.write(screen.begin)
    for (let turn = 0; turn < screen.turns && !over; turn++) {
      await process.stdout.write(screen.draw(turn))
      const key = new Promise<void>(resolve => {
        pressed = resolve
      })
      if (!over) await Promise.race([process.sleep(screen.delay), key])
    }
  } finally {
    over = true
    Object.assign(terminal.modes, before)
    await process.stdout.write(screen.end(terminal.rows))
  }
  return 0
}
