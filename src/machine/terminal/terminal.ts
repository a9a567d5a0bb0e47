import { type Foreground, SystemError, type Terminal } from '../system.ts'
import { createDiscipline } from './discipline.ts'
import { applySshModes, copyTermios, newTermios, type Termios } from './termios.ts'

/** The master side of a pseudo-terminal: what a daemon holds of it. */
export type TerminalDevice = Terminal & {
  /**
   * What the attacker typed. Resolves when there is room for more, as a write to the master returns; who does not wait
   * loses what is typed beyond 256 KiB.
   */
  receive(bytes: Buffer): Promise<void>
  /** TIOCSWINSZ with SIGWINCH to the foreground. Numbers out of range are taken as a terminal of that size would be. */
  resize(columns: number, rows: number): void
  /** The line is gone: SIGHUP to the foreground, the end of input to whoever reads, EIO to whoever writes. */
  hangup(): void
  /** The modes of a `pty-req` (RFC 4254 §8). */
  sshModes(modes: Buffer): void
}

export type TerminalOptions = {
  /** Without `/dev/`: `pts/0`. */
  name: string
  /** `$TERM`. */
  type: string
  columns: number
  rows: number
  /** Gives bytes to the attacker; waits while they take none. When it fails, the terminal hangs up. */
  send(bytes: Buffer): Promise<void>
  /** Somebody wants to read, and nothing is typed yet: who was sent much at once may give it by and by, later. */
  hungry?(): void
  /** A key threw away what was typed (TIOCPKT_FLUSHREAD); its echo is sent after this. */
  flushed?(): void
}

/** What the master may write before the program reads: the kernel's flip buffers. */
const backlogRoom = 65_536
const backlogMax = 262_144
/** What programs may write before the attacker takes it. */
const outputRoom = 32_768

const size = (value: number): number => (value >= 0 && value <= 65_535 ? Math.floor(value) : 0)

