import type { Conn } from '#sensor/conn.ts'
import { Hangup } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import { exploitOf } from './exploits.ts'
import { accountsOf, latin } from './login.ts'
import type { Options } from './options.ts'
import { proftpd } from './proftpd.ts'
import type { Attacker, Dialect, Ftp } from './session.ts'
import { closeData } from './transfer.ts'
import { makeTree } from './tree.ts'
import { vsftpd } from './vsftpd.ts'
import { type Command, isTooLong, readCommand, skipLine } from './wire.ts'

const nothing = makeTree({ mode: 0o755, uid: 0, gid: 0, mtime: 0, entries: new Map() }, 0)

/** One control connection, from the greeting to its end. */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const dialect = cx.persona.software.ftp.product === 'vsFTPd' ? vsftpd : proftpd
  const ftp: Ftp = {
    conn,
    cx,
    attacker: cx.attacker<Attacker>(() => ({ trees: new Map(), failures: 0, ports: 0 })),
    accounts: accountsOf(cx.options, cx.persona),
    tree: nothing,
    cwd: '/',
    ascii: dialect.ascii,
    restart: 0,
    umask: dialect.umask,
    epsvOnly: false,
    bufferSizeSet: false,
    protect: false,
    failures: 0,
    transferred: 0,
    retrieved: 0,
  }
  try {
    await conn.write(dialect.greeting(ftp))
    for (;;) {
      const command = await nextCommand(ftp, dialect)
      if (!(await dialect.answer(ftp, command))) return
    }
  } catch (error) {
    if (isTooLong(error) && dialect.tooLong !== undefined) await conn.write(dialect.tooLong)
    else if (error instanceof Hangup && error.reason === 'idle') await conn.write(dialect.timeout(ftp))
    throw error
  } finally {
    closeData(ftp)
  }
}

async function nextCommand(ftp: Ftp, dialect: Dialect): Promise<Command> {
  const { conn, cx } = ftp
  for (;;) {
    try {
      const command = await readCommand(conn)
      note(cx, command)
      return command
    } catch (error) {
      if (!isTooLong(error) || dialect.tooLong !== undefined) throw error
      await skipLine(conn)
    }
  }
}

/** Every command is an event, but for a password, which its log-in event has. */
function note({ record }: Ftp['cx'], command: Command) {
  if (command.verb !== 'PASS' && command.line !== '')
    record.command({ line: latin(command.line), verb: latin(command.verb.slice(0, 64)) })
  const exploit = exploitOf(command)
  if (exploit) record.exploit({ ...exploit, evidence: latin(command.line.slice(0, 512)) })
}
