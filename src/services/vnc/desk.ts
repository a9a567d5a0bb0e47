import { accessOf } from '#access/access.ts'
import { computerOf } from '#access/machine.ts'
import { openWindow, type ShellWindow } from '#access/window.ts'
import { Desktop, type TerminalWindow } from '#codec/picture/desktop.ts'
import type { Rect } from '#codec/picture/region.ts'
import { Screen } from '#codec/picture/screen.ts'
import type { TcpContext } from '#sensor/service.ts'
import { ownerOf } from './login.ts'
import type { Options } from './options.ts'

/** TigerVNC's own size, and xterm's. */
export const SIZE = { width: 1024, height: 768 } as const
const COLUMNS = 80
const ROWS = 24

/** A desktop somebody is at, with a shell in each of its terminals from when somebody looks at it or types. */
export type Desk = {
  desktop: Desktop
  /** Shells start. */
  wake(): void
  awake: boolean
  /** Waits for what was typed to be done, and closes everything. */
  leave(): Promise<void>
}

/** Display :1 listens at 5901. */
export const displayOf = ({ port }: { port: number }): string => `:${port >= 5900 && port < 6000 ? port - 5900 : 1}`
export const nameOf = (cx: TcpContext<Options>): string => `${cx.persona.hostname}${displayOf(cx)} (${ownerOf(cx)})`

/** A window manager, a terminal in the middle, and a clock. */
export function openDesk(cx: TcpContext<Options>, changed: (rect: Rect) => void): Desk {
  const { persona } = cx
  const owner = ownerOf(cx)
  const shells = new Set<ShellWindow>()
  const waiting: (() => void)[] = []
  const drawn = persona.derive('vnc windows', 2)
  const desktop = new Desktop({
    ...SIZE,
    background: 0,
    minute: () => {
      const seconds = (cx.now() + persona.clockSkew) / 1000 + persona.timezone.offset * 60
      return Math.floor(seconds / 60) % 1440
    },
    changed,
    open: () => open(60 + 30 * shells.size, 80 + 30 * shells.size),
  })
  const desk: Desk = {
    desktop,
    awake: false,
    wake() {
      if (desk.awake) return
      desk.awake = true
      for (const start of waiting.splice(0)) start()
    },
    async leave() {
      await Promise.all([...shells].map(shell => shell.finish()))
    },
  }
  function open(x: number, y: number, name = `${owner}@${persona.hostname}: ~`) {
    let shell: ShellWindow | undefined
    const screen = new Screen(COLUMNS, ROWS, answer => shell?.type(Buffer.from(answer, 'latin1')))
    const window: TerminalWindow = desktop.addTerminal(x, y, name, screen, keys => {
      desk.wake()
      shell?.type(keys)
    })
    const start = () => {
      shell = start1(screen, window)
      const own = shell
      own?.over.then(
        () => {
          shells.delete(own)
          desktop.remove(window)
        },
        () => {},
      )
    }
    if (desk.awake) start()
    else waiting.push(start)
  }
  function start1(screen: Screen, window: TerminalWindow): ShellWindow | undefined {
    const account = computerOf(cx).account(owner)
    if (!account) return undefined
    const shell = openWindow(cx, {
      account,
      access: accessOf(cx, cx.options.access),
      columns: COLUMNS,
      rows: ROWS,
      display: displayOf(cx),
      output(bytes) {
        screen.write(bytes)
        desktop.wrote(window)
      },
    })
    shells.add(shell)
    return shell
  }
  desktop.addClock(SIZE.width - 12 - 164, 31)
  open(80 + (drawn[0]! >> 1), 70 + (drawn[1]! >> 1), `${nameOf(cx)} Desktop`)
  return desk
}
