import { Desktop, type TerminalWindow } from '#codec/picture/desktop.ts'
import type { Rect } from '#codec/picture/region.ts'
import { Screen } from '#codec/picture/screen.ts'
import { accessOf } from './access.ts'
import { computerOf } from './machine.ts'
import type { AccessOptions } from './options.ts'
import { openWindow, type ShellWindow, type Visit } from './window.ts'

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

/**
 * What an attacker left in the first terminal when their connection ended: its text, and the beginning of a line that was
 * not sent off. Desktops outlive those who look at them, so the next connection finds both; the shell is another.
 */
type Left = { lines: string; pending: string }
const MOST_PENDING = 512

/** What was typed since the last line was sent off, or given up by ^C or ^U. */
const unfinished = (typed: string): string =>
  typed
    .slice(Math.max(...['\r', '\n', '\x03', '\x15', '\x04'].map(key => typed.lastIndexOf(key))) + 1)
    .slice(-MOST_PENDING)

/** Whose desktop it is: on servers mostly root's. Stays so. */
export function ownerOf({ persona }: Pick<Visit, 'persona'>): string {
  const people = persona.users.filter(({ uid }) => uid >= 1000)
  const drawn = persona.derive('desktop', 2)
  return drawn[0]! % 4 === 0 && people.length > 0 ? people[drawn[1]! % people.length]!.name : 'root'
}

export type DeskOptions = {
  owner: string
  access: AccessOptions
  /** `:1`. */
  display: string
  /** Of the first terminal. */
  title: string
  /** Without windows: a screen that nobody started anything on. */
  empty?: boolean
  changed(rect: Rect): void
}

/** A window manager, a terminal in the middle, and a clock. */
export function openDesk(cx: Visit, how: DeskOptions): Desk {
  const { persona } = cx
  const { owner, changed } = how
  const shells = new Set<ShellWindow>()
  const waiting: (() => void)[] = []
  const drawn = persona.derive('desktop windows', 2)
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
  const left = cx.attacker<Left>(() => ({ lines: '', pending: '' }), `desktop ${how.display}`)
  let first: Screen | undefined
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
      // The row of the cursor is a prompt, and the next shell has its own.
      if (desk.awake && first) left.lines = Array.from({ length: first.y }, (_, y) => first!.cells.line(y)).join('\r\n')
    },
  }
  function open(x: number, y: number, name = `${owner}@${persona.hostname}: ~`) {
    let shell: ShellWindow | undefined
    const screen = new Screen(COLUMNS, ROWS, answer => shell?.type(Buffer.from(answer, 'latin1')))
    const isFirst = first === undefined
    first ??= screen
    const window: TerminalWindow = desktop.addTerminal(x, y, name, screen, keys => {
      desk.wake()
      if (isFirst) left.pending = unfinished(left.pending + keys.toString('latin1'))
      shell?.type(keys)
    })
    const start = () => {
      if (isFirst && left.lines !== '') screen.write(Buffer.from(`${left.lines}\r\n`))
      shell = startShell(screen, window)
      if (isFirst && left.pending !== '') shell?.type(Buffer.from(left.pending, 'latin1'))
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
  function startShell(screen: Screen, window: TerminalWindow): ShellWindow | undefined {
    const account = computerOf(cx).account(owner)
    if (!account) return undefined
    const shell = openWindow(cx, {
      account,
      access: accessOf(cx, how.access),
      columns: COLUMNS,
      rows: ROWS,
      display: how.display,
      output(bytes) {
        screen.write(bytes)
        desktop.wrote(window)
      },
    })
    shells.add(shell)
    return shell
  }
  if (how.empty) return desk
  desktop.addClock(SIZE.width - 12 - 164, 31)
  open(80 + (drawn[0]! >> 1), 70 + (drawn[1]! >> 1), how.title)
  return desk
}
