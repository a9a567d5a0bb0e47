import { fetch } from './fetch.ts'
import { create, idOf, list, remove, rename, select, status, subscribe } from './folders.ts'
import { search } from './search.ts'
import { changes, folderOf, type Imap, latin, messagesOf, Refusal, selectedOf, startCounting } from './session.ts'
import { sort } from './sort.ts'
import { append, copy, expunge, store } from './store.ts'
import { thread } from './thread.ts'
import { textOf, type Word } from './wire.ts'

/** One command of a session: its words, whether UIDs are meant, and its tag. */
export type Asked = { words: Word[]; byUid: boolean; tag: string }
/** Says what stands before the tagged line, and gives that line's words. */
export type Command = (imap: Imap, asked: Asked) => Promise<string> | string

/** What a session offers after the log-in, as Dovecot 2.3.19 lists it. */
export const CAPABILITIES =
  'IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT SORT=DISPLAY THREAD=REFERENCES THREAD=REFS THREAD=ORDEREDSUBJECT MULTIAPPEND URL-PARTIAL CATENATE UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES WITHIN CONTEXT=SEARCH LIST-STATUS BINARY MOVE SNIPPET=FUZZY PREVIEW=FUZZY PREVIEW STATUS=SIZE SAVEDATE LITERAL+ NOTIFY SPECIAL-USE'

/** A command that says something and is then completed. */
const says =
  (done: string, work: (imap: Imap, asked: Asked) => string | undefined): Command =>
  async (imap, asked) => {
    const said = work(imap, asked)
    if (said) await imap.conn.write(said)
    return done
  }
const quietly = (done: string, work: (imap: Imap, words: Word[]) => void): Command =>
  says(done, (imap, { words }) => {
    work(imap, words)
    return undefined
  })

const refuses =
  (kind: 'NO' | 'BAD', words: string): Command =>
  () => {
    throw new Refusal(kind, words)
  }

const copying =
  (move: boolean): Command =>
  async (imap, { words, byUid }) => {
    const { code, said } = copy(imap, words, byUid, move)
    if (said) await imap.conn.write(said)
    if (code === '') return 'No messages found'
    return move ? 'Move completed' : `${code} Copy completed`
  }

const selecting =
  (readOnly: boolean): Command =>
  async (imap, { words }) => {
    await imap.conn.write(select(imap, words, readOnly))
    return readOnly ? '[READ-ONLY] Examine completed' : '[READ-WRITE] Select completed'
  }

const enable: Command = async (imap, { words }) => {
  const wanted = words.map(word => (textOf(word) ?? '').toUpperCase())
  if (!wanted.includes('CONDSTORE') && !wanted.includes('QRESYNC')) return 'Enabled'
  const highest = startCounting(imap)
  if (wanted.includes('QRESYNC')) imap.qresync = true
  await imap.conn.write(
    `${highest}* ENABLED ${wanted.filter(word => /^(CONDSTORE|QRESYNC)$/.test(word)).join(' ')}\r\n`,
  )
  return 'Enabled'
}

const idle: Command = async imap => {
  await imap.conn.write('+ idling\r\n')
  const line = (await imap.conn.readLine(16_384)).toString('latin1')
  if (!/^DONE$/i.test(line.trim())) throw new Refusal('BAD', 'Expected DONE')
  return 'Idle completed'
}

