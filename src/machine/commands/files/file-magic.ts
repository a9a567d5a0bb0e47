/** What content is: file(1)'s words and its MIME type. */
export type Kind = { text: string; mime: string; charset?: string }

const machines = new Map<number, string>([
  [2, 'SPARC'],
  [3, 'Intel 80386'],
  [4, 'Motorola m68k'],
  [8, 'MIPS'],
  [20, 'PowerPC or cisco 4500'],
  [21, '64-bit PowerPC or cisco 7500'],
  [22, 'IBM S/390'],
  [40, 'ARM'],
  [42, 'Renesas SH'],
  [43, 'SPARC V9'],
  [62, 'x86-64'],
  [93, 'ARC Cores Tangent-A5'],
  [183, 'ARM aarch64'],
  [195, 'Synopsys ARCv2/HS3x/HS4x'],
  [243, 'UCB RISC-V'],
])

/** An ELF file by its headers; `hash` makes the build id that a linker would have put into it. */
const elf = (data: Buffer, hash: (text: string) => string): Kind => {
  if (data.length < 20) return { text: 'ELF', mime: 'application/octet-stream' }
  const wide = data[4] === 2
  const big = data[5] === 2
  const u16 = (at: number): number => (at + 2 > data.length ? 0 : big ? data.readUInt16BE(at) : data.readUInt16LE(at))
  const u32 = (at: number): number => (at + 4 > data.length ? 0 : big ? data.readUInt32BE(at) : data.readUInt32LE(at))
  const word = (at: number): number => (wide ? (big ? u32(at + 4) : u32(at)) : u32(at))
  const type = u16(16)
  const bits = data[4] === 1 ? '32-bit' : wide ? '64-bit' : 'unknown class'
  const order = big ? 'MSB' : 'LSB'
  const parts: string[] = []
  const start = wide ? word(32) : u32(28)
  const size = wide ? 56 : 32
  const count = Math.min(u16(wide ? 56 : 44), 64)
  let interpreter: string | undefined
  let dynamic = false
  let programs = 0
  for (let index = 0; index < count; index++) {
    const at = start + index * size
    if (at + size > data.length) break
    programs++
    const kind = u32(at)
    const offset = wide ? word(at + 8) : u32(at + 4)
    const length = wide ? word(at + 32) : u32(at + 16)
    if (kind === 3 && offset + length <= data.length)
      interpreter = data.toString('latin1', offset, offset + Math.max(0, length)).split('\0')[0]
    if (kind === 2) dynamic = true
  }
  const isPie = type === 3 && interpreter !== undefined && interpreter !== ''
  const kinds: Record<number, string> = {
    1: 'relocatable',
    2: 'executable',
    3: isPie ? 'pie executable' : 'shared object',
    4: 'core file',
  }
  const machine = machines.get(u16(18)) ?? `*unknown arch 0x${u16(18).toString(16)}*`
  const mips = u16(18) === 8 && data.length >= (wide ? 52 : 40) ? mipsLevel(u32(wide ? 48 : 36)) : ''
  const arm = u16(18) === 40 && u32(36) >>> 24 === 5 ? ', EABI5' : ''
  parts.push(
    `ELF ${bits} ${order} ${kinds[type] ?? 'no file type'}, ${machine}${mips}${arm}, version 1 (${data[7] === 3 ? 'GNU/Linux' : 'SYSV'})`,
  )
  if (type === 2 || type === 3) {
    if (interpreter) parts.push('dynamically linked', `interpreter ${interpreter}`)
    else if (programs > 0) parts.push(dynamic || type === 3 ? 'dynamically linked' : 'statically linked')
    if (interpreter && data.length > 4096) parts.push(`BuildID[sha1]=${hash('build id')}`, 'for GNU/Linux 3.2.0')
    const sections = u16(wide ? 60 : 48)
    if (programs > 0 && sections === 0) parts.push('no section header')
    else if (programs > 0) parts.push('stripped')
  }
  const mime =
    ['', 'x-object', 'x-executable', isPie ? 'x-pie-executable' : 'x-sharedlib', 'x-coredump'][type] ?? 'octet-stream'
  return { text: parts.join(', '), mime: `application/${mime || 'octet-stream'}` }
}

