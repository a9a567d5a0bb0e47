import type { Script } from '../kit/dialogue.ts'

/** The machine both daemons are set up as: the talks' persona, with one account. */
export const HOST = 'relay3.hayase-works.example'
export const DOMAIN = 'hayase-works.example'
export const USER = 'haruto'
export const PASSWORD = 'hayase2019'

const line = (text: string) => `${text}\r\n`
const lines = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map(each => line(each.trim()))
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')
const HELLO = ['', line('EHLO client.example')]
const ENVELOPE = lines(`MAIL FROM:<a@client.example>
  RCPT TO:<${USER}@${DOMAIN}>`)

/** What both products are asked: right, wrong and hostile. An empty step only listens. */
export const dialogues: Script = {
  hello: [
    ...HELLO,
    ...lines(`HELO client.example
      HELO
      EHLO
      EHLO a b
      EHLO [192.0.2.1]
      EHLO [192.0.2.999]
      HELO 192.0.2.1
      ehlo client_under.example
      EHLO -bad-.example
      NOOP
      NOOP x y
      RSET
      RSET x
      QUIT x
      QUIT`),
  ],
  'too early': [
    '',
    ...lines(`MAIL FROM:<a@client.example>
      RCPT TO:<root@${DOMAIN}>
      DATA
      VRFY root
      EXPN root
      HELP
      ETRN ${DOMAIN}
      NOOP
      RSET
      QUIT`),
  ].filter(step => step !== 'DATA\r\n'),
  'no greeting, then a message': ['', ...ENVELOPE, line('DATA'), line('Subject: x\r\n\r\nx\r\n.'), line('QUIT')],
  'order of commands': [
    ...HELLO,
    ...lines(`RCPT TO:<root@${DOMAIN}>
      DATA
      MAIL FROM:<a@client.example>
      MAIL FROM:<b@client.example>
      DATA
      RCPT TO:<nobody-here@${DOMAIN}>
      DATA
      RSET
      DATA
      QUIT`),
  ],
  senders: [
    ...HELLO,
    ...[
      'MAIL',
      'MAIL FROM',
      'MAIL FROM:',
      'MAIL FROM:<>',
      'MAIL FROM: <a@client.example>',
      'MAIL FROM:a@client.example',
      'mail from:<A@Client.Example>',
      'MAIL FROM:<a b@client.example>',
    ].flatMap(each => [line(each), line('RSET')]),
  ],
  'more senders': [
    ...HELLO,
    ...[
      'MAIL FROM:<a@client.example',
      'MAIL FROM:<a@client.example>>',
      'MAIL FROM:<"a b"@client.example>',
      'MAIL FROM:<@relay.example:a@client.example>',
      'MAIL FROM:<a>',
      'MAIL FROM:<a@>',
      'MAIL FROM:<@client.example>',
    ].flatMap(each => [line(each), line('RSET')]),
  ],
  parameters: [
    ...HELLO,
    ...[
      'MAIL FROM:<a@client.example> SIZE=1000',
      'MAIL FROM:<a@client.example> SIZE=99999999999',
      'MAIL FROM:<a@client.example> SIZE=x',
      'MAIL FROM:<a@client.example> BODY=8BITMIME',
      'MAIL FROM:<a@client.example> BODY=7BIT SIZE=10',
      'MAIL FROM:<a@client.example> BODY=BINARYMIME',
      'MAIL FROM:<a@client.example> FOO=BAR',
    ].flatMap(each => [line(each), line('RSET')]),
  ],
  'more parameters': [
    ...HELLO,
    ...[
      'MAIL FROM:<a@client.example> RET=HDRS ENVID=abc',
      'MAIL FROM:<a@client.example> RET=ALL',
      'MAIL FROM:<a@client.example> SMTPUTF8',
      'MAIL FROM:<a@client.example> AUTH=<>',
      'MAIL FROM:<a@client.example> AUTH=x',
      'MAIL FROM:<a@client.example> BODY=8BITMIME BODY=7BIT',
    ].flatMap(each => [line(each), line('RSET')]),
  ],
  recipients: [
    ...HELLO,
    ...lines(`MAIL FROM:<a@client.example>
      RCPT
      RCPT TO
      RCPT TO:
      RCPT TO:<>
      RCPT TO:<${USER}@${DOMAIN}>
      RCPT TO:${USER}@${DOMAIN}
      RCPT TO: <${USER}@${DOMAIN}>
      RCPT TO:<postmaster>
      RCPT TO:<${USER}>
      RCPT TO:<root@localhost>
      RCPT TO:<${USER}@${HOST}>
      RCPT TO:<x@elsewhere.example>
      RSET
      QUIT`),
  ],
  'recipients that are not here': [
    ...HELLO,
    ...lines(`MAIL FROM:<a@client.example>
      RCPT TO:<nobody-here@${DOMAIN}>
      RCPT TO:<x%elsewhere.example@${DOMAIN}>
      RCPT TO:<@${DOMAIN}:x@elsewhere.example>
      RCPT TO:<elsewhere.example!x@${DOMAIN}>
      RCPT TO:<"x@elsewhere.example">
      RCPT TO:<x@[192.0.2.9]>
      RCPT TO:<${USER}@${DOMAIN}> NOTIFY=NEVER
      RCPT TO:<${USER}@${DOMAIN}> FOO=BAR
      RSET
      QUIT`),
  ],
  'a message': [
    ...HELLO,
    ...ENVELOPE,
    line('DATA'),
    'From: a@client.example\r\nTo: b@client.example\r\nSubject: test\r\n\r\nHello\r\n..dot\r\n.\r\n',
    ...ENVELOPE,
    line('DATA x'),
    line('DATA'),
    '.\r\n',
    line('QUIT'),
  ],
  'several recipients': [
    ...HELLO,
    ...lines(`MAIL FROM:<a@client.example> SIZE=20
      RCPT TO:<${USER}@${DOMAIN}>
      RCPT TO:<root@${DOMAIN}>
      RCPT TO:<postmaster@${DOMAIN}>
      DATA`),
    'x\r\n.\r\n',
    line('QUIT'),
  ],
  pipelined: [
    '',
    line('EHLO client.example'),
    `MAIL FROM:<a@client.example>\r\nRCPT TO:<${USER}@${DOMAIN}>\r\nRCPT TO:<nobody-here@${DOMAIN}>\r\nDATA\r\n`,
    'Subject: x\r\n\r\nx\r\n.\r\nQUIT\r\n',
  ],
  'pipelined, refused': [
    '',
    line('EHLO client.example'),
    'MAIL FROM:<a@client.example>\r\nRCPT TO:<x@elsewhere.example>\r\nDATA\r\n',
    'QUIT\r\n',
  ],
  'end of data, otherwise': [
    ...HELLO,
    ...ENVELOPE,
    line('DATA'),
    'a\n.\nb\r\n',
    'c\n.\r\nMAIL FROM:<smuggled@client.example>\r\n',
    '\r\n.\r\n',
    line('NOOP'),
    line('QUIT'),
  ],
  'bare ends of lines': ['', 'EHLO client.example\n', 'NOOP\n', 'NOOP\r', '\n', 'NOOP\r\r\n', 'QUIT\n'],
  chunks: [
    ...HELLO,
    ...ENVELOPE,
    'BDAT 5\r\nhello',
    'BDAT 7 LAST\r\nworld\r\n',
    ...ENVELOPE,
    'BDAT\r\n',
    'BDAT x\r\n',
    'BDAT 3 FIRST\r\nabc',
    'BDAT 0 LAST\r\n',
    line('RSET'),
    line('QUIT'),
  ],
  'chunks without an envelope': [...HELLO, 'BDAT 5\r\nhello', 'BDAT 0 LAST\r\n', line('NOOP'), line('QUIT')],
  verify: [
    ...HELLO,
    ...lines(`VRFY root
      VRFY ${USER}@${DOMAIN}
      VRFY nobody-here
      VRFY x@elsewhere.example
      VRFY
      EXPN root
      EXPN staff
      HELP
      HELP MAIL
      QUIT`),
  ],
  'other commands': [
    ...HELLO,
    ...lines(`ETRN ${DOMAIN}
      ETRN
      TURN
      SEND FROM:<a@client.example>
      SAML FROM:<a@client.example>
      XCLIENT NAME=x
      XFORWARD NAME=x
      FOO
      FOO bar
      QUIT`),
  ],
  'empty lines and odd bytes': [
    ...HELLO,
    '\r\n',
    ' \r\n',
    ' NOOP\r\n',
    'NOOP \r\n',
    'N\xd6OP\r\n',
    'NOOP\0x\r\n',
    line('QUIT'),
  ],
  'authentication, a step at a time': [
    ...HELLO,
    line('AUTH'),
    line('AUTH FOO'),
    line('AUTH LOGIN'),
    line(base64('admin')),
    line(base64('wrong')),
    line('AUTH LOGIN'),
    line('*'),
    line('AUTH PLAIN'),
    line(base64('\0admin\0wrong')),
    line('AUTH PLAIN'),
    line('not base64!'),
    line('QUIT'),
  ],
  'authentication at once': [
    ...HELLO,
    line(`AUTH PLAIN ${base64('\0admin\0wrong')}`),
    line(`AUTH PLAIN ${base64('no zeros')}`),
    line(`AUTH LOGIN ${base64('admin')}`),
    line(base64('secret')),
    line('AUTH PLAIN ='),
    line('AUTH PLAIN not-base64!'),
    line('QUIT'),
  ],
  'authentication that is right': [
    ...HELLO,
    line(`AUTH PLAIN ${base64(`\0${USER}\0${PASSWORD}`)}`),
    line(`AUTH PLAIN ${base64(`\0${USER}\0${PASSWORD}`)}`),
    line('MAIL FROM:<a@client.example>'),
    line(`AUTH LOGIN`),
    line('RCPT TO:<x@elsewhere.example>'),
    line('RSET'),
    line('QUIT'),
  ],
  'authentication by LOGIN that is right': [
    ...HELLO,
    line('AUTH LOGIN'),
    line(base64(USER)),
    line(base64(PASSWORD)),
    line('EHLO client.example'),
    line('QUIT'),
  ],
  'authentication within a transaction': [
    ...HELLO,
    line('MAIL FROM:<a@client.example>'),
    line('AUTH LOGIN'),
    line('QUIT'),
  ],
  'authentication without EHLO': ['', line('HELO client.example'), line('AUTH LOGIN'), line('*'), line('QUIT')],
  'a request for TLS': [...HELLO, line('STARTTLS x'), line('STARTTLS')],
  'a web browser': ['', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', line('QUIT')],
  'a web browser that posts': ['', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd', line('QUIT')],
  'mistakes without end': [...HELLO, ...Array.from({ length: 22 }, (_, i) => line(`NONSENSE${i}`))],
  'a long command': [
    ...HELLO,
    `NOOP ${'x'.repeat(600)}\r\n`,
    `NOOP ${'x'.repeat(2100)}\r\n`,
    line('NOOP'),
    line('QUIT'),
  ],
  'a long argument': [...HELLO, `MAIL FROM:<${'x'.repeat(300)}@client.example>\r\n`, line('RSET'), line('QUIT')],
  'shell commands in addresses': [
    ...HELLO,
    line('MAIL FROM:<;sleep 66;>'),
    line('RSET'),
    line('MAIL FROM:<() { :; }; /bin/ping@client.example>'),
    line('RSET'),
    line('MAIL FROM:<a@client.example>'),
    line(`RCPT TO:<\${run{\\x2Fbin\\x2Fsh\\t-c\\t\\x22id\\x22}}@localhost>`),
    line(`RCPT TO:<root+\${run{\\x2Fbin\\x2Fid}}@${HOST}>`),
    line('RCPT TO:<|/bin/sh@localhost>'),
    line('QUIT'),
  ],
}
