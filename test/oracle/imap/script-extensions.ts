import type { Script } from '../kit/dialogue.ts'
import { lines, SELECTED, signedIn } from './script.ts'

/** What mail clients and those who search a mailbox ask beyond RFC 3501: everything that Dovecot's list of capabilities promises. */
export const extensions: Script = {
  sorting: [
    ...SELECTED,
    ...lines(`SORT (DATE) UTF-8 ALL
      SORT (REVERSE DATE) UTF-8 ALL
      SORT (ARRIVAL) US-ASCII 1:5
      SORT (REVERSE ARRIVAL) US-ASCII UNSEEN
      SORT (SUBJECT) UTF-8 ALL
      SORT (SUBJECT REVERSE DATE) UTF-8 ALL
      SORT (REVERSE SIZE) UTF-8 ALL
      SORT (FROM) UTF-8 ALL
      SORT (REVERSE FROM ARRIVAL) UTF-8 ALL
      SORT (TO) UTF-8 ALL
      SORT (CC) UTF-8 1:3
      SORT (DISPLAYFROM) UTF-8 ALL
      SORT (DISPLAYTO) UTF-8 ALL
      SORT (RELEVANCY) UTF-8 ALL
      UID SORT (REVERSE DATE) UTF-8 SUBJECT cron
      UID SORT RETURN (MIN MAX COUNT) (DATE) UTF-8 ALL
      SORT RETURN (ALL) (REVERSE DATE) UTF-8 ALL
      SORT RETURN () (REVERSE DATE) UTF-8 1:3
      SORT (DATE) UTF-8 KEYWORD nope
      SORT (FOO) UTF-8 ALL
      SORT () UTF-8 ALL
      SORT (REVERSE) UTF-8 ALL
      SORT DATE UTF-8 ALL
      SORT (DATE) FOO ALL
      SORT (DATE) UTF-8
      SORT (DATE)
      SORT
      SORT (DATE) UTF-8 FOO
      LOGOUT`),
  ],
  threading: [
    ...SELECTED,
    ...lines(`THREAD REFERENCES UTF-8 ALL
      THREAD REFS UTF-8 ALL
      THREAD ORDEREDSUBJECT UTF-8 ALL
      UID THREAD REFERENCES UTF-8 ALL
      UID THREAD ORDEREDSUBJECT UTF-8 SUBJECT cron
      THREAD references US-ASCII UNSEEN
      THREAD REFERENCES UTF-8 KEYWORD nope
      THREAD FOO UTF-8 ALL
      THREAD REFERENCES FOO ALL
      THREAD REFERENCES UTF-8
      THREAD REFERENCES
      THREAD
      LOGOUT`),
  ],
  'threads of answers': [
    ...SELECTED,
    ...[
      'Date: Mon, 5 Jan 2026 10:00:00 +0000\r\nMessage-ID: <one@mail.example>\r\nSubject: plan',
      'Date: Mon, 5 Jan 2026 11:00:00 +0000\r\nMessage-ID: <two@mail.example>\r\nIn-Reply-To: <one@mail.example>\r\nSubject: Re: plan',
      'Date: Mon, 5 Jan 2026 12:00:00 +0000\r\nMessage-ID: <three@mail.example>\r\nReferences: <one@mail.example> <two@mail.example>\r\nSubject: Re: plan',
      'Date: Mon, 5 Jan 2026 13:00:00 +0000\r\nMessage-ID: <four@mail.example>\r\nReferences: <one@mail.example>\r\nSubject: Re: [list] plan (fwd)',
      'Date: Mon, 5 Jan 2026 14:00:00 +0000\r\nMessage-ID: <five@mail.example>\r\nReferences: <gone@mail.example>\r\nSubject: other',
    ].map((header, i) => {
      const letter = `From: Mika <mika@mail.example>\r\nTo: haruto\r\n${header}\r\n\r\ntext\r\n`
      return `p${i} APPEND Drafts {${letter.length}+}\r\n${letter}\r\n`
    }),
    'p8 SELECT Drafts\r\n',
    ...lines(`THREAD REFERENCES UTF-8 ALL
      THREAD REFS UTF-8 ALL
      THREAD ORDEREDSUBJECT UTF-8 ALL
      SORT (SUBJECT) UTF-8 ALL
      SORT (REVERSE DATE) UTF-8 ALL
      THREAD REFERENCES UTF-8 2:5
      LOGOUT`),
  ],
  'searching further': [
    ...SELECTED,
    ...lines(`SEARCH OLDER 86400
      SEARCH YOUNGER 86400
      SEARCH YOUNGER 0
      SEARCH OLDER x
      SEARCH SENTSINCE 1-Jan-2026
      SEARCH SENTBEFORE 1-Dec-2025
      SEARCH SENTON 3-Jan-2026
      SEARCH SINCE yesterday
      SEARCH LARGER x
      SEARCH HEADER X-Cron-Env ""
      SEARCH HEADER Nope ""
      SEARCH FUZZY SUBJECT invoice
      SEARCH MODSEQ 1
      SEARCH RETURN (SAVE) UNSEEN
      SEARCH $
      FETCH $ FLAGS
      SEARCH RETURN (MIN SAVE) ALL
      FETCH $ UID
      SEARCH RETURN () UNSEEN
      SEARCH RETURN (COUNT) SUBJECT nope
      SEARCH RETURN (ALL) SUBJECT nope
      SEARCH RETURN (FOO) ALL
      SEARCH RETURN (PARTIAL 1:3) ALL
      UID SEARCH RETURN (MIN MAX ALL COUNT) UID 1:*
      SEARCH BODY bWF
      SEARCH TEXT "hosting"
      SEARCH OR FROM root
      SEARCH NOT
      SEARCH ()
      SEARCH 99
      SEARCH *
      SEARCH UID x
      SEARCH INTHREAD REFERENCES 1
      SEARCH SUBJECT "=?utf-8?Q?invoice?="
      SEARCH SUBJECT ""
      SEARCH UNDELETED UNSEEN
      SEARCH NEW
      SEARCH OLD
      SEARCH RECENT
      SEARCH X-GUID x
      LOGOUT`),
  ],
  'modification sequences': [
    ...signedIn,
    ...lines(`STATUS INBOX (HIGHESTMODSEQ)
      SELECT INBOX (CONDSTORE)
      FETCH 1 (MODSEQ)
      FETCH 1:2 (UID FLAGS MODSEQ)
      FETCH 1:* (FLAGS) (CHANGEDSINCE 1)
      STORE 1 +FLAGS (\\Flagged)
      FETCH 1 (MODSEQ)
      FETCH 1:* (FLAGS) (CHANGEDSINCE 1)
      UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1)
      STORE 1 (UNCHANGEDSINCE 1) +FLAGS (\\Answered)
      STORE 2 (UNCHANGEDSINCE 5) +FLAGS (\\Answered)
      STORE 3 +FLAGS.SILENT (\\Flagged)
      SEARCH MODSEQ 2
      SEARCH MODSEQ 99
      SEARCH RETURN (COUNT MAX) MODSEQ 2
      STATUS INBOX (MESSAGES HIGHESTMODSEQ)
      STORE 5 +FLAGS (\\Deleted)
      EXPUNGE
      SELECT INBOX
      LOGOUT`),
  ],
  'modification sequences, enabled late': [
    ...SELECTED,
    ...lines(`ENABLE CONDSTORE
      ENABLE CONDSTORE
      FETCH 1 FLAGS
      FETCH 1 MODSEQ
      STORE 1 +FLAGS (\\Flagged)
      SELECT Drafts
      EXAMINE INBOX
      LOGOUT`),
  ],
  'quick resynchronisation': [
    ...signedIn,
    ...lines(`SELECT INBOX (QRESYNC (1 1))
      ENABLE QRESYNC
      SELECT INBOX
      SELECT INBOX (QRESYNC (1 1))
      UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)
      UID STORE 87 +FLAGS (\\Deleted)
      EXPUNGE
      FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)
      LOGOUT`),
  ],
  'lists with more': [
    ...signedIn,
    ...lines(`LIST "" * RETURN (SPECIAL-USE)
      LIST "" "*" RETURN (SUBSCRIBED CHILDREN)
      LIST (SUBSCRIBED) "" *
      LIST (SUBSCRIBED) "" * RETURN (CHILDREN)
      LIST (SPECIAL-USE) "" *
      LIST "" (INBOX Sent)
      LIST "" INBOX RETURN (STATUS (MESSAGES UNSEEN))
      LIST "" * RETURN (STATUS (MESSAGES))
      LIST (REMOTE) "" *
      LIST (RECURSIVEMATCH SUBSCRIBED) "" *
      LIST (FOO) "" *
      LIST "" * RETURN (FOO)
      LIST "" *
      LIST INBOX *
      LIST "" inbox
      LIST "x" ""
      LSUB "" %
      LSUB "" ""
      STATUS INBOX (SIZE)
      STATUS Drafts (MESSAGES RECENT UIDNEXT UNSEEN HIGHESTMODSEQ SIZE)
      STATUS INBOX
      STATUS
      LIST
      LIST ""
      XLIST "" *
      LOGOUT`),
  ],
  'fetching further': [
    ...SELECTED,
    ...lines(`FETCH 12 BINARY.PEEK[1]
      FETCH 12 BINARY.PEEK[2]
      FETCH 12 BINARY.SIZE[2]
      FETCH 12 BINARY.PEEK[2]<0.10>
      FETCH 12 BINARY[1]
      FETCH 12 BINARY.PEEK[]
      FETCH 1 PREVIEW
      FETCH 1 (PREVIEW (LAZY))
      FETCH 12 (UID PREVIEW)
      FETCH 1 SAVEDATE
      FETCH 1 (UID X-SAVEDATE)
      FETCH 12 (BODY.PEEK[1.MIME] BODY.PEEK[2.HEADER])
      FETCH 12 BODY.PEEK[1.TEXT]
      FETCH 1 BODY.PEEK[1]
      FETCH 1 BODY.PEEK[2]
      FETCH 1 (BODY.PEEK[HEADER.FIELDS (Subject)] BODY.PEEK[TEXT]<0.20>)
      FETCH 1 BODY.PEEK[FOO]
      FETCH 1 BODY.PEEK[
      FETCH 1 ()
      FETCH 1 (FLAGS
      FETCH 2,4,6:7 UID
      FETCH 3:1 UID
      FETCH 1:99 UID
      UID FETCH 87,99,9999 (RFC822.SIZE)
      FETCH 1 BODY.PEEK[HEADER.FIELDS (Date From To)]
      FETCH 1 RFC822.PEEK
      FETCH 1 (ENVELOPE FLAGS ENVELOPE)
      FETCH 1 FLAGS UID
      FETCH 1 all
      FETCH 1 (ALL)
      LOGOUT`),
  ],
  'several messages at once': [
    ...SELECTED,
    'b1 APPEND Drafts {12+}\r\nSubject: a\r\n (\\Seen) {12+}\r\nSubject: b\r\n\r\n',
    'b2 STATUS Drafts (MESSAGES)\r\n',
    'b3 APPEND Drafts CATENATE (TEXT {12+}\r\nSubject: c\r\n)\r\n',
    'b4 APPEND Drafts CATENATE (URL "/INBOX/;UID=87/;SECTION=HEADER" TEXT {6+}\r\nbody\r\n)\r\n',
    'b5 STATUS Drafts (MESSAGES SIZE)\r\n',
    'b6 APPEND Drafts CATENATE (URL "/INBOX/;UID=9999")\r\n',
    'b7 APPEND Drafts {0+}\r\n\r\n',
    'b8 APPEND Drafts () {12+}\r\nSubject: d\r\n\r\n',
    'b9 APPEND Drafts "nonsense" {12+}\r\nSubject: d\r\n\r\n',
    'c1 APPEND Drafts (\\Foo) {12+}\r\nSubject: d\r\n\r\n',
    'c2 APPEND Drafts (work) ~{12+}\r\nSubject: d\r\n\r\n',
    'c3 SELECT Drafts\r\n',
    'c4 FETCH 1:* (FLAGS RFC822.SIZE)\r\n',
    'c5 LOGOUT\r\n',
  ],
  'what else there is': [
    ...SELECTED,
    ...lines(`NOTIFY NONE
      NOTIFY SET (selected (MessageNew MessageExpunge))
      NOTIFY
      CANCELUPDATE "x"
      GETQUOTAROOT INBOX
      GETQUOTA ""
      MYRIGHTS INBOX
      GETACL INBOX
      GETMETADATA "" /shared/comment
      COMPRESS DEFLATE
      URLFETCH "imap://x/INBOX"
      GENURLAUTH "imap://x/INBOX" INTERNAL
      UNAUTHENTICATE
      XAPPLEPUSHSERVICE
      IDLE x`),
    'DONE\r\n',
    ...lines(`NAMESPACE x
      CAPABILITY x
      UNSELECT x
      EXPUNGE x
      UID EXPUNGE
      UID COPY 87 Trash
      MOVE 1 nope
      MOVE 99 Trash
      UID MOVE 9999 Trash
      COPY 1:2 INBOX
      RENAME INBOX old
      SELECT INBOX
      RENAME Trash INBOX
      DELETE nope
      SUBSCRIBE nope
      UNSUBSCRIBE nope
      CREATE ""
      CREATE "a//b"
      CREATE ".x"
      CREATE "x."
      CREATE "a..b"
      CREATE "&JjoAbQBhAGkAbA-"
      CREATE "b&d"
      LOGOUT`),
  ],
}
