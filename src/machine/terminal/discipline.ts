import type { Termios } from './termios.ts'

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

/** The line discipline N_TTY of Linux between what is typed and what programs read. */
export type Discipline = {
  /**
   * Takes typed bytes until the reader's queue is full, and says how many were taken. Echo goes out by `echo`, signals
   * by `signal`.
   */
  take(bytes: Buffer): number
  /** Bytes to read: up to `max` of one line in canonical mode, whatever is there otherwise. Empty is the end of file. */
  give(max: number): Buffer | undefined
  /** Puts raw bytes back in front. */
  unread(data: Buffer): void
  /** Something can be read at once. */
  waiting(): boolean
  /** tcflush(3) of the input. */
  flush(): void
  /** After the termios changed: what was typed in one mode is read in the other. */
  changed(): void
  /** What programs write, post-processed. */
  process(bytes: Buffer): Buffer
  /** Output is stopped by ^S. */
  stopped(): boolean
}

export const createDiscipline = (
  termios: Termios,
  on: { echo(bytes: Buffer): void; signal(signal: 2 | 3 | 20): void; restarted(): void; flushed(): void },
): Discipline => {
  /** Complete lines, each with its end; -1 for an end of file. */
  let lines: number[][] = []
  /** The line being typed, or raw bytes, of which so many are read already. */
  let line: number[] = []
  let taken = 0
  let queued = 0
  let canonical = termios.flags.has('icanon')
  let literal = false
  let stopped = false
  let column = 0
  /** Where the line being typed began on the screen: erasing a tab needs to know. */
  let start = 0
  let echoed: number[] = []

  const has = termios.flags.has.bind(termios.flags)
  const is = (name: keyof Termios['chars'], byte: number): boolean =>
    termios.chars[name] !== 0 && termios.chars[name] === byte

  /** One byte of output as OPOST makes it (do_output_char). */
  const put = (out: number[], byte: number): void => {
    if (!termios.flags.has('opost')) {
      out.push(byte)
      return
    }
    if (byte === 10) {
      if (termios.flags.has('onlret')) column = 0
      if (termios.flags.has('onlcr')) {
        out.push(13)
        column = 0
      }
    } else if (byte === 13) {
      if (termios.flags.has('onocr') && column === 0) return
      if (termios.flags.has('ocrnl')) {
        out.push(10)
        return
      }
      column = 0
    } else if (byte === 9) {
      const wide = 8 - (column & 7)
      column += wide
      if (termios.tabs) {
        for (let i = 0; i < wide; i++) out.push(32)
        return
      }
    } else if (byte === 8) {
      if (column > 0) column--
    } else if (byte >= 32 && byte !== 127 && !continues(byte)) column++
    out.push(termios.flags.has('olcuc') && byte >= 97 && byte <= 122 ? byte - 32 : byte)
  }
  const continues = (byte: number): boolean => termios.flags.has('iutf8') && (byte & 0xc0) === 0x80
  const isControl = (byte: number): boolean => byte < 32 || byte === 127

  const echoRaw = (...bytes: number[]): void => {
    for (const byte of bytes) put(echoed, byte)
  }
  const echo = (byte: number): void => {
    if (has('echoctl') && isControl(byte) && byte !== 9 && byte !== 10) echoRaw(94, byte ^ 64)
    else echoRaw(byte)
  }

  /** Columns that the line takes up to its end, from where it began. */
  const columnAfter = (bytes: readonly number[]): number => {
    let at = start
    for (const byte of bytes) {
      if (byte === 9) at += 8 - (at & 7)
      else if (isControl(byte)) at += has('echoctl') ? 2 : 0
      else if (!continues(byte)) at++
    }
    return at
  }

  /** Takes the last character off the line, and off the screen (eraser). */
  const eraseOne = (): void => {
    let byte = line.pop()
    while (byte !== undefined && continues(byte) && line.length > 0) byte = line.pop()
    if (byte === undefined || !has('echo')) return
    if (!has('echoe')) {
      echo(termios.chars.erase)
      return
    }
    if (byte === 9) {
      const before = columnAfter(line)
      for (let at = 8 - (before & 7); at > 0; at--) echoRaw(8)
      return
    }
    if (isControl(byte) && has('echoctl')) echoRaw(8, 32, 8)
    if (!isControl(byte) || has('echoctl')) echoRaw(8, 32, 8)
  }
  const isWordByte = (byte: number): boolean =>
    (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte === 95 || byte > 127
  const eraseWord = (): void => {
    let seen = false
    while (line.length > 0) {
      const word = isWordByte(line.at(-1)!)
      if (!word && seen) return
      seen ||= word
      eraseOne()
    }
  }
  const eraseLine = (): void => {
    if (has('echo') && (!has('echok') || !has('echoke') || !has('echoe'))) {
      line = []
      echo(termios.chars.kill)
      if (has('echok')) echoRaw(10)
      return
    }
    while (line.length > 0) eraseOne()
  }
  const endLine = (byte: number): void => {
    line.push(byte)
    lines.push(line)
    line = []
  }
  const raise = (signal: 2 | 3 | 20, byte: number): void => {
    if (!has('noflsh')) {
      flush()
      echoed = []
      on.flushed()
    }
    if (stopped) {
      stopped = false
      on.restarted()
    }
    if (has('echo')) echo(byte)
    flushEcho()
    on.signal(signal)
  }
  const flush = (): void => {
    lines = []
    line = []
    taken = 0
    queued = 0
  }
  const flushEcho = (): void => {
    if (echoed.length === 0) return
    const bytes = Buffer.from(echoed)
    echoed = []
    on.echo(bytes)
  }

  /** A byte of data. */
  const store = (byte: number): void => {
    if (queued + line.length - taken >= lineMax - 1) {
      if (has('imaxbel')) echoRaw(7)
      return
    }
    if (has('echo')) {
      if (line.length === 0) start = column
      echo(byte)
    }
    line.push(byte)
  }

  /** n_tty_receive_char_special, in its order: flow, signals, carriage returns, editing. */
  const typed = (given: number): void => {
    let byte = has('istrip') ? given & 0x7f : given
    if (literal) {
      literal = false
      store(byte)
      return
    }
    if (has('ixon') && (is('start', byte) || is('stop', byte))) {
      const before = stopped
      stopped = is('stop', byte) && !(is('start', byte) && stopped)
      if (before && !stopped) on.restarted()
      return
    }
    if (stopped && has('ixon') && has('ixany')) {
      stopped = false
      on.restarted()
    }
    if (has('isig')) {
      const signal = is('intr', byte) ? 2 : is('quit', byte) ? 3 : is('susp', byte) ? 20 : undefined
      if (signal) {
        raise(signal, byte)
        return
      }
    }
    if (byte === 13) {
      if (has('igncr')) return
      if (has('icrnl')) byte = 10
    } else if (byte === 10 && has('inlcr')) byte = 13
    if (canonical && edited(byte)) return
    store(byte)
  }

  const edited = (byte: number): boolean => {
    const extended = has('iexten')
    if (is('erase', byte)) eraseOne()
    else if (is('kill', byte)) eraseLine()
    else if (extended && is('werase', byte)) eraseWord()
    else if (extended && is('lnext', byte)) {
      literal = true
      if (has('echo') && has('echoctl')) echoRaw(94, 8)
    } else if (extended && is('rprnt', byte) && has('echo')) {
      echo(byte)
      echoRaw(10)
      for (const one of line) echo(one)
    } else if (byte === 10) {
      if (has('echo') || has('echonl')) echoRaw(10)
      endLine(10)
      queued += lines.at(-1)!.length
    } else if (is('eof', byte)) {
      endLine(endOfFile)
      queued += lines.at(-1)!.length
    } else if (is('eol', byte) || (extended && is('eol2', byte))) {
      if (has('echo')) echo(byte)
      endLine(byte)
      queued += lines.at(-1)!.length
    } else return false
    return true
  }

  return {
    take(bytes) {
      let at = 0
      // A full queue waits for its reader; a line that is too long is cut instead.
      const full = (): boolean =>
        canonical ? queued >= lineMax - 1 && lines.length > 0 : line.length - taken >= lineMax - 1
      while (at < bytes.length && !full()) typed(bytes[at++]!)
      flushEcho()
      return at
    },
    give(max) {
      if (!canonical) {
        if (line.length === taken) return undefined
        const bytes = Buffer.from(line.slice(taken, taken + Math.max(1, max)))
        taken += bytes.length
        if (taken === line.length) {
          line = []
          taken = 0
        }
        return bytes
      }
      const [first] = lines
      if (!first) return undefined
      if (first.length > max) {
        const part = first.splice(0, max)
        queued -= part.length
        // What is left of it may be the mark alone, which was the reader's end of line already.
        if (first.length === 1 && first[0] === endOfFile) {
          lines.shift()
          queued--
        }
        return Buffer.from(part)
      }
      lines.shift()
      queued -= first.length
      return Buffer.from(first.at(-1) === endOfFile ? first.slice(0, -1) : first)
    },
    unread(data) {
      if (canonical) {
        lines.unshift([...data])
        queued += data.length
      } else {
        line = [...data, ...line.slice(taken)]
        taken = 0
      }
    },
    waiting: () => (canonical ? lines.length > 0 : line.length > taken),
    flush,
    changed() {
      const now = termios.flags.has('icanon')
      if (now === canonical) return
      canonical = now
      const all = [...lines.flat(), ...line.slice(taken)].filter(byte => byte !== endOfFile)
      taken = 0
      line = now ? [] : all
      lines = now && all.length > 0 ? [all] : []
      queued = now ? all.length : 0
    },
    process(bytes) {
      if (!has('opost')) return bytes
      const plain = has('onlcr') && !termios.tabs && unusual.every(flag => !has(flag))
      const out: number[] = []
      // What counts for columns is the last line alone.
      const last = plain ? bytes.lastIndexOf(10) + 1 : 0
      for (let at = last; at < bytes.length; at++) {
        if (at === last && last > 0) column = 0
        put(out, bytes[at]!)
      }
      if (last === bytes.length && last > 0) column = 0
      return last === 0 ? Buffer.from(out) : Buffer.concat([withReturns(bytes.subarray(0, last)), Buffer.from(out)])
    },
    stopped: () => stopped,
  }
}
