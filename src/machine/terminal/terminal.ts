import { type Foreground, SystemError, type Terminal } from '../system.ts'
import { Discipline, type Master } from './discipline.ts'
import { applySshModes, copyTermios, type Flag, newTermios, sharedTermios, type Termios } from './termios.ts'

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
export const createTerminal = (options: TerminalOptions): TerminalDevice => new PseudoTerminal(options)

type Waiting = Set<() => void>
const wake = (who: Waiting): void => {
  if (who.size === 0) return
  const all = [...who]
  who.clear()
  for (const one of all) one()
}
const until = (who: Waiting): Promise<void> => new Promise(resolve => who.add(resolve))

// A class: there may be as many as there are connections, and most of them wait for a key.
class PseudoTerminal implements TerminalDevice, Master {
  readonly name: string
  readonly type: string
  columns: number
  rows: number
  readonly input: Terminal['input'] = { read: max => this.#read(max) }
  readonly output: Terminal['output'] = { write: data => this.#write(data) }
  #options: TerminalOptions
  #discipline: Discipline
  #backlog: Buffer[] = []
  #waitingBytes = 0
  #outgoing: Buffer[] = []
  #outgoingBytes = 0
  #sending = false
  #gone = false
  #foreground: Foreground | undefined
  #readers: Waiting = new Set()
  #writers: Waiting | undefined
  #typists: Waiting | undefined

  constructor(options: TerminalOptions) {
    this.#options = options
    this.name = options.name
    this.type = options.type
    this.columns = size(options.columns)
    this.rows = size(options.rows)
    this.#discipline = new Discipline(sharedTermios(newTermios()), this)
  }

  get modes(): Terminal['modes'] {
    return new Modes(this)
  }
  get foreground(): Foreground | undefined {
    return this.#foreground
  }
  set foreground(next: Foreground | undefined) {
    this.#foreground = next
    wake(this.#readers)
  }
  get termios(): Termios {
    return copyTermios(this.#discipline.termios)
  }
  set termios(next: Readonly<Termios>) {
    this.#discipline.termios = sharedTermios(next)
    this.#discipline.changed()
    this.#feed()
  }
  flush(): void {
    this.#discipline.flush()
    this.#feed()
  }
  unread(data: Buffer): void {
    this.#discipline.unread(data)
    wake(this.#readers)
  }
  pending(): boolean {
    return this.#gone || this.#discipline.waiting()
  }
  async receive(bytes: Buffer): Promise<void> {
    if (this.#gone || bytes.length === 0) return
    const piece = bytes.subarray(0, Math.max(0, backlogMax - this.#waitingBytes))
    this.#backlog.push(Buffer.from(piece))
    this.#waitingBytes += piece.length
    this.#feed()
    while (!this.#gone && this.#waitingBytes >= backlogRoom) {
      this.#typists ??= new Set()
      await until(this.#typists)
    }
  }
  resize(columns: number, rows: number): void {
    const [wide, high] = [size(columns), size(rows)]
    if (wide === this.columns && high === this.rows) return
    this.columns = wide
    this.rows = high
    this.#foreground?.signal(28)
  }
  hangup(): void {
    if (this.#gone) return
    this.#gone = true
    this.#backlog = []
    this.#outgoing = []
    this.#foreground?.signal(1)
    wake(this.#readers)
    this.#wakeWriters()
    if (this.#typists) wake(this.#typists)
  }
  sshModes(modes: Buffer): void {
    const { termios } = this
    applySshModes(termios, modes)
    this.termios = termios
  }

  // What the discipline tells.
  echo(bytes: Buffer): void {
    this.#emit(bytes)
  }
  raise(signal: 2 | 3 | 20): void {
    if (!this.#discipline.termios.flags.has('noflsh')) this.#options.flushed?.()
    this.#foreground?.signal(signal)
    wake(this.#readers)
  }
  restarted(): void {
    void this.#pump()
  }
  flushed(): void {
    for (const bytes of this.#outgoing.splice(0)) this.#outgoingBytes -= bytes.length
    this.#wakeWriters()
  }

  async #read(max = 4096): Promise<Buffer | undefined> {
    const reader = this.#foreground
    for (;;) {
      if (this.#gone) return undefined
      if (reader?.over) throw new SystemError('EIO', this.name)
      // Whoever is in the background waits until it has the terminal again.
      if (this.#foreground !== reader) {
        await until(this.#readers)
        continue
      }
      const found = this.#discipline.give(max)
      if (found) {
        if (this.#backlog.length > 0) this.#feed()
        // An empty line is the end of file, once.
        return found.length === 0 ? undefined : found
      }
      this.#options.hungry?.()
      const { min, time, flags } = this.#discipline.termios
      if (min === 0 && !flags.has('icanon')) {
        if (time === 0) return undefined
        const late = await Promise.race([until(this.#readers), after(time * 100)])
        if (late === 'late') return undefined
      } else await until(this.#readers)
    }
  }
  async #write(data: Buffer | string): Promise<void> {
    if (this.#gone) throw new SystemError('EIO', this.name)
    this.#emit(this.#discipline.process(typeof data === 'string' ? Buffer.from(data, 'latin1') : data))
    while (!this.#gone && (this.#outgoingBytes > outputRoom || this.#discipline.stopped)) {
      this.#writers ??= new Set()
      await until(this.#writers)
    }
    if (this.#gone) throw new SystemError('EIO', this.name)
  }
  #emit(bytes: Buffer): void {
    if (this.#gone || bytes.length === 0) return
    this.#outgoing.push(bytes)
    this.#outgoingBytes += bytes.length
    void this.#pump()
  }
  async #pump(): Promise<void> {
    if (this.#sending) return
    this.#sending = true
    // What is written in one turn goes out as one piece.
    await Promise.resolve()
    try {
      while (this.#outgoing.length > 0 && !this.#gone && !this.#discipline.stopped) {
        const bytes = this.#outgoing.length === 1 ? this.#outgoing[0]! : Buffer.concat(this.#outgoing)
        this.#outgoing = []
        await this.#options.send(bytes)
        this.#outgoingBytes -= bytes.length
        this.#wakeWriters()
      }
    } catch {
      this.hangup()
    } finally {
      this.#sending = false
    }
  }
  /** Gives the discipline as much as it takes. */
  #feed(): void {
    while (this.#backlog.length > 0) {
      const [first] = this.#backlog as [Buffer]
      const taken = this.#discipline.take(first)
      this.#waitingBytes -= taken
      if (taken < first.length) {
        this.#backlog[0] = first.subarray(taken)
        break
      }
      this.#backlog.shift()
    }
    wake(this.#readers)
    if (this.#typists && this.#waitingBytes < backlogRoom) wake(this.#typists)
  }
  #wakeWriters(): void {
    if (this.#writers) wake(this.#writers)
  }
}

/** The modes that most programs ask for, as switches. */
class Modes {
  #terminal: TerminalDevice
  constructor(terminal: TerminalDevice) {
    this.#terminal = terminal
  }
  get echo(): boolean {
    return this.#has('echo')
  }
  set echo(on: boolean) {
    this.#set('echo', on)
  }
  get canonical(): boolean {
    return this.#has('icanon')
  }
  set canonical(on: boolean) {
    this.#set('icanon', on)
  }
  get signals(): boolean {
    return this.#has('isig')
  }
  set signals(on: boolean) {
    this.#set('isig', on)
  }
  get newlines(): boolean {
    return this.#has('onlcr')
  }
  set newlines(on: boolean) {
    this.#set('onlcr', on)
  }
  #has(flag: Flag): boolean {
    return this.#terminal.termios.flags.has(flag)
  }
  #set(flag: Flag, on: boolean): void {
    const { termios } = this.#terminal
    if (on) termios.flags.add(flag)
    else termios.flags.delete(flag)
    this.#terminal.termios = termios
  }
}

const after = (milliseconds: number): Promise<'late'> =>
  new Promise(resolve => {
    setTimeout(() => resolve('late'), milliseconds).unref()
  })
