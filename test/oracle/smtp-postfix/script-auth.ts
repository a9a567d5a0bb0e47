import type { Script } from '../kit/dialogue.ts'
import { DOMAIN, PASSWORD, USER } from './script.ts'

const line = (text: string) => `${text}\r\n`
const HELLO = ['', line('EHLO client.example')]
/** An NTLM NEGOTIATE_MESSAGE as curl sends it (MS-NLMP 2.2.1.1). */
const NEGOTIATE = 'TlRMTVNTUAABAAAABoIIAAAAAAAAAAAAAAAAAAAAAAA='

/** Where the administrator lets all of Cyrus SASL's usual mechanisms be offered. */
export const mechanisms: Script = {
  'all mechanisms': [...HELLO, line('AUTH CRAM-MD5'), line('*'), line('AUTH NTLM'), line('*'), line('QUIT')],
  'a challenge answered wrongly': [
    ...HELLO,
    line('AUTH CRAM-MD5'),
    line(Buffer.from('admin 0123456789abcdef0123456789abcdef').toString('base64')),
    line('AUTH CRAM-MD5 xyz'),
    line('AUTH CRAM-MD5'),
    line('no base64'),
    line('AUTH NTLM xyz'),
    line('QUIT'),
  ],
  'a challenge of NTLM': [...HELLO, line(`AUTH NTLM ${NEGOTIATE}`), line('*'), line('NOOP'), line('QUIT')],
}

/** CRAM-MD5 alone, which Exim has and Postfix gets from Cyrus SASL. */
export const challenges: Script = {
  'a challenge': [...HELLO, line('AUTH CRAM-MD5'), line('*'), line('QUIT')],
  'a challenge answered wrongly': mechanisms['a challenge answered wrongly']!,
}

/** Where mynetworks is the whole world. */
export const openRelay: Script = {
  'an open relay': [
    ...HELLO,
    line('MAIL FROM:<a@client.example>'),
    line('RCPT TO:<x@elsewhere.example>'),
    line(`RCPT TO:<x%elsewhere.example@${DOMAIN}>`),
    line('RCPT TO:<x@[192.0.2.9]>'),
    line('RCPT TO:<"x@elsewhere.example">'),
    line('DATA'),
    'Subject: relay\r\n\r\n.\r\n',
    line('QUIT'),
  ],
}

/** master.cf's submission: only who is authenticated may hand over mail. */
export const submission: Script = {
  submission: [
    ...HELLO,
    line('MAIL FROM:<a@client.example>'),
    line(`RCPT TO:<${USER}@${DOMAIN}>`),
    line('RCPT TO:<x@elsewhere.example>'),
    line('DATA'),
    line('RSET'),
    line('VRFY root'),
    line(`AUTH PLAIN ${Buffer.from(`\0${USER}\0${PASSWORD}`).toString('base64')}`),
    line('MAIL FROM:<a@client.example>'),
    line('RCPT TO:<x@elsewhere.example>'),
    line('DATA'),
    'Subject: submitted\r\n\r\nx\r\n.\r\n',
    line('QUIT'),
  ],
}
