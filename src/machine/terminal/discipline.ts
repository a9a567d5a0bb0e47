import type { Flag, Termios } from './termios.ts'

/** N_TTY_BUF_SIZE of n_tty.c: bytes of a line, its newline included; what is typed beyond them is lost. */
const lineMax = 4096
/** Mark in a line of the place where ^D or a special end of line was: it is not given to the reader. */
const endOfFile = -1

/** Flags that few terminals have on, each of which changes more than newlines. */
const unusual = ['ocrnl', 'onocr', 'onlret', 'olcuc'] as const

/** ONLCR. */
const withReturns = (bytes: Buffer): Buffer => {
  const pieces: Buffer[] = []
  let from = 0
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, from)) {
    pieces.push(bytes.subarray(from, at), newline)
    from = at + 1
  }
  pieces.push(bytes.subarray(from))
  return Buffer.concat(pieces)
}
const newline = Buffer.from('\r\n')

/** Who a discipline tells of what keys do. */
export type Master = {
  echo(bytes: Buffer): void
  raise(signal: 2 | 3 | 20): void
  /** ^S is over. */
  restarted(): void
  /** What was typed was thrown away, and with it what was written and not taken yet. */
  flushed(): void
}

/** The line discipline N_TTY of Linux between what is typed and what programs read. */
export class Discipline {
  /** The terminal's modes; `changed` has to follow when they do. */
  termios: Readonly<Termios>
  #master: Master
  /** Complete lines, each with its end; -1 for an end of file. */
  #lines: number[][] = []
  /** The line being typed, or raw bytes, of which so many are read already. */
  #line: number[] = []
  #taken = 0
  #queued = 0
  #canonical: boolean
  #literal = false
  #stopped = false
  #column = 0
  /** Where the line being typed began on the screen: erasing a tab needs to know. */
  #start = 0
  #echoed: number[] = []

  constructor(termios: Readonly<Termios>, master: Master) {
    this.termios = termios
    this.#master = master
    this.#canonical = this.#has('icanon')
  }

