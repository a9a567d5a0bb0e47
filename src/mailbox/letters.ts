import type { Persona } from '#persona/persona.ts'

/** A letter in a mailbox of this machine: when it came, and all of it, lines ended by CRLF. */
export type Letter = { at: number; raw: Buffer }

const day = 86_400_000

/** Who reads, whose machine, and which of its kind it is. */
type About = { persona: Persona; user: string; at: number; number: number; token: string }
/** A kind of letter: how often it comes, in days, and its text. */
type Series = { every: number; write: (about: About) => Written }
type Written = { from: string; subject: string; fields?: readonly string[]; body: string; to?: string }

const host = ({ fqdn }: Persona) => fqdn

/** What a machine and the people around it write to somebody with an account there. Names and domains are the persona's. */
const series: readonly Series[] = [
  {
    every: 7,
    write: ({ persona, user }) => ({
      from: `root@${host(persona)} (Cron Daemon)`,
      subject: `Cron <root@${persona.hostname}> test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.weekly )`,
      fields: [
        'MIME-Version: 1.0',
        'Content-Type: text/plain; charset=UTF-8',
        'Content-Transfer-Encoding: 8bit',
        'X-Cron-Env: <SHELL=/bin/sh>',
        `X-Cron-Env: <LOGNAME=${user === 'root' ? 'root' : user}>`,
      ],
      body: `/etc/cron.weekly/man-db:\n/usr/bin/mandb: warning: /usr/share/man/man8/start-stop-daemon.8.gz: whatis parse for start-stop-daemon(8) failed\n`,
    }),
  },
  {
    every: 11,
    write: ({ persona, at }) => ({
      from: `root <root@${host(persona)}>`,
      subject: `[package updates] ${persona.fqdn}`,
      fields: ['MIME-Version: 1.0', 'Content-Type: text/plain; charset="utf-8"', 'Content-Transfer-Encoding: 7bit'],
      body: `Unattended upgrade result: All upgrades installed\n\nPackages that were upgraded:\n openssl libssl3 openssh-server openssh-client\n\nUnattended-upgrades log:\n${shortDate(at)} INFO Checking if system needs reboot\n${shortDate(at)} INFO All upgrades installed\n`,
    }),
  },
  {
    every: 30,
    write: ({ persona, at, number, token }) => {
      const period = new Date(at).toISOString().slice(0, 7)
      const file = `INV-${period}-${String(number % 1000).padStart(3, '0')}.csv`
      const lines = `item;net;vat\nhosting ${persona.hostname};${18 + (number % 7)}.00;3.60\nbackup;6.50;1.30\n`
      return {
        from: `Accounts <accounts@${persona.domain}>`,
        subject: `Invoice ${period}`,
        fields: ['MIME-Version: 1.0', `Content-Type: multipart/mixed; boundary="=_${token.slice(0, 24)}"`],
        body: `--=_${token.slice(0, 24)}\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n\nHello,\n\nplease find the invoice for ${period} attached. It is due within 14 days.\n\nAccounts\n\n--=_${token.slice(0, 24)}\nContent-Type: text/csv; name="${file}"\nContent-Disposition: attachment; filename="${file}"\nContent-Transfer-Encoding: base64\n\n${wrapped(lines)}\n--=_${token.slice(0, 24)}--\n`,
      }
    },
  },
  {
    every: 47,
    write: ({ persona, user, token }) => ({
      from: `Intranet <noreply@${persona.domain}>`,
      subject: 'Reset your password',
      fields: ['MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', 'Auto-Submitted: auto-generated'],
      body: `Hello ${user},\n\nsomebody asked for a new password for your account at intranet.${persona.domain}.\nTo choose one, open this address within the next 24 hours:\n\n  https://intranet.${persona.domain}/account/reset?token=${token}\n\nIf it was not you, ignore this message.\n`,
    }),
  },
  {
    every: 19,
    write: ({ persona, user, number, token }) => {
      const colleague = persona.users.find(({ name, uid }) => uid >= 1000 && name !== user)?.name ?? 'office'
      const words = subjects[number % subjects.length]!
      return {
        from: `${colleague} <${colleague}@${persona.domain}>`,
        subject: words[0],
        fields: [
          'MIME-Version: 1.0',
          'Content-Type: text/plain; charset=utf-8; format=flowed',
          'Content-Language: en',
          'User-Agent: Mozilla Thunderbird',
        ],
        body: words[1]
          .replaceAll('HOST', persona.hostname)
          .replaceAll('DOMAIN', persona.domain)
          .replaceAll('SECRET', token.slice(0, 10)),
      }
    },
  },
]

