import type { Flag, Special } from '../../terminal/termios.ts'

/** A flag as stty(1) shows it. `sane` is what `stty sane` makes of it, `undefined` what it leaves alone. */
export type FlagEntry = {
  name: Flag
  group: 'control' | 'input' | 'output' | 'local'
  /** Bits of the group's word in termios(3). */
  bits: number
  sane?: boolean
}

const row = (group: FlagEntry['group'], text: string): FlagEntry[] =>
  text.split(' ').map(item => {
    const [, name, bits, sane] = /^(\w+):(\d+)([+-])?$/.exec(item)!
    return { name: name as Flag, group, bits: Number.parseInt(bits!, 8), ...(sane ? { sane: sane === '+' } : {}) }
  })

/** In the order in which coreutils 9.1 shows them; bits are octal as in <bits/termios.h>, `+` and `-` are sane. */
export const flagTable: readonly FlagEntry[] = [
  ...row(
    'control',
    'parenb:400 parodd:1000 cmspar:10000000000 hupcl:2000 cstopb:100 cread:200+ clocal:4000 crtscts:20000000000',
  ),
  ...row(
    'input',
    'ignbrk:1- brkint:2+ ignpar:4 parmrk:10 inpck:20 istrip:40 inlcr:100- igncr:200- icrnl:400+ ixon:2000 ixoff:10000- iuclc:1000- ixany:4000- imaxbel:20000+ iutf8:40000-',
  ),
  ...row('output', 'opost:1+ olcuc:2- ocrnl:10- onlcr:4+ onocr:20- onlret:40- ofill:100- ofdel:200-'),
  ...row(
    'local',
    'isig:1+ icanon:2+ iexten:100000+ echo:10+ echoe:20+ echok:40+ echonl:100- noflsh:200- xcase:4- tostop:400- echoprt:2000- echoctl:1000+ echoke:4000+ flusho:10000- extproc:200000-',
  ),
]

/** Special characters in the order shown; `index` is their place in c_cc, `sane` what `stty sane` makes them. */
export const charTable: readonly { name: Special; index: number; sane: number }[] = [
  { name: 'intr', index: 0, sane: 3 },
  { name: 'quit', index: 1, sane: 28 },
  { name: 'erase', index: 2, sane: 127 },
  { name: 'kill', index: 3, sane: 21 },
  { name: 'eof', index: 4, sane: 4 },
  { name: 'eol', index: 11, sane: 0 },
  { name: 'eol2', index: 16, sane: 0 },
  { name: 'swtch', index: 7, sane: 0 },
  { name: 'start', index: 8, sane: 17 },
  { name: 'stop', index: 9, sane: 19 },
  { name: 'susp', index: 10, sane: 26 },
  { name: 'rprnt', index: 12, sane: 18 },
  { name: 'werase', index: 14, sane: 23 },
  { name: 'lnext', index: 15, sane: 22 },
  { name: 'discard', index: 13, sane: 15 },
]
export const minIndex = 6
export const timeIndex = 5

/** Settings that stand for others, as `stty` arguments. */
export const combinations: ReadonlyMap<string, string> = new Map([
  ['evenp', 'parenb -parodd cs7'],
  ['-evenp', '-parenb cs8'],
  ['parity', 'parenb -parodd cs7'],
  ['-parity', '-parenb cs8'],
  ['oddp', 'parenb parodd cs7'],
  ['-oddp', '-parenb cs8'],
  ['nl', '-icrnl -onlcr'],
  ['-nl', 'icrnl -inlcr -igncr onlcr -ocrnl -onlret'],
  ['ek', 'erase ^? kill ^U'],
  ['cbreak', '-icanon'],
  ['-cbreak', 'icanon'],
  ['pass8', '-parenb -istrip cs8'],
  ['-pass8', 'parenb istrip cs7'],
  ['litout', '-parenb -istrip -opost cs8'],
  ['-litout', 'parenb istrip opost cs7'],
  ['decctlq', '-ixany'],
  ['-decctlq', 'ixany'],
  ['crt', 'echoe echoctl echoke'],
  ['dec', 'echoe echoctl echoke -ixany intr ^C erase ^? kill ^U'],
  ['lcase', 'xcase iuclc olcuc'],
  ['-lcase', '-xcase -iuclc -olcuc'],
  ['LCASE', 'xcase iuclc olcuc'],
  ['-LCASE', '-xcase -iuclc -olcuc'],
  [
    'raw',
    '-ignbrk -brkint -ignpar -parmrk -inpck -istrip -inlcr -igncr -icrnl -ixon -ixoff -iuclc -ixany -imaxbel -opost -isig -icanon -xcase min 1 time 0',
  ],
  ['-raw', 'brkint ignpar istrip icrnl ixon opost isig icanon eof ^D'],
  ['cooked', 'brkint ignpar istrip icrnl ixon opost isig icanon eof ^D'],
  [
    '-cooked',
    '-ignbrk -brkint -ignpar -parmrk -inpck -istrip -inlcr -igncr -icrnl -ixon -ixoff -iuclc -ixany -imaxbel -opost -isig -icanon -xcase min 1 time 0',
  ],
  ['tandem', 'ixoff'],
  ['-tandem', '-ixoff'],
  ['crterase', 'echoe'],
  ['-crterase', '-echoe'],
  ['crtkill', 'echoke'],
  ['-crtkill', '-echoke'],
  ['ctlecho', 'echoctl'],
  ['-ctlecho', '-echoctl'],
  ['prterase', 'echoprt'],
  ['-prterase', '-echoprt'],
  ['hup', 'hupcl'],
  ['-hup', '-hupcl'],
])

/** Codes of speeds in c_cflag. */
export const speedCodes: ReadonlyMap<number, number> = new Map(
  [0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19_200, 38_400].map((speed, code) => [
    speed,
    code,
  ]),
)
