import { flag, type Packet, protocols } from './packet.ts'

/*
 * What is known of tools and systems by the headers that they send. Each entry says where that is known from; an entry is
 * a guess about a sender who can send what they like, and is told as one.
 */

type Mark = { tool: string; source: string; fits: (packet: Packet) => boolean }

const synOnly = ({ protocol, wholeTcp, flags }: Packet) => protocol === protocols.tcp && wholeTcp && flags === flag.syn
const withoutOptions = ({ optionsAt, optionsEnd }: Packet) => optionsAt === optionsEnd
/** Bytes of options in hexadecimal. */
const options = ({ bytes, optionsAt, optionsEnd }: Packet) => bytes.toString('hex', optionsAt, optionsEnd)

/** The first that fits is told; the surest come first. */
export const marks: readonly Mark[] = [
  {
    tool: 'mirai',
    source: 'Antonakakis et al., “Understanding the Mirai Botnet” (2017) §3: sequence number = destination address',
    fits: packet => synOnly(packet) && packet.family === 4 && packet.sequence === packet.destination4,
  },
  {
    tool: 'zmap',
    source: 'ZMap up to version 3: identification 54321 in every probe (Durumeric et al., “ZMap” (2013))',
    fits: ({ family, id }) => family === 4 && id === 54_321,
  },
  {
    tool: 'masscan',
    source:
      'masscan: identification = destination address ^ port ^ sequence number (Ghiëtte et al. (2016)); 1.3.2 measured',
    fits: packet =>
      synOnly(packet) &&
      packet.family === 4 &&
      packet.id === ((packet.destination4 ^ packet.destinationPort ^ packet.sequence) & 0xffff),
  },
  {
    tool: 'nmap -O',
    source: 'nmap.org/book/osdetect-methods.html: the options of the sequence, ECN and T2 to T7 probes',
    fits: packet =>
      packet.protocol === protocols.tcp &&
      packet.wholeTcp &&
      /^03030[af]01(?:01)?02040109080affffffff00000000/.test(options(packet)),
  },
  {
    tool: 'nmap',
    source: 'nmap 7 measured: window 1024 and a lone MSS of 1460, hop limit drawn from 37 to 59',
    fits: packet => synOnly(packet) && packet.window === 1024 && options(packet) === '020405b4' && packet.ttl < 60,
  },
  {
    tool: 'hping',
    source: 'hping3 measured: window 512, no options, and nothing above the standard hop limit of 64',
    fits: packet => synOnly(packet) && packet.window === 512 && withoutOptions(packet) && packet.ttl <= 64,
  },
]

type System = {
  name: string
  source: string
  /** Initial hop limit. */
  ttl: number
  /** Kinds of TCP options in their order. */
  options: string
  windows?: readonly number[]
  /** The window in segments of the MSS, in place of fixed ones. */
  perMss?: readonly number[]
}

const p0f = 'the signatures that p0f 3 and JA4T.md describe'

/** The first that fits is told. */
export const operatingSystems: readonly System[] = [
  { name: 'Linux 2.4–2.6', source: p0f, ttl: 64, options: '2-4-8-1-3', perMss: [4, 3, 2] },
  { name: 'Linux 2.6.39–3.9', source: p0f, ttl: 64, options: '2-4-8-1-3', perMss: [10] },
  {
    name: 'Linux 3.10 or later',
    source: `${p0f}; Linux 6.1 measured`,
    ttl: 64,
    options: '2-4-8-1-3',
    perMss: [20, 44],
  },
  { name: 'Linux 3.10 or later', source: p0f, ttl: 64, options: '2-4-8-1-3' },
  { name: 'Linux without timestamps', source: p0f, ttl: 64, options: '2-1-1-4-1-3' },
  { name: 'macOS or iOS', source: p0f, ttl: 64, options: '2-1-3-1-1-8-4-0-0' },
  { name: 'macOS or iOS', source: p0f, ttl: 64, options: '2-1-3-1-1-8-4-0' },
  { name: 'FreeBSD', source: p0f, ttl: 64, options: '2-1-3-4-8' },
  { name: 'OpenBSD', source: p0f, ttl: 64, options: '2-1-1-4-1-3-1-1-8' },
  { name: 'Windows 7, 8 or Server 2008', source: p0f, ttl: 128, options: '2-1-3-1-1-4', windows: [8192] },
  { name: 'Windows 10 or later', source: p0f, ttl: 128, options: '2-1-3-1-1-4' },
  { name: 'Windows XP or Server 2003', source: p0f, ttl: 128, options: '2-1-1-4' },
  { name: 'Windows with timestamps', source: p0f, ttl: 128, options: '2-1-3-1-1-8-1-1-4' },
  { name: 'Windows with timestamps', source: p0f, ttl: 128, options: '2-1-3-4-8' },
  { name: 'Cisco IOS', source: p0f, ttl: 255, options: '2', windows: [4128] },
]
