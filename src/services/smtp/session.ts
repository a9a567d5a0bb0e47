import type { Access } from '#access/access.ts'
import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Letter } from './letter.ts'
import type { Mechanism, Options, Product } from './options.ts'

/** What one source did here over all its connections. */
export type Attacker = { relayed: number }

/** One connection. Strings are Latin-1, a byte a character. */
export type Smtp = {
  conn: Conn
  cx: TcpContext<Options>
  product: Product
  attacker: Attacker
  access: Access
  mechanisms: readonly Mechanism[]
  /** 587 and 465: who hands over mail there has to log in. */
  submission: boolean
  /** What the client called itself, and how it said so. */
  hello?: { verb: 'HELO' | 'EHLO'; name: string } | undefined
  /** The user that logged in. */
  user?: string
  sender?: string | undefined
  recipients: string[]
  /** A recipient is not of this host. */
  foreign: boolean
  /** The message that BDAT brings in pieces. */
  letter?: Letter | undefined
  /** BDAT came where it may not: the rest of its chunks is passed over. */
  bdatFailed?: boolean
  /** Exim: why the last recipient was refused, and whether any command was understood. */
  refusal?: string | undefined
  spoken?: boolean
  /** Failures so far, as the product counts them. */
  errors: number
  /** Commands that do nothing, or were not known. */
  idle: number
}

/** One command line; `cut`: it was longer than the product takes. */
export type Command = { verb: string; arg: string; line: string; cut?: boolean }

/** What one product says and does. */
export type Dialect = {
  greeting(smtp: Smtp): string
  /** Answers one command; `false` ends the conversation. */
  answer(smtp: Smtp, command: Command): Promise<boolean>
  /** Said to silence, before the connection is closed. */
  timeout(smtp: Smtp): string
  /** Bytes of a command line that are looked at. */
  lineLimit: number
  /** Of AUTH, when nobody asked for others. */
  mechanisms: readonly Mechanism[]
}

/** What arrived as Latin-1, as text for an event. */
export const latin = (said: string, max?: number) => text(Buffer.from(said, 'latin1'), max)

/** The clock of the pretended machine. */
export const clock = ({ cx }: Smtp) => cx.now() + cx.persona.clockSkew

export const forgetMail = (smtp: Smtp) => {
  smtp.sender = undefined
  smtp.recipients = []
  smtp.foreign = false
  smtp.refusal = undefined
}

/** Goes over to TLS; what was said before is forgotten (RFC 3207 §4.2). */
export async function startTls(smtp: Smtp): Promise<void> {
  await smtp.cx.startTls()
  smtp.hello = undefined
  forgetMail(smtp)
}