export const commands = new Map<string, Command>([
  ['CAPABILITY', says('Capability completed', () => `* CAPABILITY ${CAPABILITIES}\r\n`)],
  ['NOOP', says('NOOP completed', changes)],
  [
    'CHECK',
    says('Check completed', imap => {
      selectedOf(imap)
      return changes(imap)
    }),
  ],
  [
    'ID',
    says('ID completed', (imap, { words }) => {
      imap.cx.record.environment({ name: 'IMAP ID', value: latin(idOf(words)) })
      return '* ID ("name" "Dovecot")\r\n'
    }),
  ],
  ['NAMESPACE', says('Namespace completed', () => '* NAMESPACE (("" ".")) NIL NIL\r\n')],
  ['LIST', says('List completed', (imap, { words }) => list(imap, 'LIST', words))],
  ['LSUB', says('Lsub completed', (imap, { words }) => list(imap, 'LSUB', words))],
  ['XLIST', says('List completed', (imap, { words }) => list(imap, 'LIST', words))],
  [
    'STATUS',
    async (imap, { words }) => {
      await imap.conn.write(status(imap, words))
      const own = imap.selected !== undefined && folderOf(imap, textOf(words[0])!) === imap.selected.folder
      return `${own ? '[CLIENTBUG] Status on selected mailbox' : 'Status'} completed`
    },
  ],
  ['CREATE', quietly('Create completed', create)],
  ['DELETE', quietly('Delete completed', remove)],
  ['RENAME', quietly('Rename completed', rename)],
  ['SUBSCRIBE', quietly('Subscribe completed', (imap, words) => subscribe(imap, words, true))],
  ['UNSUBSCRIBE', quietly('Unsubscribe completed', (imap, words) => subscribe(imap, words, false))],
  ['SELECT', selecting(false)],
  ['EXAMINE', selecting(true)],
  [
    'CLOSE',
    quietly('Close completed', imap => {
      expunge(imap)
      imap.selected = undefined
    }),
  ],
  [
    'UNSELECT',
    quietly('Unselect completed', imap => {
      selectedOf(imap)
      imap.selected = undefined
    }),
  ],
  [
    'EXPUNGE',
    async (imap, { words, byUid }) => {
      if (byUid && words.length === 0) throw new Refusal('BAD', 'Missing arguments')
      const said = expunge(imap, byUid ? messagesOf(imap, textOf(words[0]) ?? '', true) : undefined)
      if (said) await imap.conn.write(said)
      const counted = said !== '' && imap.qresync
      return `${counted ? `[HIGHESTMODSEQ ${selectedOf(imap).folder.modseq}] ` : ''}Expunge completed`
    },
  ],
  ['SEARCH', says('Search completed', (imap, { words, byUid, tag }) => search(imap, words, byUid, tag))],
  ['SORT', says('Sort completed', (imap, { words, byUid, tag }) => sort(imap, words, byUid, tag))],
  ['THREAD', says('Thread completed', (imap, { words, byUid }) => thread(imap, words, byUid))],
  [
    'FETCH',
    async (imap, { words, byUid }) => {
      selectedOf(imap)
      for (const piece of fetch(imap, words, byUid)) await imap.conn.write(piece)
      return 'Fetch completed'
    },
  ],
  [
    'STORE',
    async (imap, { words, byUid }) => {
      const { said, done } = store(imap, words, byUid)
      if (said) await imap.conn.write(said)
      return done
    },
  ],
  ['COPY', copying(false)],
  ['MOVE', copying(true)],
  [
    'APPEND',
    async (imap, { words }) => {
      const code = await append(imap, words)
      const said = changes(imap)
      if (said) await imap.conn.write(said)
      return `${code} Append completed`
    },
  ],
  ['ENABLE', enable],
  // Nothing comes in by itself here, so there is never anything to notify of.
  [
    'NOTIFY',
    (_, { words }) => {
      if (!/^(?:NONE|SET)$/i.test(textOf(words[0]) ?? '')) throw new Refusal('BAD', 'Invalid arguments')
      return 'NOTIFY completed'
    },
  ],
  ['CANCELUPDATE', refuses('NO', 'Unknown tag')],
  // What Debian's configuration leaves off.
  ['GETMETADATA', refuses('NO', '[CANNOT] Generic mailbox attributes not enabled')],
  ['SETMETADATA', refuses('NO', '[CANNOT] Generic mailbox attributes not enabled')],
  ['GENURLAUTH', refuses('BAD', 'URLAUTH disabled')],
  ['RESETKEY', refuses('BAD', 'URLAUTH disabled')],
  ['URLFETCH', refuses('BAD', 'URLAUTH disabled')],
  ['IDLE', idle],
])

/** Commands that UID may stand before. */
export const withUid = new Set(['FETCH', 'STORE', 'SEARCH', 'SORT', 'THREAD', 'COPY', 'MOVE', 'EXPUNGE'])
