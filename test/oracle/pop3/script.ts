import type { Script } from '../kit/dialogue.ts'

export const USER = 'haruto'
export const PASSWORD = 'hayase2019'

const lines = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map(each => `${each.trim()}\r\n`)
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')
const IN = ['', ...lines(`USER ${USER}\n PASS ${PASSWORD}`)]

export const dialogues: Script = {
  'before log-in': ['', ...lines('CAPA\n NOOP\n STAT\n capa\n QUIT x')],
  'more before log-in': ['', ...lines('USER\n PASS x\n CAPA x\n FOO\n QUIT')],
  'empty before log-in': ['', '\r\n', ' CAPA\r\n', 'QUIT\r\n'],
  'wrong log-ins': ['', ...lines('USER admin\n PASS wrong\n USER admin\n USER root\n PASS\n PASS a b\n QUIT')],
  'SASL, a step at a time': [
    '',
    ...lines('AUTH\n AUTH FOO\n AUTH PLAIN'),
    `${base64('\0admin\0wrong')}\r\n`,
    ...lines('AUTH PLAIN\n *\n AUTH LOGIN'),
    `${base64('admin')}\r\n`,
    `${base64('wrong')}\r\n`,
    ...lines('AUTH PLAIN\n not base64!\n AUTH LOGIN\n *\n QUIT'),
  ],
  'SASL at once': [
    '',
    `AUTH PLAIN ${base64('\0admin\0wrong')}\r\n`,
    `AUTH PLAIN ${base64('no zeros')}\r\n`,
    `AUTH PLAIN =\r\n`,
    `AUTH PLAIN ${base64(`\0${USER}\0${PASSWORD}`)}\r\n`,
    ...lines('STAT\n QUIT'),
  ],
  'LOGIN at once': ['', `AUTH LOGIN ${base64(USER)}\r\n`, `${base64(PASSWORD)}\r\n`, ...lines('CAPA\n QUIT')],
  reading: [
    ...IN,
    ...lines(`CAPA
      STAT
      LIST
      UIDL
      LIST 1
      LIST 99
      LIST 0
      LIST x
      UIDL 2
      UIDL 99
      RETR 1
      RETR 99
      RETR
      RETR x
      TOP 1 0
      TOP 12 3
      TOP 1
      TOP 99 1
      TOP 1 x
      LAST
      NOOP
      QUIT`),
  ],
  deleting: [
    ...IN,
    ...lines(`DELE 1
      DELE 1
      DELE 99
      DELE
      STAT
      LIST 1
      RETR 1
      UIDL 1
      LIST
      RSET
      STAT
      DELE 2
      NOOP x
      stat
      STAT x
      QUIT`),
  ],
  'unknown commands': [...IN, ...lines('FOO\n USER x\n PASS x\n AUTH\n STLS\n APOP a b\n XTND\n\n QUIT')],
  'a request for TLS': ['', 'STLS\r\n'],
  'mistakes without end': ['', ...Array.from({ length: 12 }, (_, i) => `NONSENSE${i}\r\n`)],
  'a web browser': ['', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  'bare ends of lines': ['', `USER ${USER}\nPASS ${PASSWORD}\n`, 'STAT\nNOOP\n', 'QUIT\n'],
}

/** Where the administrator lets challenges be offered. */
export const challenges: Script = {
  'all mechanisms': [
    '',
    ...lines('CAPA\n AUTH\n APOP admin 0123456789abcdef0123456789abcdef\n APOP\n APOP admin\n AUTH CRAM-MD5'),
    `${base64('admin 0123456789abcdef0123456789abcdef')}\r\n`,
    ...lines('AUTH CRAM-MD5\n *\n AUTH SCRAM-SHA-256'),
    `${base64('n,,n=admin,r=rOprNGfwEbeRWgbNEkqO')}\r\n`,
    ...lines('*\n QUIT'),
  ],
}