const mipsLevel = (flags: number): string => {
  const levels = [
    'MIPS-I',
    'MIPS-II',
    'MIPS-III',
    'MIPS-IV',
    'MIPS-V',
    'MIPS32',
    'MIPS64',
    'MIPS32 rel2',
    'MIPS64 rel2',
    'MIPS32 rel6',
    'MIPS64 rel6',
  ]
  return flags === 0 ? '' : `, ${levels[flags >>> 28] ?? 'MIPS'}`
}

type Magic = { begins: string; at?: number; kind: Kind | ((data: Buffer) => Kind | undefined) }
const plain = (text: string, mime: string): Kind => ({ text, mime })

const gzipKind = (data: Buffer, date: (seconds: number) => string): Kind => {
  const flags = data[3] ?? 0
  const parts = ['gzip compressed data']
  let at = 10
  if (flags & 4) at += 2 + (data.length > 12 ? data.readUInt16LE(10) : 0)
  if (flags & 8) parts.push(`was "${data.toString('latin1', at).split('\0')[0]!.slice(0, 200)}"`)
  const modified = data.length >= 8 ? data.readUInt32LE(4) : 0
  if (modified !== 0) parts.push(`last modified: ${date(modified)}`)
  if (data[8] === 2) parts.push('max compression')
  if (data[8] === 4) parts.push('max speed')
  const systems = new Map([
    [0, 'FAT filesystem (MS-DOS, OS/2, NT)'],
    [3, 'Unix'],
    [11, 'NTFS filesystem (NT)'],
    [255, 'unknown'],
  ])
  const system = systems.get(data[9] ?? 255)
  if (system && data[9] !== 255) parts.push(`from ${system}`)
  return plain(parts.join(', '), 'application/gzip')
}

