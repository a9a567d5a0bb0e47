import { placeOf } from '#machine/internet/addresses.ts'
import { originOf } from '#machine/internet/origin.ts'
import type { Internet } from '#machine/system.ts'
import { protocolOf } from '#payload/identify.ts'
import { drawFrom } from '#persona/draw.ts'
import type { Persona } from '#persona/persona.ts'

/** What the far end of a tunnel says to what it heard, and whether it hangs up then. */
export type Reply = { say?: Buffer | string; close?: true; seconds?: number }
/** A host that is not there: everything it does is made up here. */
export type FarEnd = {
  greeting?: string
  /** Hears what came, in pieces as they come. */
  hear(data: Buffer): Reply[]
}

export type Target = { host: string; port: number; persona: Persona; internet: Internet; now(): number; here: string }

/** Bytes of a request's head, or of a line, that are waited for. */
const mostHead = 16 << 10
const mailPorts = new Set([25, 587, 2525])

export function farEndOf(target: Target): FarEnd {
  const { host, port, persona } = target
  const draw = drawFrom(persona.derive('far end', 32), `${host}:${port}`)
  if (placeOf(host) === 'loopback' && port === 22)
    return { greeting: `${persona.software.ssh.identification}\r\n`, hear: () => [{ close: true }] }
  if (mailPorts.has(port)) return mailServer(host, draw.string('abcdefghijkmnpqrstuvwxyz', 2) + draw.between(1, 9))
  let heard: Buffer = Buffer.alloc(0)
  let kind: string | undefined
  const quirk = draw.below(3)
  return {
    hear(data) {
      if (kind === undefined || kind === 'http') {
        heard = heard.length + data.length > mostHead ? heard : Buffer.concat([heard, data])
        kind ??= protocolOf(heard, port)?.protocol
      }
      if (kind === 'http') {
        const replies: Reply[] = []
        for (let end = heard.indexOf('\r\n\r\n'); end >= 0; end = heard.indexOf('\r\n\r\n')) {
          replies.push(...answer(target, heard.toString('latin1', 0, end)))
          heard = heard.subarray(end + 4)
        }
        return replies
      }
      // Without the key of the name's certificate nobody can go on: as one who does not serve it.
      if (kind === 'tls')
        return quirk === 0
          ? [{ close: true, seconds: 0.05 }]
          : [{ say: Buffer.from([21, 3, 3, 0, 2, 2, quirk === 1 ? 40 : 112]), close: true, seconds: 0.03 }]
      heard = Buffer.alloc(0)
      return quirk === 0 ? [{ close: true, seconds: 1 }] : [{ close: true, seconds: 10 + 5 * quirk }]
    },
  }
}

/** One HTTP request through the tunnel, as the pretended internet answers it. */
function answer({ host, port, internet, now, here }: Target, head: string): Reply[] {
  const [line = '', ...fields] = head.split('\r\n')
  const [method = '', target = '/', version = 'HTTP/1.1'] = line.split(' ')
  const header = (name: string) =>
    fields
      .find(field => field.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim()
  const name = (header('host') ?? host).replace(/:\d+$/, '').toLowerCase()
  const path = /^https?:\/\/[^/]*(.*)$/i.exec(target)?.[1] || target
  const closes = version === 'HTTP/1.0' || /close/i.test(header('connection') ?? '')
  const asked = { method, host: name, port, path, headers: fields.map(pairOf), from: here }
  const { status, reason, headers: given, body, seconds } = originOf(internet, asked, now())
  const lines = [
    `HTTP/1.1 ${status} ${reason}`,
    ...given.map(([name, value]) => `${name}: ${value}`),
    `Connection: ${closes ? 'close' : 'keep-alive'}`,
  ]
  const say = Buffer.concat([
    Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'),
    method === 'HEAD' ? Buffer.alloc(0) : body,
  ])
  return [{ say, seconds: Math.min(seconds, 5), ...(closes ? { close: true as const } : {}) }]
}

const pairOf = (field: string): [name: string, value: string] => {
  const colon = field.indexOf(':')
  return colon < 0 ? [field, ''] : [field.slice(0, colon), field.slice(colon + 1).trim()]
}

/** Postfix as most of the world runs it, which relays for nobody (postconf(5), smtpd_relay_restrictions). */
function mailServer(host: string, label: string): FarEnd {
  const name = /[a-z]/i.test(host) ? host : `mail.${label}.example`
  let line = ''
  let sender: string | undefined
  let greeted = false
  const reply = (text: string): Reply => ({ say: `${text}\r\n`, seconds: 0.05 })
  const verb = (text: string): Reply => {
    const [, word = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(text) ?? []
    switch (word.toUpperCase()) {
      case 'HELO':
        greeted = rest !== ''
        return reply(rest === '' ? '501 Syntax: HELO hostname' : `250 ${name}`)
      case 'EHLO':
        greeted = rest !== ''
        return rest === ''
          ? reply('501 Syntax: EHLO hostname')
          : reply(
              `250-${name}\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-VRFY\r\n250-ETRN\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-DSN\r\n250 CHUNKING`,
            )
      case 'MAIL':
        if (!greeted) return reply('503 5.5.1 Error: send HELO/EHLO first')
        sender = rest
        return reply('250 2.1.0 Ok')
      case 'RCPT': {
        if (sender === undefined) return reply('503 5.5.1 Error: need MAIL command')
        const address = /<([^>]*)>/.exec(rest)?.[1] ?? rest.replace(/^to:\s*/i, '')
        return reply(`454 4.7.1 <${address.slice(0, 256)}>: Relay access denied`)
      }
      case 'DATA':
        return reply(
          sender === undefined ? '503 5.5.1 Error: need RCPT command' : '554 5.5.1 Error: no valid recipients',
        )
      case 'RSET':
        sender = undefined
        return reply('250 2.0.0 Ok')
      case 'NOOP':
        return reply('250 2.0.0 Ok')
      case 'VRFY':
        return reply('252 2.0.0 root')
      case 'AUTH':
        return reply('503 5.5.1 Error: authentication not enabled')
      case 'STARTTLS':
        return reply('502 5.5.1 Error: command not implemented')
      case 'QUIT':
        return { ...reply('221 2.0.0 Bye'), close: true }
      default:
        return reply('502 5.5.2 Error: command not recognized')
    }
  }
  return {
    greeting: `220 ${name} ESMTP Postfix (Debian/GNU)\r\n`,
    hear(data) {
      const replies: Reply[] = []
      line += data.toString('latin1')
      for (let end = line.indexOf('\n'); end >= 0 && replies.length < 100; end = line.indexOf('\n')) {
        replies.push(verb(line.slice(0, end).replace(/\r$/, '')))
        line = line.slice(end + 1)
      }
      // smtpd's line_length_limit cuts; what is no line at all is no mail.
      if (line.length > mostHead) line = ''
      return replies
    },
  }
}
