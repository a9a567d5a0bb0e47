import { accessOf } from '#access/access.ts'
import type { Conn } from '#sensor/conn.ts'
import { Hangup } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import { exchange } from './exchange.ts'
import { exim } from './exim.ts'
import { dropLetter } from './letter.ts'
import { opensmtpd } from './opensmtpd.ts'
import type { Options, Product } from './options.ts'
import { postfix } from './postfix.ts'
import { type Attacker, type Command, type Dialect, latin, type Smtp } from './session.ts'
import { readLine } from './wire.ts'

const dialects: Readonly<Record<Product, Dialect>> = {
  Postfix: postfix,
  Exim: exim,
  OpenSMTPD: opensmtpd,
  Exchange: exchange,
}

/** One connection, from the greeting to its end. */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const product = cx.options.product === 'persona' ? cx.persona.software.mail.product : cx.options.product
  const dialect = dialects[product]
  const smtp: Smtp = {
    conn,
    cx,
    product,
    attacker: cx.attacker<Attacker>(() => ({ relayed: 0 })),
    access: accessOf(cx, cx.options.access),
    mechanisms: cx.options.mechanisms ?? dialect.mechanisms,
    // 587, and 465, which begins in TLS: who hands over mail there has to log in.
    submission: cx.encrypted || cx.port === 587,
    recipients: [],
    foreign: false,
    errors: 0,
    idle: 0,
  }
  try {
    await conn.write(dialect.greeting(smtp))
    for (;;) {
      const { text, cut } = await readLine(conn, dialect.lineLimit)
      const command = { ...parseCommand(text), cut }
      note(smtp, command)
      if (!(await dialect.answer(smtp, command))) return
    }
  } catch (error) {
    if (error instanceof Hangup && error.reason === 'idle') await conn.write(dialect.timeout(smtp))
    throw error
  } finally {
    await dropLetter(smtp)
  }
}

/** The first word in capitals, and what follows it. */
function parseCommand(line: string): Command {
  const said = line.split('\0', 1)[0]!
  const end = /[ \t]/.exec(said.trimStart())
  const trimmed = said.trimStart()
  const verb = (end ? trimmed.slice(0, end.index) : trimmed).toUpperCase()
  return { verb, arg: end ? trimmed.slice(end.index + 1).trim() : '', line: said }
}

/** Every command is an event; what follows AUTH's mechanism is in its log-in's. */
function note({ cx }: Smtp, { verb, arg, line }: Command): void {
  if (line === '') return
  const shown = verb === 'AUTH' ? `${verb} ${arg.split(' ')[0] ?? ''}` : line
  cx.record.command({ line: latin(shown, 1024), verb: latin(verb.slice(0, 32)) })
}
