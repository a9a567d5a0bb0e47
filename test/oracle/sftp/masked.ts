import { Cursor } from '#codec/cursor.ts'

import { Type } from '#machine/commands/openssh/sftp/wire.ts'

/** Two machines' clocks at two times: what was touched during a conversation is not equal. */
const recently = 2 * 86_400

/**
 * Answers in words, with what must differ between two machines taken out: the present, sizes of folders, and the order in
 * which a folder gives its entries.
 */
export const masked = (output: Buffer, now: number): string[] => {
  const answers: string[] = []
  for (let at = 0; at + 4 <= output.length; ) {
    const length = output.readUInt32BE(at)
    answers.push(inWords(output.subarray(at + 4, at + 4 + length), now))
    at += 4 + length
  }
  return answers
}

const inWords = (body: Buffer, now: number): string => {
  const type = body[0]
  const from = new Cursor(body.subarray(1))
  if (type === Type.attrs) return `attrs ${from.u32be()} ${attributes(from, now)}`
  if (type === Type.name) {
    const id = from.u32be()
    const names = Array.from({ length: from.u32be() }, () => {
      const name = from.lp32().toString('latin1')
      const long = from.lp32().toString('latin1')
      const about = attributes(from, now)
      const clock = about.includes('now') ? long.replace(/ [A-Z][a-z]{2} [ \d]\d \d\d:\d\d /, ' NOW ') : long
      // A folder's size and number of links are its file system's affair.
      const shown = /^\d+ S /.test(about)
        ? clock.replace(/^(d\S+) +\d+ (.*?) +\d+ (NOW|[A-Z][a-z]{2} )/, '$1 N $2 S $3')
        : clock
      return `${name} | ${shown} | ${about}`
    })
    // Where they come from is above both.
    const entries = names.filter(name => !name.startsWith('.. '))
    return [`name ${id}`, ...(names.length > 50 ? [`${names.length} entries`] : entries.toSorted())].join('\n')
  }
  return body.toString('latin1')
}

const attributes = (from: Cursor, now: number): string => {
  const flags = from.u32be()
  if (flags === 0) return 'none'
  const size = from.u64be()
  const owner = `${from.u32be()}:${from.u32be()}`
  const mode = from.u32be()
  const times = [from.u32be(), from.u32be()].map(time => (Math.abs(time - now) < recently ? 'now' : String(time)))
  const isFolder = (mode & 0o170000) === 0o040000
  return `${flags} ${isFolder ? 'S' : size} ${owner} 0${mode.toString(8)} ${times.join(' ')}`
}