const magics: readonly Magic[] = [
  {
    begins: 'BZh',
    kind: data =>
      plain(`bzip2 compressed data, block size = ${String.fromCharCode(data[3] ?? 57)}00k`, 'application/x-bzip2'),
  },
  {
    begins: '\xfd7zXZ\0',
    kind: data =>
      plain(
        `XZ compressed data, checksum ${['NONE', 'CRC32', '', '', 'CRC64', '', '', '', '', '', 'SHA-256'][data[7] ?? 4] || 'CRC64'}`,
        'application/x-xz',
      ),
  },
  {
    begins: '\x28\xb5\x2f\xfd',
    kind: plain('Zstandard compressed data (v0.8+), Dictionary ID: None', 'application/zstd'),
  },
  {
    begins: '7z\xbc\xaf\x27\x1c',
    kind: data => plain(`7-zip archive data, version ${data[6] ?? 0}.${data[7] ?? 4}`, 'application/x-7z-compressed'),
  },
  {
    begins: 'Rar!\x1a\x07',
    kind: data => plain(data[6] === 1 ? 'RAR archive data, v5' : 'RAR archive data', 'application/x-rar'),
  },
  {
    begins: 'PK\x03\x04',
    kind: data => {
      if (data.length < 30) return undefined
      const version = data.readUInt16LE(4)
      const method = ['store', '', '', '', '', '', '', '', 'deflate'][data.readUInt16LE(8)] || 'unknown'
      return plain(
        `Zip archive data, at least v${Math.floor(version / 10)}.${version % 10} to extract, compression method=${method}`,
        'application/zip',
      )
    },
  },
  { begins: 'PK\x05\x06', kind: plain('Zip archive data (empty)', 'application/zip') },
  { begins: '!<arch>\ndebian-binary', kind: plain('Debian binary package', 'application/vnd.debian.binary-package') },
  { begins: '!<arch>\n', kind: plain('current ar archive', 'application/x-archive') },
  { begins: '070701', kind: plain('ASCII cpio archive (SVR4 with no CRC)', 'application/x-cpio') },
  { begins: '070707', kind: plain('ASCII cpio archive (pre-SVR4 or odc)', 'application/x-cpio') },
  { begins: '\xc7\x71', kind: plain('cpio archive', 'application/x-cpio') },
  { begins: '%PDF-', kind: data => plain(`PDF document, version ${data.toString('latin1', 5, 8)}`, 'application/pdf') },
  {
    begins: '\x89PNG\r\n\x1a\n',
    kind: data => {
      if (data.length < 26) return undefined
      const colours = ['grayscale', '', '/color RGB', ' colormap', ' gray+alpha', '', '/color RGBA']
      const colour = data[25] === 0 ? ' grayscale' : colours[data[25]!]
      return plain(
        `PNG image data, ${data.readUInt32BE(16)} x ${data.readUInt32BE(20)}, ${data[24]}-bit${colour}, ${data[28] === 1 ? 'interlaced' : 'non-interlaced'}`,
        'image/png',
      )
    },
  },
  {
    begins: 'GIF8',
    kind: data =>
      data.length < 10
        ? undefined
        : plain(
            `GIF image data, version ${data.toString('latin1', 3, 6)}, ${data.readUInt16LE(6)} x ${data.readUInt16LE(8)}`,
            'image/gif',
          ),
  },
  {
    begins: '\xff\xd8\xff',
    kind: data =>
      plain(
        data.toString('latin1', 6, 10) === 'JFIF'
          ? `JPEG image data, JFIF standard ${data[11]}.0${data[12]}, ${data[13] === 0 ? 'aspect ratio' : 'resolution (DPI)'}, density ${data.readUInt16BE(14)}x${data.readUInt16BE(16)}, segment length ${data.readUInt16BE(4)}`
          : 'JPEG image data',
        'image/jpeg',
      ),
  },
  {
    begins: 'BM',
    kind: data =>
      data.length < 30 || data.readUInt32LE(14) !== 40
        ? undefined
        : plain(
            `PC bitmap, Windows 3.x format, ${data.readInt32LE(18)} x ${data.readInt32LE(22)} x ${data.readUInt16LE(28)}`,
            'image/bmp',
          ),
  },
  {
    begins: 'RIFF',
    kind: data =>
      plain(
        `RIFF (little-endian) data${data.toString('latin1', 8, 12) === 'WAVE' ? ', WAVE audio' : ''}`,
        data.toString('latin1', 8, 12) === 'WAVE' ? 'audio/x-wav' : 'application/octet-stream',
      ),
  },
  { begins: 'OggS', kind: plain('Ogg data', 'application/ogg') },
  { begins: 'ID3', kind: plain('Audio file with ID3 version 2', 'audio/mpeg') },
  {
    begins: 'SQLite format 3\0',
    kind: data => (data.length < 100 ? undefined : plain('SQLite 3.x database', 'application/vnd.sqlite3')),
  },
  {
    begins: '\xca\xfe\xba\xbe',
    kind: data =>
      plain(
        `compiled Java class data, version ${data.readUInt16BE(6)}.${data.readUInt16BE(4)}${data[7] === 52 ? ' (Java 1.8)' : ''}`,
        'application/x-java-applet',
      ),
  },
  {
    begins: 'MZ',
    kind: data => {
      const at = data.length >= 64 ? data.readUInt32LE(60) : 0
      if (at === 0 || data.toString('latin1', at, at + 4) !== 'PE\0\0')
        return data.length >= 64 ? plain('MS-DOS executable', 'application/x-dosexec') : undefined
      const is64 = data.readUInt16LE(at + 4) === 0x8664
      const dll = (data.readUInt16LE(at + 22) & 0x2000) !== 0
      const windowed = data.readUInt16LE(at + 92) === 2
      return plain(
        `PE32${is64 ? '+' : ''} executable (${dll ? 'DLL) (' : ''}${windowed ? 'GUI' : 'console'}) ${is64 ? 'x86-64' : 'Intel 80386'}, for MS Windows, ${data.readUInt16LE(at + 6)} sections`,
        'application/vnd.microsoft.portable-executable',
      )
    },
  },
  { begins: '-----BEGIN OPENSSH PRIVATE KEY', kind: plain('OpenSSH private key', 'text/plain') },
  { begins: '-----BEGIN RSA PRIVATE KEY', kind: plain('PEM RSA private key', 'text/plain') },
  { begins: '-----BEGIN PRIVATE KEY', kind: plain('OpenSSH private key (no password)', 'text/plain') },
  { begins: '-----BEGIN CERTIFICATE', kind: plain('PEM certificate', 'text/plain') },
  { begins: '-----BEGIN PGP PUBLIC KEY', kind: plain('PGP public key block', 'application/pgp-keys') },
  { begins: 'ssh-rsa ', kind: plain('OpenSSH RSA public key', 'text/plain') },
  { begins: 'ssh-dss ', kind: plain('OpenSSH DSA public key', 'text/plain') },
  { begins: 'ssh-ed25519 ', kind: plain('OpenSSH ED25519 public key', 'text/plain') },
  { begins: 'ecdsa-sha2-', kind: plain('OpenSSH ECDSA public key', 'text/plain') },
]

