import { gzipSync } from 'node:zlib'
import type { Persona } from '#persona/persona.ts'
import { type Dir, type Entry, type File, makeTree, type Tree } from './tree.ts'

/** Somebody who may log in with a name and a password, and sees their home as `/`. */
export type Account = { name: string; uid: number; password: string }

/** Debian's `ftp` system user: owner of anonymous uploads. */
export const FTP_UID = 118
export const FTP_GID = 125

const weakNames = [
  'ftpuser',
  'upload',
  'backup',
  'web',
  'www',
  'admin',
  'test',
  'user',
  'data',
  'guest',
  'scan',
  'webmaster',
]
const weakPasswords = [
  '123456',
  'password',
  '12345678',
  'admin',
  '1234',
  '12345',
  'test',
  '123456789',
  'qwerty',
  '123123',
  '111111',
  'abc123',
  '1q2w3e4r',
  'changeme',
  'ftp',
  'ftp123',
  'admin123',
  'password1',
  '%user%',
  '%user%123',
  '%user%1234',
  '%user%@123',
]

/**
 * The few careless accounts of this machine. Like a real server's they are the same for everybody and each has one
 * password, so a guess is right or wrong for good, and nearly all are wrong.
 */
export function weakAccounts(persona: Persona): readonly Account[] {
  const known = drawn.get(persona) ?? drawAccounts(persona)
  drawn.set(persona, known)
  return known
}
const drawn = new WeakMap<Persona, readonly Account[]>()

function drawAccounts(persona: Persona): Account[] {
  const pick = persona.derive('ftp-accounts', 8)
  const first = pick[0]! % weakNames.length
  const names = [weakNames[first]!, weakNames[(first + 1 + (pick[1]! % (weakNames.length - 1))) % weakNames.length]!]
  const taken = Math.max(999, ...persona.users.map(user => user.uid).filter(uid => uid < 60_000))
  return names
    .filter(name => !persona.users.some(user => user.name === name))
    .map((name, i) => ({
      name,
      uid: taken + 1 + i,
      password: weakPasswords[pick[2 + i]! % weakPasswords.length]!.replace('%user%', name),
    }))
}

const HOUR = 3_600_000

/** Draws from the persona, always the same for the same label. */
function dice(persona: Persona, label: string) {
  return (n: string, below: number) => persona.derive(`ftp/${label}/${n}`, 4).readUInt32BE() % below
}

/** A moment after the installation, in office hours of the pretended place, whole seconds. */
function someTime(persona: Persona, roll: ReturnType<typeof dice>, name: string, now: number): number {
  const span = Math.max(1, Math.floor((now - persona.installedAt - 2 * HOUR) / (24 * HOUR)))
  const day = Math.floor((persona.installedAt + roll(`${name}/day`, span) * 24 * HOUR) / (24 * HOUR)) * 24 * HOUR
  const local = (9 * 3600 + roll(`${name}/second`, 9 * 3600)) * 1000 - persona.timezone.offset * 60_000
  return Math.min(Math.max(day + local, persona.installedAt), now - HOUR)
}

type Maker = {
  file(name: string, content: string | Buffer, mode?: number): [string, File]
  dir(name: string, children: [string, Entry][], mode?: number, uid?: number, gid?: number): [string, Dir]
}
function maker(persona: Persona, label: string, now: number, uid: number, gid: number): Maker {
  const roll = dice(persona, label)
  return {
    file(name, content, mode = 0o644) {
      const bytes = Buffer.from(content as string)
      return [name, { mode, uid, gid, mtime: someTime(persona, roll, name, now), size: bytes.length, bytes }]
    },
    dir(name, children, mode = 0o755, ownUid = uid, ownGid = gid) {
      const newest = Math.max(persona.installedAt, ...children.map(([, child]) => child.mtime))
      return [name, { mode, uid: ownUid, gid: ownGid, mtime: newest, entries: new Map(children) }]
    },
  }
}

