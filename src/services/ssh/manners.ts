import type { LoginOptions } from '#machine/login.ts'

/** What implementations do differently where the protocol leaves it to them: facts, as recorded (test/oracle/ssh). */
export type Manners = {
  /** Speaks its KEXINIT in one breath with its identification, before the client has said anything. */
  hasty: boolean
  /** Tells a client why it is disconnected. */
  explains: boolean
  /** Pads with random bytes even where nothing is encrypted. */
  padsWithChance: boolean
  /** What the length of a packet may be, and the least padding; less padding is told of. */
  packet: { least: number; most: number; padding: number }
  /** Throws messages that are no business of anybody's away without a look at what is in them. */
  skims: boolean
  /** A message that is unknown, or not for now, is answered with UNIMPLEMENTED; of any other the connection is closed. */
  tolerates(type: number, exchanging: boolean): boolean
  /** Exchanges keys anew when the client asks before it has logged in; otherwise that is a message like another. */
  rekeysEarly: boolean
}

/** How much of a channel's data goes at once. */
export type Flow = {
  /** Bytes of the window, and of the largest packet, that a client is told. */
  window: number
  packet: number
  /** Bytes of data in one packet of ours. */
  data: number
  /** The window is there with the channel, not with the program; a third of it that was read is told of. */
  eager: boolean
}

/** CHAN_SES_PACKET_DEFAULT and CHAN_SES_WINDOW_DEFAULT; CHAN_TCP_* are the same numbers. */
export const flowOpenssh: Flow = { window: 2 << 20, packet: 32 << 10, data: 32 << 10, eager: false }

/** How a server starts what somebody asks for who is logged in. */
export type Starts = {
  /** Sends OpenSSH's own messages: its host keys, `eow`, what it thinks of a request. */
  extensions: boolean
  /** Programs behind names. */
  subsystems: ReadonlyMap<string, string>
  /** Variables of a client that are taken. */
  accepts: RegExp
  /** The process of one session, as ps(1) shows it. */
  daemon(user: string, line: string): LoginOptions['daemon']
  /** PATH, for root and for others. */
  path: { root: string; others: string }
  /** pam_env and pam_motd have their say. */
  pam: boolean
  flow: Flow
}

/** OpenSSH as Debian configures it. */
export const startsOpenssh: Starts = {
  extensions: true,
  subsystems: new Map([['sftp', '/usr/lib/openssh/sftp-server']]),
  accepts: /^(LANG|LC_.*)$/s,
  daemon: (user, line) => ({ argv: [`sshd: ${user}@${line}`], exe: '/usr/sbin/sshd' }),
  // Debian's --with-default-path and --with-superuser-path.
  path: {
    root: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    others: '/usr/local/bin:/usr/bin:/bin:/usr/games',
  },
  pam: true,
  flow: flowOpenssh,
}

/** OpenSSH 8.2 to 9.2 (packet.c, kex.c). */
export const openssh: Manners = {
  hasty: false,
  explains: true,
  padsWithChance: false,
  packet: { least: 5, most: 256 << 10, padding: 4 },
  skims: false,
  tolerates: (type, exchanging) => !exchanging || type <= 49,
  rekeysEarly: false,
}
