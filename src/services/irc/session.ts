import type { Conn } from '#sensor/conn.ts'
import { type Channel, type Cx, maskOf, type Network, type User } from './network.ts'
import type { Message } from './wire.ts'

/** One client's connection. */
export type Session = {
  conn: Conn
  cx: Cx
  network: Network
  /** Name of the server, as every line of it begins. */
  server: string
  version: string
  user: User
  registered: boolean
  /** What it has said of itself so far. */
  nick?: string
  said?: { user: string; name: string }
  password?: string
  /** Capabilities are negotiated: registration waits for their end. */
  negotiating: boolean
  capabilities: Set<string>
  /** Lines that go to this client with the answer. */
  out: string[]
  /** The last line, and no more. */
  over: boolean
}
export type Handler = (session: Session, message: Message) => void | Promise<void>

/** One numeric or named reply of the server's. */
export const reply = (session: Session, code: string, rest: string): void => {
  session.out.push(`:${session.server} ${code} ${session.nick ?? '*'} ${rest}`)
}
/** A numeric to a named thing: `:server 401 nick thing :words`. */
export const numeric = (session: Session, code: string, ...params: string[]): void => {
  const last = params.pop() ?? ''
  reply(session, code, [...params, `:${last}`].join(' '))
}
export const syntax = (session: Session, command: string): void => numeric(session, '461', command, 'Syntax error')

/** What somebody does, as one of those who see it hears it; not waited for where it is another connection. */
export function tell(session: Session, to: User, line: string): void {
  if (to === session.user) session.out.push(line)
  else if (to.conn && to.conn.over === undefined) void to.conn.write(`${line}\r\n`).catch(() => {})
}
/** All of a channel, or all but oneself. */
export function tellAll(session: Session, channel: Channel, line: string, others = false): void {
  for (const user of channel.members.keys()) if (!(others && user === session.user)) tell(session, user, line)
}
export const doing = ({ user }: Session, what: string): string => `:${maskOf(user)} ${what}`

/** The clock of the pretended machine: seconds since the epoch. */
export const clock = ({ cx }: Session): number => Math.floor((cx.now() + cx.persona.clockSkew) / 1000)

/** Says good-bye. */
export function end(session: Session, why: string): void {
  const { conn, registered } = session
  if (registered) {
    const kb = (bytes: number) => (bytes / 1024).toFixed(1)
    const told = `Connection statistics: client ${kb(conn.received)} kb, server ${kb(conn.sent)} kb.`
    reply(session, 'NOTICE', `:${told}`)
  }
  session.out.push(`ERROR :${why}`)
  session.over = true
}
