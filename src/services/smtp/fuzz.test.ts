import { describe, test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import smtp from './index.ts'
import { products } from './options.ts'

const words =
  `EHLO HELO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY EXPN HELP ETRN AUTH PLAIN LOGIN CRAM-MD5 NTLM STARTTLS FROM: TO: <a@b.example>
  <> <@a,@b:c@d.example> "a\\"b"@c SIZE=99999999999999999999 SIZE= BODY=8BITMIME SMTPUTF8 NOTIFY=NEVER LAST 0 4294967296 999999999999999
  TlRMTVNTUAADAAAA TlRMTVNTUAABAAAA = * AAAA () { :; }; \${run{id}} Content-Type:multipart/mixed;boundary=b --b --b-- constructor __proto__`.split(
    /\s+/,
  )
words.push('\r\n.\r\n', '\n.\n', '\r\n', '\n', '\r', '.', '..', '\0', '\xff\xfe', 'x'.repeat(3000), '\r\n\r\n')

describe('mutated conversations end in a named way', () => {
  for (const product of products)
    test(product, { timeout: 600_000 }, () =>
      fuzzConversations(smtp, {
        folder: import.meta.dirname,
        words,
        conversations: 5_000,
        how: { options: { product, access: { rules: ['test:test123'] } } },
      }),
    )
})
