import type { Script } from '../kit/dialogue.ts'

const ask = (opcode: number, name: string, mode = 'octet', ...options: string[]) =>
  `\0${String.fromCharCode(opcode)}${[name, mode, ...options].map(word => `${word}\0`).join('')}`
const read = (name: string, mode?: string, ...options: string[]) => ask(1, name, mode, ...options)
const write = (name: string, mode?: string, ...options: string[]) => ask(2, name, mode, ...options)
const block = (n: number) => String.fromCharCode(n >> 8, n & 255)
const ack = (n: number) => `\0\x04${block(n)}`
const data = (n: number, bytes: string) => `\0\x03${block(n)}${bytes}`

/** Each dialogue is one client's; `small.txt` has 3 bytes, `big.cfg` 1300, `secret` may be read by its owner only, `dir` is one. */
export const script: Script = {
  'a small file': [read('small.txt'), ack(1)],
  'a small file with a slash': [read('/small.txt'), ack(1)],
  'a file of three blocks': [read('big.cfg'), ack(1), ack(2), ack(3)],
  'a block again': [read('big.cfg'), ack(1), ack(2)],
  'in large blocks': [read('big.cfg', 'octet', 'blksize', '1428'), ack(0), ack(1)],
  'all that curl asks for': [
    read('big.cfg', 'octet', 'tsize', '0', 'blksize', '512', 'timeout', '6'),
    ack(0),
    ack(1),
    ack(2),
    ack(3),
  ],
  'the size only': [read('big.cfg', 'octet', 'tsize', '0'), ack(0)],
  'options in capitals': [read('big.cfg', 'OCTET', 'BLKSIZE', '1024', 'TSize', '0')],
  'options of no kind': [read('small.txt', 'octet', 'nope', '1', 'windowsize', '4')],
  'a block size of 7': [read('small.txt', 'octet', 'blksize', '7')],
  'a block size of 8': [read('big.cfg', 'octet', 'blksize', '8')],
  'a block size of 65465': [read('big.cfg', 'octet', 'blksize', '65465')],
  'a block size that is no number': [read('small.txt', 'octet', 'blksize', 'x')],
  'a block size of a power of two': [read('big.cfg', 'octet', 'blksize2', '1500')],
  'a timeout of 0': [read('small.txt', 'octet', 'timeout', '0')],
  'a timeout of 256': [read('small.txt', 'octet', 'timeout', '256')],
  'a timeout in microseconds': [read('big.cfg', 'octet', 'utimeout', '500000')],
  'a rollover': [read('big.cfg', 'octet', 'rollover', '1')],
  'a rollover of 2': [read('big.cfg', 'octet', 'rollover', '2')],
  'an option without a value': [`${read('small.txt')}blksize\0`],
  netascii: [read('small.txt', 'netascii'), ack(1)],
  'netascii, one block and a little': [read('lines.txt', 'netascii'), ack(1), ack(2)],
  'a small file, and options': [read('small.txt', 'octet', 'tsize', '0')],
  'no such file': [read('nope')],
  'no such folder': [read('nodir/nope')],
  'a file for its owner': [read('secret')],
  'a folder': [read('dir')],
  'the way up': [read('../../etc/passwd')],
  'the way up in the middle': [read('dir/../../etc/passwd')],
  'no name': [read('')],
  'a mode of no kind': [read('small.txt', 'binary')],
  mail: [read('small.txt', 'mail')],
  'no mode': ['\0\x01small.txt\0'],
  'no end': ['\0\x01small.txt'],
  'two bytes': ['\0\x01'],
  'one byte': ['\0'],
  'an opcode of no kind': ['\0\x09x\0octet\0'],
  'data without a request': [data(1, 'abc')],
  'an acknowledgement without a request': [ack(0)],
  'an error': ['\0\x05\0\x01x\0'],
  'a web page': ['GET / HTTP/1.0\r\n\r\n'],
  'a file is left': [write('new.txt'), data(1, 'hello')],
  'a file of several blocks': [write('new2.txt'), data(1, 'x'.repeat(512)), data(2, 'y'.repeat(512)), data(3, '')],
  'a file with a size': [write('new3.txt', 'octet', 'tsize', '1000', 'blksize', '1024'), data(1, 'x'.repeat(1000))],
  'a block twice': [write('new4.txt'), data(1, 'x'.repeat(512)), data(1, 'x'.repeat(512)), data(2, 'z')],
  'a block too far': [write('new5.txt'), data(2, 'x')],
  'over a folder': [write('dir')],
  'into no folder': [write('nodir/x')],
  'over a file for its owner': [write('secret')],
  'into a folder of another': [write('dir/x')],
  'an upload given up': [write('new6.txt'), '\0\x05\0\0stop\0'],
  'a download given up': [read('big.cfg'), '\0\x05\0\0stop\0'],
  'a program': [write('mips'), data(1, '\x7fELF\x01\x01\x01')],
}