/** What shows in words that text is code; the rest of its description follows. */
const scripts: readonly [RegExp, string, string][] = [
  [/^#! ?(\/usr\/bin\/env +)?(\/\S*\/)?bash\b/, 'Bourne-Again shell script', 'text/x-shellscript'],
  [/^#! ?(\/usr\/bin\/env +)?(\/\S*\/)?(sh|dash|ash)\b/, 'POSIX shell script', 'text/x-shellscript'],
  [/^#! ?(\/usr\/bin\/env +)?(\/\S*\/)?zsh\b/, "Paul Falstad's zsh script", 'text/x-shellscript'],
  [/^#! ?(\/usr\/bin\/env +)?(\/\S*\/)?python[0-9.]*/, 'Python script', 'text/x-script.python'],
  [/^#! ?(\/usr\/bin\/env +)?(\/\S*\/)?perl/, 'Perl script text executable', 'text/x-perl'],
  [/^#! ?(\/usr\/bin\/env +)?(\/\S*\/)?php/, 'PHP script', 'text/x-php'],
  [/^#! ?(\/usr\/bin\/env +)?(\/\S*\/)?node/, 'Node.js script', 'application/javascript'],
  [/^#! ?(\/usr\/bin\/env +)?(\/\S*\/)?ruby/, 'Ruby script', 'text/x-ruby'],
  [/^#! ?(\/usr\/bin\/env +)?(\/\S*\/)?awk/, 'awk script', 'text/x-awk'],
]

const utf8 = /^(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})*/

/** The encoding of text, and what its lines are like; `undefined` for what is no text. */
const textKind = (data: Buffer): { words: string; charset: string; details: string } | undefined => {
  const text = data.toString('latin1')
  if (/[\0-\x06\x0e-\x1a\x1c-\x1f\x7f]/.test(text)) return undefined
  let [words, charset] = ['ASCII text', 'us-ascii']
  if (/[\x80-\xff]/.test(text)) {
    const valid = utf8.exec(text)![0].length
    // Cut off where no more is looked at, perhaps within a character.
    if (valid === text.length || (data.length >= 1 << 20 && valid >= text.length - 3))
      [words, charset] = ['Unicode text, UTF-8 text', 'utf-8']
    else if (/[\x80-\x9f]/.test(text)) [words, charset] = ['Non-ISO extended-ASCII text', 'unknown-8bit']
    else [words, charset] = ['ISO-8859 text', 'iso-8859-1']
    if (text.startsWith('\xef\xbb\xbf')) words = 'Unicode text, UTF-8 (with BOM) text'
  }
  const details: string[] = []
  const longest = text.split(/\r\n|\n|\r/).reduce((most, line) => Math.max(most, line.length), 0)
  if (longest > 300) details.push(`with very long lines (${longest})`)
  const crlf = (text.match(/\r\n/g) ?? []).length
  const cr = (text.match(/\r/g) ?? []).length - crlf
  const lf = (text.match(/\n/g) ?? []).length - crlf
  const ends = [crlf > 0 ? 'CRLF' : '', cr > 0 ? 'CR' : '', lf > 0 && (crlf > 0 || cr > 0) ? 'LF' : ''].filter(Boolean)
  if (crlf + cr + lf === 0) details.push('with no line terminators')
  else if (ends.length > 0) details.push(`with ${ends.join(', ')} line terminators`)
  if (text.includes('\x1b')) details.push('with escape sequences')
  if (text.includes('\b')) details.push('with overstriking')
  return { words, charset, details: details.map(detail => `, ${detail}`).join('') }
}

const isTar = (data: Buffer): Kind | undefined => {
  if (data.length < 512 || data.toString('latin1', 257, 262) !== 'ustar') return undefined
  return plain(
    data.toString('latin1', 257, 265) === 'ustar  \0' ? 'POSIX tar archive (GNU)' : 'POSIX tar archive',
    'application/x-tar',
  )
}

const isJson = (text: string): boolean => {
  if (!/^\s*[[{]/.test(text) || text.length > 65_536) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

type About = { size: number; date(seconds: number): string; hash(text: string): string }

/** file(1) 5.44 on content: its first bytes, as many as it looks at. */
export const kindOfContent = (data: Buffer, about: About): Kind => {
  const kind = kindOf(data, about)
  const charset = kind.charset ?? (data.length > 1 ? textKind(data)?.charset : undefined)
  return charset ? { ...kind, charset } : kind
}

const kindOf = (data: Buffer, about: About): Kind => {
  if (data.length === 0) return { text: 'empty', mime: 'inode/x-empty' }
  if (data.length === 1) return { text: 'very short file (no magic)', mime: 'application/octet-stream' }
  const head = data.toString('latin1', 0, 64)
  if (head.startsWith('\x7fELF')) return elf(data, about.hash)
  if (head.startsWith('\x1f\x8b')) {
    const kind = gzipKind(data, about.date)
    const end = data.length === about.size && data.length >= 18 ? data.readUInt32LE(data.length - 4) : undefined
    return end === undefined ? kind : { ...kind, text: `${kind.text}, original size modulo 2^32 ${end}` }
  }
  for (const { begins, kind } of magics) {
    if (!head.startsWith(begins)) continue
    const found = typeof kind === 'function' ? kind(data) : kind
    if (found) return found
  }
  const archive = isTar(data)
  if (archive) return archive
  const first = data.toString('latin1', 0, 256)
  const encoding = textKind(data)
  for (const [pattern, words, mime] of scripts) {
    if (!pattern.test(first)) continue
    if (!encoding) return { text: `${words} executable (binary data)`, mime }
    if (words.endsWith('executable')) return { text: words + encoding.details, mime, charset: encoding.charset }
    return { text: `${words}, ${encoding.words} executable${encoding.details}`, mime, charset: encoding.charset }
  }
  if (/^#! ?\//.test(first) && encoding) {
    const interpreter = /^#! ?(\S+(?: \S+)?)/.exec(first)![1]
    return {
      text: `a ${interpreter} script, ${encoding.words} executable${encoding.details}`,
      mime: 'text/plain',
      charset: encoding.charset,
    }
  }
  if (!encoding) return { text: 'data', mime: 'application/octet-stream', charset: 'binary' }
  return describedText(data.toString('latin1', 0, 65_536), encoding)
}

const describedText = (
  text: string,
  { words, charset, details }: { words: string; charset: string; details: string },
): Kind => {
  const whole = (what: string, mime: string): Kind => ({ text: `${what}, ${words}${details}`, mime, charset })
  if (isJson(text)) return { text: 'JSON text data', mime: 'application/json', charset }
  if (/^<\?xml version="1\.[01]"/.test(text)) return whole('XML 1.0 document', 'text/xml')
  if (/^\s*(<!doctype html|<html|<head|<title|<body)/i.test(text)) return whole('HTML document', 'text/html')
  if (/^<\?php/.test(text)) return whole('PHP script', 'text/x-php')
  if (
    /^#include\s*[<"]|^\s*#include |^(int|void) main\s*\(|^\/\* |^(struct|typedef|static) /m.test(text) &&
    /^#include |main\s*\(/m.test(text)
  )
    return whole('C source', 'text/x-c')
  if (/^(from \S+ )?import \S+/m.test(text) && /^def \w+\(.*\):|^class \w+|^import \w+/m.test(text))
    return { text: `Python script, ${words} executable${details}`, mime: 'text/x-script.python', charset }
  if (/^-----BEGIN /.test(text)) return { text: `${words}${details}`, mime: 'text/plain', charset }
  const rows = text
    .split('\n')
    .filter(line => line !== '')
    .slice(0, 10)
  const commas = rows.map(row => row.split(',').length)
  if (rows.length >= 2 && commas[0]! > 1 && commas.every(count => count === commas[0]))
    return {
      text: `CSV ${words.replace('Unicode text, UTF-8 text', 'Unicode text, UTF-8 text').replace('ASCII ', '')}${details}`,
      mime: 'text/csv',
      charset,
    }
  return { text: words + details, mime: 'text/plain', charset }
}

/** What stands before the kind of a file with set-uid and its like. */
export const privileges = (mode: number): string =>
  `${mode & 0o4000 ? 'setuid ' : ''}${mode & 0o2000 ? 'setgid ' : ''}${mode & 0o1000 ? 'sticky ' : ''}`
