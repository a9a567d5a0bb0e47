import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseLetter } from './mime.ts'

const letter = (...lines: string[]) => Buffer.from(lines.join('\r\n'))

test('fields and file names are told decoded', async () => {
  const found = await parseLetter(
    letter(
      'From: =?iso-8859-1?Q?Andr=E9?= <andre@client.example>',
      'Subject: =?utf-8?B?w7xiZXJmw6RsbGln?=',
      'Message-ID: <1@client.example>',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      '',
      'the text itself is no file',
      '--b',
      "Content-Type: application/zip; name*=utf-8''r%C3%A9sum%C3%A9.zip",
      'Content-Transfer-Encoding: base64',
      '',
      'UEsD',
      'BA==',
      '--b',
      'Content-Type: text/html',
      'Content-Disposition: attachment; filename="a b.html"',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      '<p>=C3=A9=',
      '</p>',
      '--b--',
    ),
  )
  assert.deepEqual(
    {
      ...found,
      attachments: found.attachments.map(({ content, ...rest }) => ({ ...rest, content: content.toString() })),
    },
    {
      from: 'André <andre@client.example>',
      subject: 'überfällig',
      messageId: '<1@client.example>',
      attachments: [
        { name: 'résumé.zip', type: 'application/zip', content: 'PK\x03\x04' },
        { name: 'a b.html', type: 'text/html', content: '<p>é</p>' },
      ],
    },
  )
})

test('lines may end in a line feed alone', async () => {
  const found = await parseLetter(Buffer.from('Subject: x\nContent-Type: application/pdf\n\n%PDF'))
  assert.equal(found.subject, 'x')
  assert.deepEqual(found.attachments, [{ type: 'application/pdf', content: Buffer.from('%PDF') }])
})

describe('four megabytes of anything are read without holding up the rest', () => {
  // Not a measurement: what this guards against takes half a minute.
  const big: Record<string, string> = {
    'a million lines': `Subject: x\r\n\r\n${'a\r\n'.repeat(1_300_000)}`,
    'a million parts': `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(400_000)}`,
    'a million fields': 'X: y\r\n'.repeat(650_000),
    'a million addresses': `From: ${'a@b.example, '.repeat(300_000)}\r\n\r\n`,
    'a million encoded words': `Subject: ${'=?utf-8?Q?a?= '.repeat(280_000)}\r\n\r\n`,
    'one line': 'x'.repeat(4_000_000),
    'quotes without end': `Content-Type: a/b; ${'x="\\'.repeat(800_000)}\r\n\r\n`,
  }
  for (const [name, text] of Object.entries(big))
    test(name, { timeout: 20_000 }, async () => {
      assert.ok((await parseLetter(Buffer.from(text))).attachments.length <= 32)
    })
})