const subjects: readonly (readonly [string, string])[] = [
  [
    'backup on the server',
    'Hi,\n\nthe nightly dump on HOST ran full again, I moved the old ones to /var/backups/old.\nCan you have a look at the retention?\n\nThanks\n',
  ],
  [
    'wiki login',
    'Hi,\n\nthe account for the wiki is ready:\n\n  https://wiki.DOMAIN/\n  password: SECRET\n\nPlease change it after the first login.\n',
  ],
  [
    'Re: maintenance on Sunday',
    'Fine with me. I will restart HOST at 06:00 and check the certificates afterwards.\n\n> Shall we do the upgrade on Sunday morning?\n',
  ],
  ['monitoring', 'Two alerts for HOST last night, both load average. Nothing to do for now.\n'],
]

const shortDate = (at: number) => new Date(at).toISOString().slice(0, 19).replace('T', ' ')
const wrapped = (text: string) =>
  Buffer.from(text)
    .toString('base64')
    .replace(/(.{76})/g, '$1\n')

/** `Thu, 15 Jan 2026 12:04:05 +0900`: a time in a zone that is `offset` minutes east (RFC 5322 §3.3). */
function mailDate(at: number, offset: number): string {
  const shown = new Date(at + offset * 60_000).toUTCString().replace(' GMT', '')
  const minutes = Math.abs(offset)
  const zone = `${String(Math.floor(minutes / 60)).padStart(2, '0')}${String(minutes % 60).padStart(2, '0')}`
  return `${shown} ${offset < 0 ? '-' : '+'}${zone}`
}

/** Letters kept of what came over the years: people clear up. */
const KEPT = 18

/**
 * The user's letters as of `now`, oldest first, and the number of all that ever came: the same at every visit, with new
 * ones as time goes by. `number` is a letter's place among all, from 1 (its UID).
 */
export function lettersOf(persona: Persona, user: string, now: number): { letter: Letter; number: number }[] {
  const start = persona.installedAt + day
  const times = series.flatMap((one, kind) => {
    const first = start + phase(persona, user, kind) * one.every * day
    const came = Math.max(0, Math.floor((now - first) / (one.every * day)) + 1)
    const from = Math.max(0, came - KEPT)
    return Array.from({ length: came - from }, (_, i) => ({
      kind,
      index: from + i,
      at: Math.floor(first + (from + i) * one.every * day),
    }))
  })
  times.sort((a, b) => a.at - b.at)
  const before = countBefore(persona, user, times[Math.max(0, times.length - KEPT)]?.at ?? now)
  return times.slice(-KEPT).map(({ kind, index, at }, i) => ({
    letter: { at: whole(at), raw: write(persona, user, kind, index, whole(at)) },
    number: before + i + 1,
  }))
}
const whole = (at: number) => Math.floor(at / 1000) * 1000

/** How many letters came before a moment, of all kinds. */
const countBefore = (persona: Persona, user: string, at: number) =>
  series.reduce((sum, { every }, kind) => {
    const first = persona.installedAt + day + phase(persona, user, kind) * every * day
    return sum + Math.max(0, Math.ceil((at - first) / (every * day)))
  }, 0)

/** Where in its period a series begins: 0 up to 1. */
const phase = (persona: Persona, user: string, kind: number) =>
  persona.derive(`letters ${user} ${kind}`, 4).readUInt32BE() / 2 ** 32

function write(persona: Persona, user: string, kind: number, index: number, at: number): Buffer {
  const token = persona.derive(`letter ${user} ${kind} ${index}`, 16).toString('hex')
  const { from, subject, fields = [], body } = series[kind]!.write({ persona, user, at, number: index, token })
  const to = `${user}@${persona.domain}`
  const date = mailDate(at, persona.timezone.offset)
  const sender = /<([^>]+)>/.exec(from)?.[1] ?? from.split(' ')[0]!
  const received = `Received: by ${host(persona)} (Postfix, from userid ${kind < 2 ? 0 : 33})\n\tid ${token.slice(0, 10).toUpperCase()}; ${date}`
  const id = `Message-Id: <${shortDate(at).replace(/\D/g, '')}.${token.slice(0, 10).toUpperCase()}@${host(persona)}>`
  const head = [
    `Return-Path: <${sender}>`,
    `X-Original-To: ${user}`,
    `Delivered-To: ${to}`,
    persona.software.mail.product === 'Postfix'
      ? received
      : received.replace('(Postfix, from userid', '(envelope-from <root>'),
    `From: ${from}`,
    `To: ${to}`,
    `Subject: ${subject}`,
    ...fields,
    id,
    `Date: ${date}`,
  ]
  return Buffer.from(`${head.join('\n')}\n\n${body}`.replaceAll('\n', '\r\n'), 'utf8')
}
