import { Malformed } from '#codec/malformed.ts'
import { text } from '#events/text.ts'
import type { Context, Withheld } from '#sensor/service.ts'
import type { Options } from './options.ts'
import { rootDse } from './root-dse.ts'
import { describeSearch, readSearch } from './search.ts'
import { messageOf, Reader } from './wire.ts'

/**
 * Connectionless LDAP (RFC 1798): a question for the root DSE whose answer is some fifty times as large, which is why
 * it comes with other people's addresses. Debian's slapd does not listen for it, so nothing is answered; what was asked for is counted.
 */
export function answer(packet: Buffer, cx: Context<Options>): Withheld | undefined {
  const { tag, content } = new Reader(packet).next()
  if (tag !== 0x30) throw new Malformed(`Tag ${tag} is no message`)
  const { op } = messageOf(content)
  if (op.tag !== 0x63) throw new Malformed(`Tag ${op.tag} is no search`)
  const line = describeSearch(readSearch(op.content))
  cx.record.command({ line: text(Buffer.from(line, 'latin1'), 1024), verb: 'CLDAP SEARCH' })
  return { withheld: size(cx) }
}

/** Bytes that the root DSE has with all its attributes. */
const size = ({ persona, options }: Context<Options>): number =>
  rootDse(persona, false, options.ntlm).attributes.reduce(
    (sum, { type, values }) => sum + type.length + 6 + values.reduce((all, value) => all + value.length + 2, 0),
    40,
  )
