import { fill } from '#services/nntp/spool.ts'
import { testPersona } from '#services/testing/persona.ts'
import type { Script } from '../kit/dialogue.ts'

/** What readers, posters and attackers' tools say to nnrpd. */

export const USER = 'haruto'
export const PASSWORD = 'hayase2019'

const lines = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map(each => `${each.trim()}\r\n`)
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')
const [ID] = [...fill(testPersona).byId.keys()]
const article = (...head: string[]) => `${head.join('\r\n')}\r\n\r\nBody\r\n..dot\r\n.\r\n`

export const dialogues: Script = {
  greeting: [
    '',
    ...lines(
      'CAPABILITIES\n CAPABILITIES x\n CAPABILITIES AUTOUPDATE\n MODE READER\n MODE STREAM\n MODE\n MODE x\n HELP\n DATE\n QUIT',
    ),
  ],
  lists: [
    '',
    ...lines(`LIST
      LIST ACTIVE
      LIST ACTIVE local.*
      LIST ACTIVE nothing
      LIST ACTIVE.TIMES
      LIST NEWSGROUPS
      LIST NEWSGROUPS *.test
      LIST COUNTS
      LIST OVERVIEW.FMT
      LIST HEADERS
      LIST HEADERS MSGID
      LIST MOTD
      LIST SUBSCRIPTIONS
      LIST DISTRIB.PATS
      LIST DISTRIBUTIONS
      LIST MODERATORS
      LIST NONSENSE
      LIST EXTENSIONS
      LIST ACTIVE a b
      NEWGROUPS 20200101 000000
      NEWGROUPS 20200101 000000 GMT
      NEWGROUPS 20990101 000000 GMT
      NEWGROUPS x y
      NEWGROUPS
      NEWNEWS local.* 20200101 000000 GMT
      NEWNEWS nothing 20200101 000000
      NEWNEWS
      QUIT`),
  ],
  reading: [
    '',
    ...lines(`ARTICLE
      STAT
      NEXT
      LAST
      GROUP
      GROUP nothing
      GROUP local.general
      ARTICLE
      ARTICLE 1
      HEAD 2
      BODY 3
      STAT 2
      NEXT
      NEXT
      LAST
      LAST
      LAST
      ARTICLE 99
      ARTICLE 0
      ARTICLE x
      ARTICLE ${ID}
      HEAD ${ID}
      STAT ${ID}
      STAT <nothing@nowhere>
      STAT nonsense
      LISTGROUP
      LISTGROUP local.general
      LISTGROUP local.general 2-
      LISTGROUP local.general 2-2
      LISTGROUP nothing
      OVER
      OVER 1-
      OVER 2
      OVER 99
      OVER x
      OVER ${ID}
      XOVER 1-2
      XOVER
      HDR Subject 1-3
      HDR From
      HDR :bytes 1
      HDR Nonsense 1
      HDR
      XHDR Subject 1-
      XHDR Message-ID ${ID}
      XPAT Subject 1- *Backup*
      XPAT Subject 1- nothing
      GROUP local.test
      OVER
      QUIT`),
  ],
  'no group yet': [
    '',
    ...lines('OVER\n XOVER 1\n HDR Subject\n XHDR Subject 1\n LISTGROUP\n XPAT Subject 1 x\n HEAD 1\n QUIT'),
  ],
  'logging in': [
    '',
    ...lines(`AUTHINFO
      AUTHINFO USER
      AUTHINFO PASS x
      AUTHINFO USER admin
      AUTHINFO PASS wrong
      AUTHINFO PASS again
      AUTHINFO USER admin extra
      AUTHINFO NONSENSE x
      AUTHINFO USER ${USER}
      CAPABILITIES
      AUTHINFO PASS ${PASSWORD}
      AUTHINFO USER other
      CAPABILITIES
      QUIT`),
  ],
  SASL: [
    '',
    'AUTHINFO SASL\r\n',
    'AUTHINFO SASL PLAIN\r\n',
    '*\r\n',
    `AUTHINFO SASL PLAIN ${base64('\0admin\0wrong')}\r\n`,
    'AUTHINFO SASL PLAIN not*base64\r\n',
    'AUTHINFO SASL NONSENSE\r\n',
    'AUTHINFO SASL LOGIN\r\n',
    `${base64('admin')}\r\n`,
    `${base64('wrong')}\r\n`,
    'AUTHINFO SASL CRAM-MD5\r\n',
    `${base64('admin 0123456789abcdef0123456789abcdef')}\r\n`,
    'AUTHINFO SASL EXTERNAL =\r\n',
    'QUIT\r\n',
  ],
  posting: [
    '',
    'POST\r\n',
    article('From: spammer <spam@offers.example>', 'Newsgroups: local.test', 'Subject: Cheap pills'),
    'POST\r\n',
    article('Newsgroups: local.test', 'Subject: x'),
    'POST\r\n',
    article('From: a@b.example', 'Newsgroups: local.test'),
    'POST\r\n',
    article('From: a@b.example', 'Subject: x'),
    'POST\r\n',
    article('From: a@b.example', 'Newsgroups: no.such.group', 'Subject: x'),
    'POST\r\n',
    article('From: nonsense', 'Newsgroups: local.test', 'Subject: x'),
    'POST\r\n',
    article('From: a@b.example', 'Newsgroups: local.test', 'Subject: x', 'nonsense'),
    'POST\r\n',
    '.\r\n',
    'POST\r\n',
    'From: a@b.example\r\nNewsgroups: local.test\r\nSubject: x\r\n.\r\n',
    'POST\r\n',
    'From: a@b.example\r\nNewsgroups: local.test\r\nSubject: x\r\n\r\n.\r\n',
    'POST\r\n',
    article('From: a@b.example', 'Newsgroups: local.test', 'Subject: x', 'Message-ID: nonsense'),
    'POST\r\n',
    article('From: a@b.example', 'Newsgroups: local.test', 'Subject: x', 'Date: nonsense'),
    'POST\r\n',
    article('From: a@b.example', 'Newsgroups: local.test', 'Subject: x', 'Subject: y'),
    'POST\r\n',
    article('From: a@b.example', 'Newsgroups: local.test', 'Subject: x', 'Approved: me@b.example'),
    'POST x\r\n',
    'IHAVE <x@y.example>\r\n',
    'IHAVE\r\n',
    'CHECK <x@y.example>\r\n',
    'TAKETHIS <x@y.example>\r\n',
    'QUIT\r\n',
  ],
  'what is no command': [
    '',
    ...lines(
      'NONSENSE\n\n GROUP a b\n quit x\n SLAVE\n XGTITLE local.*\n XPATH <x@y>\n XINDEX\n HELP x\n DATE x\n group local.general\n STARTTLS x\n COMPRESS DEFLAT\n COMPRESS\n QUIT',
    ),
  ],
  'a long line': ['', `GROUP ${'x'.repeat(600)}\r\n`, 'DATE\r\n', 'QUIT\r\n'],
  'a very long line': ['', `GROUP ${'x'.repeat(4000)}\r\n`, 'QUIT\r\n'],
  'bare ends of lines': ['', 'MODE READER\nGROUP local.test\n', 'QUIT\n'],
  'a web browser': ['', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'QUIT\r\n'],
  'a request for TLS': ['', 'STARTTLS\r\n'],
}
