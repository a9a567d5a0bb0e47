/** Flags of termios(3) as stty(1) names them, without their minus. */
export type Flag =
  | 'parenb'
  | 'parodd'
  | 'cmspar'
  | 'hupcl'
  | 'cstopb'
  | 'cread'
  | 'clocal'
  | 'crtscts'
  | 'ignbrk'
  | 'brkint'
  | 'ignpar'
  | 'parmrk'
  | 'inpck'
  | 'istrip'
  | 'inlcr'
  | 'igncr'
  | 'icrnl'
  | 'ixon'
  | 'ixoff'
  | 'iuclc'
  | 'ixany'
  | 'imaxbel'
  | 'iutf8'
  | 'opost'
  | 'olcuc'
  | 'ocrnl'
  | 'onlcr'
  | 'onocr'
  | 'onlret'
  | 'ofill'
  | 'ofdel'
  | 'isig'
  | 'icanon'
  | 'iexten'
  | 'echo'
  | 'echoe'
  | 'echok'
  | 'echonl'
  | 'noflsh'
  | 'xcase'
  | 'tostop'
  | 'echoprt'
  | 'echoctl'
  | 'echoke'
  | 'flusho'
  | 'extproc'

/** Special characters as stty(1) names them. */
export type Special =
  | 'intr'
  | 'quit'
  | 'erase'
  | 'kill'
  | 'eof'
  | 'eol'
  | 'eol2'
  | 'swtch'
  | 'start'
  | 'stop'
  | 'susp'
  | 'rprnt'
  | 'werase'
  | 'lnext'
  | 'discard'

/** termios(3) of one terminal. Delays are of no use on a pseudo-terminal but for `tab3`, kept as `tabs`. */
export type Termios = {
  flags: Set<Flag>
  /** 0 is `<undef>`. */
  chars: Record<Special, number>
  /** VMIN and VTIME. */
  min: number
  time: number
  /** Bits of a character: cs5 to cs8. */
  size: 5 | 6 | 7 | 8
  /** TABDLY is TAB3: a tab goes out as spaces. */
  tabs: boolean
  /** Baud. */
  speed: number
}

/** What a new pseudo-terminal of Linux has (tty_std_termios of drivers/tty/tty_io.c, pty.c). */
export const newTermios = (): Termios => ({
  flags: new Set<Flag>([
    'cread',
    'icrnl',
    'ixon',
    'opost',
    'onlcr',
    'isig',
    'icanon',
    'iexten',
    'echo',
    'echoe',
    'echok',
    'echoctl',
    'echoke',
  ]),
  chars: {
    intr: 3,
    quit: 28,
    erase: 127,
    kill: 21,
    eof: 4,
    eol: 0,
    eol2: 0,
    swtch: 0,
    start: 17,
    stop: 19,
    susp: 26,
    rprnt: 18,
    werase: 23,
    lnext: 22,
    discard: 15,
  },
  min: 1,
  time: 0,
  size: 8,
  tabs: false,
  speed: 38_400,
})

export const copyTermios = (termios: Readonly<Termios>): Termios => ({
  ...termios,
  flags: new Set(termios.flags),
  chars: { ...termios.chars },
})

/** Modes that terminals have now: nearly all have one of a few. */
const known = new Map<string, Readonly<Termios>>()
const mostKnown = 64
const specialNames = Object.keys(newTermios().chars) as Special[]

/** The same modes as one object that all who have them share, and nobody changes. */
export const sharedTermios = (termios: Readonly<Termios>): Readonly<Termios> => {
  const { flags, chars, min, time, size, tabs, speed } = termios
  const key = [[...flags].sort().join(), ...specialNames.map(name => chars[name]), min, time, size, tabs, speed].join(
    '|',
  )
  const found = known.get(key)
  if (found) return found
  const made = copyTermios(termios)
  if (known.size < mostKnown) known.set(key, made)
  return made
}

/** Opcodes of RFC 4254 §8 and RFC 8160 for special characters. */
const specials = new Map<number, Special>([
  [1, 'intr'],
  [2, 'quit'],
  [3, 'erase'],
  [4, 'kill'],
  [5, 'eof'],
  [6, 'eol'],
  [7, 'eol2'],
  [8, 'start'],
  [9, 'stop'],
  [10, 'susp'],
  [12, 'rprnt'],
  [13, 'werase'],
  [14, 'lnext'],
  [16, 'swtch'],
  [18, 'discard'],
])
/** For flags; UCLC, PENDIN and what only BSD knows change nothing on Linux. */
const flags = new Map<number, Flag>([
  [30, 'ignpar'],
  [31, 'parmrk'],
  [32, 'inpck'],
  [33, 'istrip'],
  [34, 'inlcr'],
  [35, 'igncr'],
  [36, 'icrnl'],
  [37, 'iuclc'],
  [38, 'ixon'],
  [39, 'ixany'],
  [40, 'ixoff'],
  [41, 'imaxbel'],
  [42, 'iutf8'],
  [50, 'isig'],
  [51, 'icanon'],
  [52, 'xcase'],
  [53, 'echo'],
  [54, 'echoe'],
  [55, 'echok'],
  [56, 'echonl'],
  [57, 'noflsh'],
  [58, 'tostop'],
  [59, 'iexten'],
  [60, 'echoctl'],
  [61, 'echoke'],
  [70, 'opost'],
  [71, 'olcuc'],
  [72, 'onlcr'],
  [73, 'ocrnl'],
  [74, 'onocr'],
  [75, 'onlret'],
  [92, 'parenb'],
  [93, 'parodd'],
])

/**
 * Encoded terminal modes of a `pty-req` (RFC 4254 §8), as OpenSSH's ttymodes.c takes them: what it does not know with an
 * opcode below 160 has a number behind it and is passed over, anything above ends the list.
 */
export const applySshModes = (termios: Termios, modes: Buffer): void => {
  for (let at = 0; at + 5 <= modes.length && at < 5 * 256; at += 5) {
    const opcode = modes[at]!
    if (opcode === 0 || opcode >= 160) return
    const value = modes.readUInt32BE(at + 1)
    const special = specials.get(opcode)
    const flag = flags.get(opcode)
    // 255 is SSH's way to say "disabled".
    if (special) termios.chars[special] = value === 255 ? 0 : value & 0xff
    else if (flag && value !== 0) termios.flags.add(flag)
    else if (flag) termios.flags.delete(flag)
    else if (opcode === 90 || opcode === 91) termios.size = opcode === 90 ? 7 : 8
    // TTY_OP_OSPEED comes last in OpenSSH's list and is what stty(1) shows.
    else if ((opcode === 128 || opcode === 129) && speeds.has(value)) termios.speed = value
  }
}

/** Speeds that Linux has a constant for. */
export const speeds: ReadonlySet<number> = new Set([
  0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400,
  460_800, 500_000, 576_000, 921_600, 1_000_000, 1_152_000, 1_500_000, 2_000_000, 2_500_000, 3_000_000, 3_500_000,
  4_000_000,
])
