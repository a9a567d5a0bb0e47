/**
 * The line discipline of a Linux terminal in canonical mode (n_tty, termios as login(1) leaves them: erase ^?, kill ^U,
 * werase ^W, reprint ^R, literal next ^V), as far as somebody at a log-in prompt can tell.
 */
export type Line = { text: Buffer; ended: 'newline' | 'eof' }
export type Typed = { echo: Buffer; lines: Line[]; signal?: 'INT' | 'QUIT' | 'TSTP' }

const CONTROL = {
  EOF: 4,
  TAB: 9,
  NEWLINE: 10,
  RETURN: 13,
  REPRINT: 18,
  START: 17,
  STOP: 19,
  KILL: 21,
  NEXT: 22,
  WERASE: 23,
  ERASE: 127,
}
const signals = new Map<number, 'INT' | 'QUIT' | 'TSTP'>([
  [3, 'INT'],
  [28, 'QUIT'],
  [26, 'TSTP'],
])
/** MAX_CANON of the kernel: what a line can hold. */
const MAX_LINE = 4096

export type Terminal = {
  /** Whether what is typed is shown. */
  echo: boolean
  /** Takes one byte from the keyboard. */
  type(byte: number): Typed
  /** Forgets the line being typed. */
  flush(): void
}

export function terminal(): Terminal {
  let line: number[] = []
  let literal = false
  const self: Terminal = { echo: true, type, flush }

  function flush() {
    line = []
    literal = false
  }
  const typed = (echo: string, more: Partial<Typed> = {}): Typed => ({
    echo: Buffer.from(self.echo ? echo : '', 'latin1'),
    lines: [],
    ...more,
  })
  function finish(ended: Line['ended'], echo: string): Typed {
    const text = Buffer.from(line)
    flush()
    return typed(echo, { lines: [{ text, ended }] })
  }
  const erased = (bytes: number[]) => bytes.map(byte => '\b \b'.repeat(width(byte))).join('')

  function type(byte: number): Typed {
    if (literal) {
      literal = false
      return add(byte)
    }
    const signal = signals.get(byte)
    if (signal) {
      flush()
      return typed(shown(byte), { signal })
    }
    switch (byte) {
      case CONTROL.RETURN:
      case CONTROL.NEWLINE:
        return finish('newline', '\r\n')
      case CONTROL.EOF:
        return finish('eof', '')
      case CONTROL.ERASE:
        return typed(erased(line.splice(-1)))
      case CONTROL.KILL:
        return typed(erased(line.splice(0)))
      case CONTROL.WERASE: {
        let from = line.length
        while (from > 0 && !isWord(line[from - 1]!)) from--
        while (from > 0 && isWord(line[from - 1]!)) from--
        return typed(erased(line.splice(from)))
      }
      case CONTROL.REPRINT:
        return typed(`^R\r\n${line.map(shown).join('')}`)
      case CONTROL.NEXT:
        literal = true
        return typed('^\b')
      case CONTROL.START:
      case CONTROL.STOP:
        return typed('')
      default:
        return add(byte)
    }
  }
  function add(byte: number): Typed {
    if (line.length >= MAX_LINE - 1) return typed('\x07')
    line.push(byte)
    return typed(shown(byte))
  }
  return self
}

const isControl = (byte: number) => (byte < 32 && byte !== CONTROL.TAB) || byte === 127
/** ECHOCTL: `^X`. */
const shown = (byte: number) => (isControl(byte) ? `^${String.fromCharCode(byte ^ 64)}` : String.fromCharCode(byte))
const width = (byte: number) => (isControl(byte) ? 2 : 1)
const isWord = (byte: number) => /[A-Za-z0-9_\x80-\xff]/.test(String.fromCharCode(byte))
