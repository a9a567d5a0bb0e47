import type { Script } from '../kit/dialogue.ts'
import { PASSWORD, USER } from '../pop3/script.ts'

/** Commands, one a line, each with a tag of its own. */
export const lines = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map((each, i) => `a${i + 1} ${each.trim()}\r\n`)
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')
export const signedIn = ['', `l LOGIN ${USER} ${PASSWORD}\r\n`]
export const SELECTED = [...signedIn, 's SELECT INBOX\r\n']

export const dialogues: Script = {
  'before log-in': [
    '',
    ...lines(`CAPABILITY
      NOOP
      ID NIL
      ID ("name" "curl")
      SELECT INBOX
      LIST "" *
      LOGOUT`),
  ],
  'incomplete log-ins': ['', ...lines('LOGIN\n LOGIN a\n LOGOUT')],
  'unknown before log-in': ['', ...lines('FOO\n UID FETCH 1 FLAGS\n NOOP x\n LOGOUT x')],
  'broken lines': ['', '\r\n', 'a\r\n', 'a3 LOGOUT\r\n'],
  'more broken lines': ['', '* NOOP\r\n', 'a+b NOOP\r\n', 'a3 LOGOUT\r\n'],
  'still more broken lines': ['', '  \r\n', 'a3 NOOP x\r\n', 'a4 LOGOUT x\r\n'],
  'wrong log-ins': [
    '',
    ...lines('LOGIN admin wrong\n LOGIN "admin" "wr\\"ong"\n LOGIN "admin wrong'),
    'b1 LOGIN {5}\r\n',
    'admin {5}\r\n',
    'wrong\r\n',
    'b2 LOGIN {5+}\r\nadmin {5+}\r\nwrong\r\n',
    'b3 LOGOUT\r\n',
  ],
  'passwords with brackets': [
    '',
    ...lines('LOGIN admin pa[ss\n LOGIN admin pa]ss\n LOGIN admin [x]y[\n LOGIN admin p{a\n LOGOUT'),
  ],
  'passwords with other signs': [
    '',
    ...lines('LOGIN admin pa\\ss\n LOGIN admin pa%*s\n LOGIN admin p(a)\n LOGIN admin pa"ss\n LOGOUT'),
  ],
  'quoted passwords with signs': [
    '',
    ...lines('LOGIN "admin" "pa"ss"\n LOGIN "admin" "pa\\ss"\n LOGIN "admin"x y\n LOGIN admin ""\n LOGOUT'),
  ],
  'passwords beyond ASCII': [
    '',
    ...lines('LOGIN admin p\xc3\xa4ss\n LOGIN admin "p\xc3\xa4ss"\n LOGIN "" ""\n LOGIN NIL NIL\n LOGOUT'),
  ],
  'passwords in lists': ['', ...lines('LOGIN (admin) x\n LOGIN admin x y\n LOGOUT')],
  'a log-in by literals': [
    '',
    `a LOGIN {${USER.length}}\r\n`,
    `${USER} {${PASSWORD.length}}\r\n`,
    `${PASSWORD}\r\n`,
    'b LOGOUT\r\n',
  ],
  'SASL, a step at a time': [
    '',
    'a1 AUTHENTICATE\r\n',
    'a2 AUTHENTICATE FOO\r\n',
    'a3 AUTHENTICATE PLAIN\r\n',
    `${base64('\0admin\0wrong')}\r\n`,
    'a4 AUTHENTICATE PLAIN\r\n',
    '*\r\n',
    'a5 AUTHENTICATE LOGIN\r\n',
    `${base64('admin')}\r\n`,
    `${base64('wrong')}\r\n`,
    'a6 AUTHENTICATE PLAIN\r\n',
    'not base64!\r\n',
    'a7 LOGOUT\r\n',
  ],
  'SASL at once': [
    '',
    `a1 AUTHENTICATE PLAIN ${base64('\0admin\0wrong')}\r\n`,
    'a2 AUTHENTICATE PLAIN =\r\n',
    `a3 AUTHENTICATE PLAIN ${base64(`\0${USER}\0${PASSWORD}`)}\r\n`,
    'a4 CAPABILITY\r\n',
    'a5 LOGOUT\r\n',
  ],
  folders: [
    ...signedIn,
    ...lines(`NAMESPACE
      LIST "" ""
      LIST "" *
      LIST "" %
      LSUB "" *
      LIST "" INBOX
      LIST "" nope
      STATUS INBOX (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)
      STATUS nope (MESSAGES)
      STATUS INBOX ()
      STATUS INBOX (FOO)
      CREATE work
      CREATE work
      CREATE INBOX
      LIST "" w*
      SUBSCRIBE work
      LSUB "" *
      UNSUBSCRIBE work
      RENAME work play
      RENAME nope other
      DELETE play
      DELETE play
      DELETE INBOX
      SELECT nope
      LOGOUT`),
  ],
  'folders in folders': [
    ...signedIn,
    ...lines(`CREATE a.b
      LIST "" *
      LIST "" %
      LIST "" a.%
      CREATE "with space"
      LIST "" *
      STATUS "with space" (MESSAGES UIDNEXT)
      DELETE a.b
      LIST "" *
      LOGOUT`),
  ],
  selecting: [
    ...signedIn,
    ...lines(`FETCH 1 FLAGS
      SELECT INBOX
      EXAMINE INBOX
      STORE 1 +FLAGS (\\Deleted)
      CLOSE
      CHECK
      SELECT "INBOX"
      SELECT inbox
      NOOP
      CHECK
      UNSELECT
      SELECT
      SELECT INBOX x
      ID ("name" "x")
      ENABLE CONDSTORE
      ENABLE UTF8=ACCEPT
      ENABLE
      STARTTLS
      LOGIN a b
      FOO
      UID
      UID FOO
      LOGOUT`),
  ],
  fetching: [
    ...SELECTED,
    ...lines(`FETCH 1 FLAGS
      FETCH 1:3 (FLAGS UID)
      FETCH 1 INTERNALDATE
      FETCH 1 RFC822.SIZE
      FETCH 1 ALL
      FETCH 1 FAST
      FETCH 1 FULL
      FETCH 12 ENVELOPE
      FETCH 12 BODY
      FETCH 12 BODYSTRUCTURE
      FETCH 1 BODYSTRUCTURE
      FETCH 12 BODY.PEEK[]
      FETCH 12 BODY.PEEK[1]
      FETCH 12 BODY.PEEK[2]
      FETCH 12 BODY.PEEK[2.MIME]
      FETCH 12 BODY.PEEK[3]
      FETCH 1 BODY.PEEK[HEADER]
      FETCH 1 BODY.PEEK[TEXT]
      FETCH 1:2 (UID BODY.PEEK[HEADER.FIELDS (DATE FROM SUBJECT)])
      FETCH 1 BODY.PEEK[HEADER.FIELDS.NOT (RECEIVED X-CRON-ENV)]
      FETCH 1 BODY.PEEK[]<0.40>
      FETCH 1 BODY.PEEK[TEXT]<10.20>
      FETCH 1 BODY.PEEK[]<5000.10>
      FETCH 17 BODY[TEXT]
      FETCH 18 RFC822
      FETCH 18 RFC822.HEADER
      FETCH 17 RFC822.TEXT
      FETCH * UID
      FETCH 18:* UID
      FETCH 99 FLAGS
      FETCH 0 FLAGS
      FETCH 1 FOO
      FETCH 1
      FETCH x FLAGS
      UID FETCH 90 FLAGS
      UID FETCH 1:* (FLAGS)
      UID FETCH 9999 FLAGS
      LOGOUT`),
  ],
  searching: [
    ...SELECTED,
    ...lines(`SEARCH ALL
      SEARCH UNSEEN
      SEARCH SEEN
      UID SEARCH ALL
      SEARCH SUBJECT invoice
      SEARCH FROM accounts
      SEARCH TO haruto
      SEARCH TEXT password
      SEARCH BODY password
      SEARCH HEADER Subject Cron
      SEARCH SINCE 1-Jan-2026
      SEARCH BEFORE 1-Dec-2025
      SEARCH ON 3-Jan-2026
      SEARCH LARGER 800
      SEARCH SMALLER 700
      SEARCH NOT SEEN
      SEARCH OR SUBJECT invoice SUBJECT wiki
      SEARCH 1:5 SUBJECT cron
      SEARCH UID 90:95
      SEARCH KEYWORD foo
      SEARCH (UNSEEN SUBJECT cron)
      SEARCH RETURN (MIN MAX COUNT) ALL
      SEARCH CHARSET UTF-8 SUBJECT invoice
      SEARCH CHARSET FOO SUBJECT invoice
      SEARCH FOO
      SEARCH
      SEARCH SUBJECT
      SEARCH DELETED
      LOGOUT`),
  ],
  changing: [
    ...SELECTED,
    ...lines(`STORE 1 +FLAGS (\\Deleted)
      STORE 2 FLAGS (\\Seen \\Flagged)
      STORE 3 -FLAGS (\\Seen)
      STORE 4 +FLAGS.SILENT (\\Answered)
      STORE 5 +FLAGS (work)
      STORE 6 +FLAGS (\\Recent)
      STORE 99 +FLAGS (\\Seen)
      STORE 1 FOO (\\Seen)
      FETCH 1:5 FLAGS
      EXPUNGE
      EXPUNGE
      STORE 1 +FLAGS \\Deleted
      UID EXPUNGE 87
      SEARCH ALL
      CREATE Archive
      COPY 1 Archive
      COPY 1 nope
      COPY 99 Archive
      STATUS Archive (MESSAGES UIDNEXT)
      MOVE 2 Archive
      UID MOVE 90 Archive
      STATUS Archive (MESSAGES UIDNEXT)
      UID STORE 91 +FLAGS (\\Deleted)
      CLOSE
      STATUS INBOX (MESSAGES)
      LOGOUT`),
  ],
  appending: [
    ...SELECTED,
    'b1 APPEND INBOX {25}\r\n',
    'Subject: left\r\n\r\nbehind\r\n\r\n',
    'b2 APPEND INBOX (\\Seen) "15-Jan-2026 03:04:05 +0000" {20+}\r\nSubject: x\r\n\r\nbody\r\n\r\n',
    'b3 APPEND nope {5}\r\n',
    'b4 FETCH 19:20 (FLAGS RFC822.SIZE)\r\n',
    'b5 APPEND INBOX\r\n',
    'b6 FETCH 20 (INTERNALDATE UID)\r\n',
    'b7 LOGOUT\r\n',
  ],
  waiting: [...SELECTED, 'a IDLE\r\n', 'DONE\r\n', 'b IDLE\r\n', 'c NOOP\r\n', 'd NOOP\r\n', 'e LOGOUT\r\n'],
  'a request for TLS': ['', 'a1 STARTTLS\r\n'],
  'mistakes without end': ['', ...Array.from({ length: 12 }, (_, i) => `a${i} NONSENSE\r\n`)],
  'mistakes without end, logged in': [...signedIn, ...Array.from({ length: 24 }, (_, i) => `a${i} NONSENSE\r\n`)],
  'a web browser': ['', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  pipelined: [
    '',
    `a LOGIN ${USER} ${PASSWORD}\r\nb SELECT INBOX\r\nc UID SEARCH UNSEEN\r\n`,
    'd UID FETCH 101:102 (UID RFC822.SIZE)\r\ne LOGOUT\r\n',
  ],
}

/** Where the administrator lets challenges be offered. */
export const challenges: Script = {
  'all mechanisms': [
    '',
    'a1 CAPABILITY\r\n',
    'a2 AUTHENTICATE CRAM-MD5\r\n',
    `${base64('admin 0123456789abcdef0123456789abcdef')}\r\n`,
    'a3 AUTHENTICATE CRAM-MD5\r\n',
    '*\r\n',
    'a4 AUTHENTICATE SCRAM-SHA-256\r\n',
    `${base64('n,,n=admin,r=rOprNGfwEbeRWgbNEkqO')}\r\n`,
    '*\r\n',
    'a5 LOGOUT\r\n',
  ],
}