  /**
   * Takes typed bytes until the reader's queue is full, and says how many were taken. Echo and signals go to the master.
   */
  take(bytes: Buffer): number {
    let at = 0
    // A full queue waits for its reader; a line that is too long is cut instead.
    const full = (): boolean =>
      this.#canonical
        ? this.#queued >= lineMax - 1 && this.#lines.length > 0
        : this.#line.length - this.#taken >= lineMax - 1
    while (at < bytes.length && !full()) this.#typed(bytes[at++]!)
    this.#flushEcho()
    return at
  }
  /** Bytes to read: up to `max` of one line in canonical mode, whatever is there otherwise. Empty is the end of file. */
  give(max: number): Buffer | undefined {
    if (!this.#canonical) {
      if (this.#line.length === this.#taken) return undefined
      const bytes = Buffer.from(this.#line.slice(this.#taken, this.#taken + Math.max(1, max)))
      this.#taken += bytes.length
      if (this.#taken === this.#line.length) {
        this.#line = []
        this.#taken = 0
      }
      return bytes
    }
    const [first] = this.#lines
    if (!first) return undefined
    if (first.length > max) {
      const part = first.splice(0, max)
      this.#queued -= part.length
      // What is left of it may be the mark alone, which was the reader's end of line already.
      if (first.length === 1 && first[0] === endOfFile) {
        this.#lines.shift()
        this.#queued--
      }
      return Buffer.from(part)
    }
    this.#lines.shift()
    this.#queued -= first.length
    return Buffer.from(first.at(-1) === endOfFile ? first.slice(0, -1) : first)
  }
  /** Puts raw bytes back in front. */
  unread(data: Buffer): void {
    if (this.#canonical) {
      this.#lines.unshift([...data])
      this.#queued += data.length
    } else {
      this.#line = [...data, ...this.#line.slice(this.#taken)]
      this.#taken = 0
    }
  }
  /** Something can be read at once. */
  waiting(): boolean {
    return this.#canonical ? this.#lines.length > 0 : this.#line.length > this.#taken
  }
  /** tcflush(3) of the input. */
  flush(): void {
    this.#lines = []
    this.#line = []
    this.#taken = 0
    this.#queued = 0
  }
  /** After the termios changed: what was typed in one mode is read in the other. */
  changed(): void {
    const now = this.termios.flags.has('icanon')
    if (now === this.#canonical) return
    this.#canonical = now
    const all = [...this.#lines.flat(), ...this.#line.slice(this.#taken)].filter(byte => byte !== endOfFile)
    this.#taken = 0
    this.#line = now ? [] : all
    this.#lines = now && all.length > 0 ? [all] : []
    this.#queued = now ? all.length : 0
  }
  /** What programs write, post-processed. */
  process(bytes: Buffer): Buffer {
    if (!this.#has('opost')) return bytes
    const plain = this.#has('onlcr') && !this.termios.tabs && unusual.every(flag => !this.#has(flag))
    const out: number[] = []
    // What counts for columns is the last line alone.
    const last = plain ? bytes.lastIndexOf(10) + 1 : 0
    for (let at = last; at < bytes.length; at++) {
      if (at === last && last > 0) this.#column = 0
      this.#put(out, bytes[at]!)
    }
    if (last === bytes.length && last > 0) this.#column = 0
    return last === 0 ? Buffer.from(out) : Buffer.concat([withReturns(bytes.subarray(0, last)), Buffer.from(out)])
  }
  /** Output is stopped by ^S. */
  get stopped(): boolean {
    return this.#stopped
  }

  #has(flag: Flag): boolean {
    return this.termios.flags.has(flag)
  }
  #is(name: keyof Termios['chars'], byte: number): boolean {
    return this.termios.chars[name] !== 0 && this.termios.chars[name] === byte
  }

  /** One byte of output as OPOST makes it (do_output_char). */
  #put(out: number[], byte: number): void {
    if (!this.termios.flags.has('opost')) {
      out.push(byte)
      return
    }
    if (byte === 10) {
      if (this.termios.flags.has('onlret')) this.#column = 0
      if (this.termios.flags.has('onlcr')) {
        out.push(13)
        this.#column = 0
      }
    } else if (byte === 13) {
      if (this.termios.flags.has('onocr') && this.#column === 0) return
      if (this.termios.flags.has('ocrnl')) {
        out.push(10)
        return
      }
      this.#column = 0
    } else if (byte === 9) {
      const wide = 8 - (this.#column & 7)
      this.#column += wide
      if (this.termios.tabs) {
        for (let i = 0; i < wide; i++) out.push(32)
        return
      }
    } else if (byte === 8) {
      if (this.#column > 0) this.#column--
    } else if (byte >= 32 && byte !== 127 && !this.#continues(byte)) this.#column++
    out.push(this.termios.flags.has('olcuc') && byte >= 97 && byte <= 122 ? byte - 32 : byte)
  }
  #continues(byte: number): boolean {
    return this.termios.flags.has('iutf8') && (byte & 0xc0) === 0x80
  }

  #echoRaw(...bytes: number[]): void {
    for (const byte of bytes) this.#put(this.#echoed, byte)
  }
  #echo(byte: number): void {
    if (this.#has('echoctl') && isControl(byte) && byte !== 9 && byte !== 10) this.#echoRaw(94, byte ^ 64)
    else this.#echoRaw(byte)
  }

  /** Columns that the line takes up to its end, from where it began. */
  #columnAfter(bytes: readonly number[]): number {
    let at = this.#start
    for (const byte of bytes) {
      if (byte === 9) at += 8 - (at & 7)
      else if (isControl(byte)) at += this.#has('echoctl') ? 2 : 0
      else if (!this.#continues(byte)) at++
    }
    return at
  }

  /** Takes the last character off the line, and off the screen (eraser). */
  #eraseOne(): void {
    let byte = this.#line.pop()
    while (byte !== undefined && this.#continues(byte) && this.#line.length > 0) byte = this.#line.pop()
    if (byte === undefined || !this.#has('echo')) return
    if (!this.#has('echoe')) {
      this.#echo(this.termios.chars.erase)
      return
    }
    if (byte === 9) {
      const before = this.#columnAfter(this.#line)
      for (let at = 8 - (before & 7); at > 0; at--) this.#echoRaw(8)
      return
    }
    if (isControl(byte) && this.#has('echoctl')) this.#echoRaw(8, 32, 8)
    if (!isControl(byte) || this.#has('echoctl')) this.#echoRaw(8, 32, 8)
  }
  #eraseWord(): void {
    let seen = false
    while (this.#line.length > 0) {
      const word = isWordByte(this.#line.at(-1)!)
      if (!word && seen) return
      seen ||= word
      this.#eraseOne()
    }
  }
  #eraseLine(): void {
    if (this.#has('echo') && (!this.#has('echok') || !this.#has('echoke') || !this.#has('echoe'))) {
      this.#line = []
      this.#echo(this.termios.chars.kill)
      if (this.#has('echok')) this.#echoRaw(10)
      return
    }
    while (this.#line.length > 0) this.#eraseOne()
  }
  #endLine(byte: number): void {
    this.#line.push(byte)
    this.#lines.push(this.#line)
    this.#line = []
  }
  #raise(signal: 2 | 3 | 20, byte: number): void {
    if (!this.#has('noflsh')) {
      this.flush()
      this.#echoed = []
      this.#master.flushed()
    }
    if (this.#stopped) {
      this.#stopped = false
      this.#master.restarted()
    }
    if (this.#has('echo')) this.#echo(byte)
    this.#flushEcho()
    this.#master.raise(signal)
  }
  #flushEcho(): void {
    if (this.#echoed.length === 0) return
    const bytes = Buffer.from(this.#echoed)
    this.#echoed = []
    this.#master.echo(bytes)
  }

  /** A byte of data. */
  #store(byte: number): void {
    if (this.#queued + this.#line.length - this.#taken >= lineMax - 1) {
      if (this.#has('imaxbel')) this.#echoRaw(7)
      return
    }
    if (this.#has('echo')) {
      if (this.#line.length === 0) this.#start = this.#column
      this.#echo(byte)
    }
    this.#line.push(byte)
  }

  /** n_tty_receive_char_special, in its order: flow, signals, carriage returns, editing. */
  #typed(given: number): void {
    let byte = this.#has('istrip') ? given & 0x7f : given
    if (this.#literal) {
      this.#literal = false
      this.#store(byte)
      return
    }
    if (this.#has('ixon') && (this.#is('start', byte) || this.#is('stop', byte))) {
      const before = this.#stopped
      this.#stopped = this.#is('stop', byte) && !(this.#is('start', byte) && this.#stopped)
      if (before && !this.#stopped) this.#master.restarted()
      return
    }
    if (this.#stopped && this.#has('ixon') && this.#has('ixany')) {
      this.#stopped = false
      this.#master.restarted()
    }
    if (this.#has('isig')) {
      const signal = this.#is('intr', byte) ? 2 : this.#is('quit', byte) ? 3 : this.#is('susp', byte) ? 20 : undefined
      if (signal) {
        this.#raise(signal, byte)
        return
      }
    }
    if (byte === 13) {
      if (this.#has('igncr')) return
      if (this.#has('icrnl')) byte = 10
    } else if (byte === 10 && this.#has('inlcr')) byte = 13
    if (this.#canonical && this.#edited(byte)) return
    this.#store(byte)
  }

  #edited(byte: number): boolean {
    const extended = this.#has('iexten')
    if (this.#is('erase', byte)) this.#eraseOne()
    else if (this.#is('kill', byte)) this.#eraseLine()
    else if (extended && this.#is('werase', byte)) this.#eraseWord()
    else if (extended && this.#is('lnext', byte)) {
      this.#literal = true
      if (this.#has('echo') && this.#has('echoctl')) this.#echoRaw(94, 8)
    } else if (extended && this.#is('rprnt', byte) && this.#has('echo')) {
      this.#echo(byte)
      this.#echoRaw(10)
      for (const one of this.#line) this.#echo(one)
    } else if (byte === 10) {
      if (this.#has('echo') || this.#has('echonl')) this.#echoRaw(10)
      this.#endLine(10)
      this.#queued += this.#lines.at(-1)!.length
    } else if (this.#is('eof', byte)) {
      this.#endLine(endOfFile)
      this.#queued += this.#lines.at(-1)!.length
    } else if (this.#is('eol', byte) || (extended && this.#is('eol2', byte))) {
      if (this.#has('echo')) this.#echo(byte)
      this.#endLine(byte)
      this.#queued += this.#lines.at(-1)!.length
    } else return false
    return true
  }
}

const isControl = (byte: number): boolean => byte < 32 || byte === 127
const isWordByte = (byte: number): boolean =>
  (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte === 95 || byte > 127
