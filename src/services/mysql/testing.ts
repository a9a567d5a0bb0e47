import { can } from './handshake.ts'
import { type Cx, newSession, type Server, type Session } from './state.ts'

/** A session of a client that was let in, without a wire. */
export const testSession = (cx: Cx, server: Server): Session =>
  newSession(cx, server, 1, { user: 'root', flags: can.protocol41 | can.multiStatements, extended: 0, charset: 45 })
