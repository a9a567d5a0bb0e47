import { createHash } from 'node:crypto'
import type { Script } from '../kit/dialogue.ts'

const hello = '@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4\n'
const words = (...list: string[]) => `${list.join('\0')}\0\0`
/** A frame of the multiplexed stream. */
const frame = (data: string, code = 0) => {
  const header = Buffer.alloc(4)
  header.writeUInt32LE((((code + 7) << 24) | data.length) >>> 0)
  return header.toString('latin1') + data
}
const int = (...values: number[]) => {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [i, value] of values.entries()) bytes.writeInt32LE(value, 4 * i)
  return bytes.toString('latin1')
}
const sumList = '\x1exxh128 xxh3 xxh64 md5 md4 sha1'
const noFilter = frame(int(0))
const done = '\0'
const nothingHere = int(0, 0, 0, 0)
const md5 = (content: string) => createHash('md5').update(content, 'latin1').digest('latin1')

/** Up to the file list of the web root, in the client's words. */
const opened = (options: readonly string[], sums = sumList) => [
  '',
  hello,
  'html\n',
  words('--server', '--sender', ...options),
  ...(sums === '' ? [] : [sums]),
]

/** The modules `html` and `backup`; what a client sends at once. */
export const script: Script = {
  'an empty line': ['', hello, '\n'],
  'list by name': ['', hello, '#list\n'],
  'list with line ends of DOS': ['', '@RSYNCD: 31.0 md5\r\n', '#list\r\n'],
  'a command that is none': ['', hello, '#foo\n'],
  'early input': ['', hello, '#early_input=5\nhello\n'],
  'no such module': ['', hello, 'nope\n'],
  'a path for a module': ['', hello, 'html/x\n'],
  'protocol 20': ['', '@RSYNCD: 20\n', '\n'],
  'protocol 28': ['', '@RSYNCD: 28\n', '\n'],
  'protocol 29': ['', '@RSYNCD: 29\n', 'nope\n'],
  'protocol 30 without a subprotocol': ['', '@RSYNCD: 30\n', 'html\n'],
  'protocol 99': ['', '@RSYNCD: 99.0 md5\n', '#list\n'],
  'a page of the web': ['', 'GET / HTTP/1.0\r\n'],
  TLS: ['', '\x16\x03\x01\x02\x00\x01\x00\n'],
  'no greeting, a module': ['', 'html\n'],
  'a wrong answer, SHA-512': ['', hello, 'backup\n', 'rsync xyz\n'],
  'a wrong answer, MD5': ['', '@RSYNCD: 31.0 md5\n', 'backup\n', 'rsync xyz\n'],
  'a wrong answer, no list': ['', '@RSYNCD: 31.0\n', 'backup\n', 'rsync xyz\n'],
  'a wrong answer, protocol 29': ['', '@RSYNCD: 29\n', 'backup\n', 'rsync xyz\n'],
  'an answer without digest': ['', hello, 'backup\n', 'rsync\n'],
  'no answer': ['', hello, 'backup\n', '\n'],
  'digests nobody has': ['', '@RSYNCD: 32.0 foo bar\n', 'backup\n'],
  'a listing': [
    ...opened(['-de.LsfxCIvu', '.', 'html/']),
    noFilter,
    frame(done),
    frame(done + done + done),
    frame(done),
  ],
  'a recursive listing, incremental': [
    ...opened(['-re.iLsfxCIvu', '.', 'html/']),
    noFilter,
    frame(done),
    frame(done + done + done),
    frame(done),
  ],
  'an archive, fetched': [
    ...opened(['-logDtpre.iLsfxCIvu', '.', 'html/']),
    noFilter,
    frame(`\x03\0\xa0${nothingHere}`),
    frame(done),
    frame(done + done + done),
    frame(done),
  ],
  'an archive, fetched wrongly': [
    ...opened(['-logDtpre.iLsfxCIvu', '.', 'html/']),
    noFilter,
    frame(`\x02\0\xa0${nothingHere}`),
  ],
  'one file, not incremental': [
    ...opened(['-logDtpre.LsfxCIvu', '.', 'html/index.nginx-debian.html']),
    noFilter,
    frame(`\x01\0\xa0${nothingHere}`),
    frame(done),
    frame(done + done + done),
    frame(done),
  ],
  'one file, in words of 3.1': [
    ...opened(['-logDtpre.Lsfx', '.', 'html/index.nginx-debian.html'], ''),
    noFilter,
    frame(`\x01\0\xa0${nothingHere}`),
    frame(done),
    frame(done + done + done),
    frame(done),
  ],
  'checksums of all files': [
    ...opened(['-rce.LsfxCIvu', '.', 'html/'], '\x03md5'),
    noFilter,
    frame(done),
    frame(done + done + done),
    frame(done),
  ],
  'an option that is none': [...opened(['--bogus', '.', 'html/'], '')],
  'a daemon that is to be started': ['', hello, 'html\n', words('--daemon')],
  'a directory without recursion': [
    ...opened(['-e.LsfxCIvu', '.', 'html/']),
    noFilter,
    frame(done),
    frame(done + done + done),
    frame(done),
  ],
  'a file that is not there': [...opened(['-de.LsfxCIvu', '.', 'html/nope']), noFilter],
  'a file given': [
    '',
    hello,
    'html\n',
    words('--server', '-re.LsfxCIvu', '.', 'html/'),
    '\x03md5',
    frame(`\x80\x00\x05x.txt${'\x00\x06\x00'}${int(0o100644)}\0\0`.replace('\x80\x00', '\x80\x98')),
    frame(`\x01\0\xa0${nothingHere}${int(6)}hello\n${int(0)}${md5('hello\n')}${done}`),
    frame(done),
    frame(done),
    frame(done),
  ],
}