/** What an anonymous visitor finds: a small mirror, and a place to leave files in. `now` is the first visit. */
export function anonymousTree(persona: Persona, now: number, welcome?: string): Tree {
  const roll = dice(persona, 'anonymous')
  const { file, dir } = maker(persona, 'anonymous', now, 0, 0)
  const [, root] = dir('', [
    ...(welcome === undefined ? [] : [file('welcome.msg', welcome)]),
    dir('incoming', [], 0o755, FTP_UID, FTP_GID),
    dir('pub', [
      file(
        'README',
        `Public files of ${persona.domain}.\nQuestions: webmaster@${persona.domain}\nPlease use /incoming for uploads.\n`,
      ),
      dir('drivers', [file('printer-setup.txt', printerNote(persona)), file('CHECKSUMS', checksums(persona))]),
      dir('docs', [
        file(`price-list-${2019 + roll('year', 5)}.csv`, priceList(roll)),
        file('opening-hours.txt', 'Mon-Fri 09:00-17:30\nSat    closed\n'),
      ]),
    ]),
  ])
  return makeTree(root)
}

/** An account's home: a web site, or the company's exchange folder. */
export function homeTree(persona: Persona, account: Account, now: number): Tree {
  const { file, dir } = maker(persona, account.name, now, account.uid, account.uid)
  const dump = gzipSync(sqlDump(persona, dice(persona, account.name)))
  const site = ['web', 'www', 'admin', 'webmaster', 'test'].includes(account.name)
  const [, root] = dir('', [
    ...(site
      ? [
          dir('backup', [file('site-db.sql.gz', dump)]),
          dir('public_html', [
            file('index.php', "<?php\nrequire __DIR__ . '/wp-blog-header.php';\n"),
            file('robots.txt', 'User-agent: *\nDisallow: /wp-admin/\n'),
            file('wp-config.php', wpConfig(persona), 0o640),
            dir('wp-content', [dir('uploads', []), dir('plugins', [])]),
          ]),
        ]
      : [
          dir('archive', [file('customers.sql.gz', dump), file('export.csv', priceList(dice(persona, account.name)))]),
          dir('inbox', []),
          file(
            'notes.txt',
            `Nightly export goes to ./archive, please do not delete.\n${persona.hostname} keeps 14 days.\n`,
          ),
        ]),
  ])
  return makeTree(root)
}

const secret = (persona: Persona, label: string) => persona.derive(`ftp/secret/${label}`, 9).toString('base64url')

function wpConfig(persona: Persona): string {
  return `<?php
define( 'DB_NAME', 'wp_${persona.hostname.replace(/\W/g, '_')}' );
define( 'DB_USER', 'wordpress' );
define( 'DB_PASSWORD', '${secret(persona, 'wordpress')}' );
define( 'DB_HOST', 'localhost' );
define( 'DB_CHARSET', 'utf8mb4' );
$table_prefix = 'wp_';
if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}
require_once ABSPATH . 'wp-settings.php';
`
}

function sqlDump(persona: Persona, roll: ReturnType<typeof dice>): string {
  const rows = Array.from({ length: 40 + roll('rows', 80) }, (_, i) => {
    const mail = `customer${1000 + i}@example.com`
    return `INSERT INTO customers VALUES (${i + 1},'${mail}','${persona.derive(`ftp/row/${i}`, 16).toString('hex')}');`
  })
  return `-- MySQL dump 10.19  Distrib 10.11.6-MariaDB\n-- Host: localhost    Database: ${persona.hostname}\nCREATE TABLE customers (id int, mail varchar(255), pw char(32));\n${rows.join('\n')}\n`
}

function priceList(roll: ReturnType<typeof dice>): string {
  const rows = Array.from({ length: 30 + roll('items', 60) }, (_, i) => {
    const cents = 150 + roll(`price${i}`, 48_000)
    return `${10_000 + i * 7},${(cents / 100).toFixed(2)},${roll(`stock${i}`, 400)}`
  })
  return `article,price,stock\n${rows.join('\n')}\n`
}

const printerNote = (persona: Persona) =>
  `Queue names\n  office  ipp://print.${persona.domain}:631/printers/office\n  labels  ipp://print.${persona.domain}:631/printers/labels\n`

const checksums = (persona: Persona) =>
  ['setup-x64.exe', 'setup-x86.exe', 'manual.pdf']
    .map(name => `${persona.derive(name, 32).toString('hex')}  ${name}\n`)
    .join('')
