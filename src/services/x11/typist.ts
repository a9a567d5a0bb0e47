import { isReturn, Keyboard, written } from '#codec/picture/keys.ts'
import type { Recorder } from '#events/event.ts'
import { text } from '#events/text.ts'
import type { Server } from './server.ts'

/** Characters of a line that nobody took, and clicks that are written down. */
const LONGEST = 256
const MOST_CLICKS = 200

/** Keys and buttons as a program presses them: for the window under the pointer, or for the record alone. */
export class Typist {
  #record: Recorder
  #keyboard = new Keyboard()
  #lost = ''
  #clicks = 0

  constructor(record: Recorder) {
    this.#record = record
  }
  pressed(keysym: number, { desk }: Server) {
    const { focused } = desk.desktop
    const application = focused?.kind === 'terminal' && focused.screen.applicationKeys
    const keys = this.#keyboard.press(keysym, application)
    if (keys !== undefined && desk.desktop.type(keys)) return
    if (isReturn(keysym) || this.#lost.length > LONGEST) this.finish()
    else this.#lost += written(keysym)
  }
  released(keysym: number): void {
    this.#keyboard.release(keysym)
  }
  clicked(button: number, { x, y }: { x: number; y: number }): void {
    if (this.#clicks++ < MOST_CLICKS) this.#record.command({ line: `click ${button} at ${x},${y}`, verb: 'click' })
  }
  finish(): void {
    if (this.#lost !== '') this.#record.command({ line: text(Buffer.from(this.#lost), 2 * LONGEST), verb: 'keys' })
    this.#lost = ''
  }
}
