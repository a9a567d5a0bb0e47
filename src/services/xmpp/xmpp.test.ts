import assert from 'node:assert/strict'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { duplexPair } from 'node:stream'
import { describe, test } from 'node:test'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { written } from './element.ts'
import xmpp from './index.ts'
import { StreamReader } from './xml.ts'

const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>"
const read = (text: string, size = text.length) => {
  const reader = new StreamReader()
  const out: string[] = []
  for (let at = 0; at < text.length && out.at(-1) !== 'broken'; at += size)
    for (const event of reader.feed(Buffer.from(text.slice(at, at + size), 'latin1')))
      out.push(event.kind === 'stanza' ? written(event.element, 'jabber:client') : event.kind)
  return out
}

describe('what a stream says', () => {
  for (const [sent, heard] of [
    ['<a b=\'1\' c="2"/>', ["<a b='1' c='2'/>"]],
    ['<a>&lt;&amp;&#65;&#x42;&apos;</a>', ['<a>&lt;&amp;AB&apos;</a>']],
    ["<a b='x>y'>z</a >", ["<a b='x&gt;y'>z</a>"]],
    ['<a><![CDATA[<b>&c;]]></a>', ['<a>&lt;b&gt;&amp;c;</a>']],
    [
      "<x:a xmlns:x='urn:x' x:b='1'><c/></x:a>",
      ["<a xmlns='urn:x' xmlns:ns1='urn:x' ns1:b='1'><c xmlns='jabber:client'/></a>"],
    ],
    ['<a></a>\n <b/></stream:stream>', ['<a/>', '<b/>', 'close']],
    ["<a xml:lang='de'>\xc3\xa9</a>", ["<a xml:lang='de'>\xc3\xa9</a>"]],
    ['<a>\xff</a>', ['broken']],
    ['<a>\x01</a>', ['broken']],
    ['<a>&#0;</a>', ['broken']],
    ['<a>&lol;</a>', ['broken']],
    ['<a b=1/>', ['broken']],
    ["<a b='1'c='2'/>", ['broken']],
    ['<a></b>', ['broken']],
    ['<!DOCTYPE a>', ['broken']],
    ['<a><!--', ['broken']],
    ["<?xml version='1.0'?>", ['broken']],
    ['<a>'.repeat(300), ['broken']],
    [`<a>${'<b/>'.repeat(25_000)}`, ['broken']],
  ] as const)
    test(JSON.stringify(sent.slice(0, 60)), () => {
      assert.deepEqual(read(header + sent), ['open', ...heard])
      if (sent.length < 2000) assert.deepEqual(read(header + sent, 1), ['open', ...heard])
    })
})

/** A conversation in memory; `say` resolves with what came back. */
function talk(options: unknown) {
  const [client, server] = duplexPair()
  const { record, events } = listeningRecorder()
  const conn = new Conn(server, { ...defaultLimits, ...xmpp.limits })
  const session = xmpp.session!(conn, testContext(xmpp, record, { options })).catch(() => {})
  let heard = ''
  let enough = () => {}
  client.on('data', (bytes: Buffer) => {
    heard += bytes.toString('latin1')
    enough()
  })
  return {
    events,
    /** What comes back, up to the end of this element. */
    say: (words: string, end: string) =>
      new Promise<string>(resolve => {
        heard = ''
        enough = () => heard.endsWith(`</${end}>`) && resolve(heard)
        client.write(words, 'latin1')
      }),
    async end() {
      client.end()
      await session
      client.destroy()
    },
  }
}

describe('SCRAM', () => {
  const SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
  const options = { access: { rules: ['admin:letmein'], otherwise: 'refuse' } }

  /** RFC 5802 §3 for the client; the answer to the proof, and the signature that the server owes. */
  async function logIn(password: string, verdict: 'success' | 'failure') {
    const { say, events, end } = talk(options)
    await say(header, 'stream:features')
    const bare = 'n=admin,r=fyko+d2lbbFgONRv9qkxdawL'
    const first = Buffer.from(`n,,${bare}`).toString('base64')
    const asked = await say(`<auth ${SASL} mechanism='SCRAM-SHA-1'>${first}</auth>`, 'challenge')
    const challenge = Buffer.from(/>([^<]+)</.exec(asked)![1]!, 'base64').toString('latin1')
    const [, nonce, salt, rounds] = /^r=(.*),s=(.*),i=(\d+)$/.exec(challenge)!
    const salted = pbkdf2Sync(password, Buffer.from(salt!, 'base64'), Number(rounds), 20, 'sha1')
    const hmac = (key: Buffer, said: string) => createHmac('sha1', key).update(said).digest()
    const key = hmac(salted, 'Client Key')
    const exchange = `${bare},${challenge},c=biws,r=${nonce}`
    const stamp = hmac(createHash('sha1').update(key).digest(), exchange)
    const proof = Buffer.from(key.map((byte, i) => byte ^ stamp[i]!)).toString('base64')
    const final = Buffer.from(`c=biws,r=${nonce},p=${proof}`).toString('base64')
    const answer = await say(`<response ${SASL}>${final}</response>`, verdict)
    await end()
    const owed = hmac(hmac(salted, 'Server Key'), exchange).toString('base64')
    return { answer, owed, login: events.find(({ name }) => name === 'login')!.details as Record<string, string> }
  }

  test('lets in who proves a password that a rule names, and signs', async () => {
    const { answer, owed, login } = await logIn('letmein', 'success')
    assert.equal(answer, `<success ${SASL}>${Buffer.from(`v=${owed}`).toString('base64')}</success>`)
    assert.equal(login.password, 'letmein')
    assert.equal(login.outcome, 'success')
  })
  test('keeps of another what is needed to find its password', async () => {
    const { answer, login } = await logIn('Tr0ub4dor', 'failure')
    assert.match(answer, /<not-authorized\/>/)
    assert.equal(login.outcome, 'failure')
    const [, kind, rounds, salt, exchange, proof] = login.hash!.split('$')
    assert.equal(kind, 'scram-sha-1')
    const fits = (word: string) => {
      const salted = pbkdf2Sync(word, Buffer.from(salt!, 'base64'), Number(rounds), 20, 'sha1')
      const key = createHmac('sha1', salted).update('Client Key').digest()
      const stamp = createHmac('sha1', createHash('sha1').update(key).digest())
        .update(Buffer.from(exchange!, 'base64'))
        .digest()
      return Buffer.from(key.map((byte, i) => byte ^ stamp[i]!)).toString('base64') === proof
    }
    assert.deepEqual(['123456', 'Tr0ub4dor'].filter(fits), ['Tr0ub4dor'])
  })
})