/** A pseudo-terminal as pts(4) and its line discipline make it. */
export const createTerminal = (options: TerminalOptions): TerminalDevice => {
  const termios = newTermios()
  let backlog: Buffer[] = []
  let waitingBytes = 0
  let outgoing: Buffer[] = []
  let outgoingBytes = 0
  let sending = false
  let gone = false
  let foreground: Foreground | undefined
  const readers = new Set<() => void>()
  const writers = new Set<() => void>()
  const typists = new Set<() => void>()
  const wake = (who: Set<() => void>): void => {
    if (who.size === 0) return
    const all = [...who]
    who.clear()
    for (const one of all) one()
  }
  const until = (who: Set<() => void>): Promise<void> => new Promise(resolve => who.add(resolve))

  const discipline = createDiscipline(termios, {
    echo: bytes => emit(bytes),
    signal: number => {
      if (!termios.flags.has('noflsh')) options.flushed?.()
      foreground?.signal(number)
      wake(readers)
    },
    restarted: () => void pump(),
    // What was written and not taken yet is lost with what was typed.
    flushed() {
      for (const bytes of outgoing.splice(0)) outgoingBytes -= bytes.length
      wake(writers)
    },
  })

  const emit = (bytes: Buffer): void => {
    if (gone || bytes.length === 0) return
    outgoing.push(bytes)
    outgoingBytes += bytes.length
    void pump()
  }
  const pump = async (): Promise<void> => {
    if (sending) return
    sending = true
    // What is written in one turn goes out as one piece.
    await Promise.resolve()
    try {
      while (outgoing.length > 0 && !gone && !discipline.stopped()) {
        const bytes = outgoing.length === 1 ? outgoing[0]! : Buffer.concat(outgoing)
        outgoing = []
        await options.send(bytes)
        outgoingBytes -= bytes.length
        wake(writers)
      }
    } catch {
      hangup()
    } finally {
      sending = false
    }
  }

  /** Gives the discipline as much as it takes. */
  const feed = (): void => {
    while (backlog.length > 0) {
      const [first] = backlog as [Buffer]
      const taken = discipline.take(first)
      waitingBytes -= taken
      if (taken < first.length) {
        backlog[0] = first.subarray(taken)
        break
      }
      backlog.shift()
    }
    wake(readers)
    if (waitingBytes < backlogRoom) wake(typists)
  }

  const hangup = (): void => {
    if (gone) return
    gone = true
    backlog = []
    outgoing = []
    foreground?.signal(1)
    wake(readers)
    wake(writers)
    wake(typists)
  }

  const mode = (flag: 'echo' | 'icanon' | 'isig' | 'onlcr') => ({
    enumerable: true,
    get: () => termios.flags.has(flag),
    set: (on: boolean) => {
      if (on) termios.flags.add(flag)
      else termios.flags.delete(flag)
      changed()
    },
  })
  const changed = (): void => {
    discipline.changed()
    feed()
  }

  const terminal: TerminalDevice = {
    name: options.name,
    type: options.type,
    columns: size(options.columns),
    rows: size(options.rows),
    modes: Object.defineProperties({} as Terminal['modes'], {
      echo: mode('echo'),
      canonical: mode('icanon'),
      signals: mode('isig'),
      newlines: mode('onlcr'),
    }),
    get foreground() {
      return foreground
    },
    set foreground(next) {
      foreground = next
      wake(readers)
    },
    get termios() {
      return copyTermios(termios)
    },
    set termios(next: Termios) {
      termios.flags.clear()
      for (const flag of next.flags) termios.flags.add(flag)
      const { flags, chars, ...numbers } = next
      Object.assign(termios.chars, chars)
      Object.assign(termios, numbers)
      changed()
    },
    flush() {
      discipline.flush()
      feed()
    },
    unread(data) {
      discipline.unread(data)
      wake(readers)
    },
    pending: () => gone || discipline.waiting(),
    input: {
      async read(max = 4096) {
        const reader = foreground
        for (;;) {
          if (gone) return undefined
          if (reader?.over) throw new SystemError('EIO', options.name)
          // Whoever is in the background waits until it has the terminal again.
          if (foreground !== reader) {
            await until(readers)
            continue
          }
          const found = discipline.give(max)
          if (found) {
            if (backlog.length > 0) feed()
            // An empty line is the end of file, once.
            return found.length === 0 ? undefined : found
          }
          options.hungry?.()
          if (termios.min === 0 && !termios.flags.has('icanon')) {
            if (termios.time === 0) return undefined
            const late = await Promise.race([until(readers), after(termios.time * 100)])
            if (late === 'late') return undefined
          } else await until(readers)
        }
      },
    },
    output: {
      async write(data) {
        if (gone) throw new SystemError('EIO', options.name)
        emit(discipline.process(typeof data === 'string' ? Buffer.from(data, 'latin1') : data))
        while (!gone && (outgoingBytes > outputRoom || discipline.stopped())) await until(writers)
        if (gone) throw new SystemError('EIO', options.name)
      },
    },
    async receive(bytes) {
      if (gone || bytes.length === 0) return
      const piece = bytes.subarray(0, Math.max(0, backlogMax - waitingBytes))
      backlog.push(Buffer.from(piece))
      waitingBytes += piece.length
      feed()
      while (!gone && waitingBytes >= backlogRoom) await until(typists)
    },
    resize(columns, rows) {
      const [wide, high] = [size(columns), size(rows)]
      if (wide === terminal.columns && high === terminal.rows) return
      terminal.columns = wide
      terminal.rows = high
      foreground?.signal(28)
    },
    hangup,
    sshModes(modes) {
      applySshModes(termios, modes)
      changed()
    },
  }
  return terminal
}

const after = (milliseconds: number): Promise<'late'> =>
  new Promise(resolve => {
    setTimeout(() => resolve('late'), milliseconds).unref()
  })
