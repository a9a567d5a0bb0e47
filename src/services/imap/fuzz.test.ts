import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import imap from './index.ts'

const words =
  `LOGIN AUTHENTICATE SELECT EXAMINE FETCH STORE SEARCH COPY MOVE UID APPEND LIST LSUB STATUS CREATE DELETE RENAME EXPUNGE IDLE DONE ID ENABLE
  NAMESPACE CLOSE UNSELECT STARTTLS INBOX 1:* * 0 1,2,3 4294967295 99999999999 BODY[] BODY.PEEK[1.2.HEADER] BODY[HEADER.FIELDS (A)] BODY[TEXT]<0.99>
  ENVELOPE BODYSTRUCTURE FLAGS +FLAGS -FLAGS.SILENT (\\Seen \\Deleted \\Foo NOT OR HEADER TEXT SINCE 1-Jan-2026 LARGER KEYWORD CHARSET RETURN
  SORT (REVERSE DATE) THREAD REFERENCES REFS UTF-8 MODSEQ CHANGEDSINCE UNCHANGEDSINCE QRESYNC CONDSTORE VANISHED CATENATE URL PARTIAL SAVE $ PREVIEW BINARY[1]
  {0} {5+} {99999999} {4294967296+} (((((((((( )))) "\\ "a "" NIL x.y.z ..  constructor __proto__`.split(/\s+/)
words.push(
  '\r\n',
  '\n',
  ' ',
  '\0',
  '\xff',
  'x'.repeat(17_000),
  'a LOGIN haruto hayase2019\r\nb SELECT INBOX\r\n',
  '('.repeat(500),
)
words.push('a APPEND INBOX {60+}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n--b--\r\n')

test('mutated conversations end in a named way', { timeout: 900_000 }, () =>
  fuzzConversations(imap, { folder: import.meta.dirname, words }),
)
