import type { Cursor } from '#codec/cursor.ts'
import type { Forwards } from './forwards.ts'
import { Message } from './messages.ts'
import type { Server } from './server.ts'
import type { Transport } from './transport.ts'
import { boolean, message, readEnd, readText, string, uint32 } from './wire.ts'

export type GlobalSetting = {
  transport: Transport
  server: Server
  sessionId: Buffer
  forwards: Forwards
  debug(text: string): void
  /** The client promised to open no more sessions. */
  forbidSessions(): void
}

/** OpenSSH's `hostkeys-00@openssh.com`: all keys that this host has, so that clients may learn the better ones. */
export function hostKeysOffer({ hostKeys }: Server): Buffer {
  const blobs = new Set([...hostKeys.values()].map(({ blob }) => blob))
  return message(Message.globalRequest, string('hostkeys-00@openssh.com'), boolean(false), ...[...blobs].map(string))
}

/** A GLOBAL_REQUEST (RFC 4254 §4), and what sshd answers (serverloop.c, server_input_global_request). */
export function answerGlobal(setting: GlobalSetting, body: Cursor): void {
  const { transport } = setting
  const type = readText(body).toString('latin1')
  const wantsReply = body.u8() !== 0
  const answer = replyTo(setting, type, body, wantsReply)
  if (!wantsReply) return
  transport.send(answer ? message(Message.requestSuccess, answer) : message(Message.requestFailure))
}

const nothing = Buffer.alloc(0)

/** The answer's data; `undefined` refuses. */
function replyTo(setting: GlobalSetting, type: string, body: Cursor, wantsReply: boolean): Buffer | undefined {
  const { forwards } = setting
  switch (type) {
    case 'tcpip-forward': {
      const [address, port] = [readText(body).toString('latin1'), body.u32be()]
      // Whoever does not ask cannot learn which port it became.
      if (port === 0 && !wantsReply) {
        setting.debug('Server has disabled port forwarding.')
        return undefined
      }
      const given = forwards.listen(address, port)
      if (given === undefined) return undefined
      return port === 0 ? uint32(given) : nothing
    }
    case 'cancel-tcpip-forward': {
      const [address, port] = [readText(body).toString('latin1'), body.u32be()]
      return forwards.cancel(address, port) ? nothing : undefined
    }
    case 'streamlocal-forward@openssh.com':
      return forwards.listenAt(readText(body).toString('latin1')) ? nothing : undefined
    case 'cancel-streamlocal-forward@openssh.com':
      return forwards.cancelAt(readText(body).toString('latin1')) ? nothing : undefined
    case 'no-more-sessions@openssh.com':
      setting.forbidSessions()
      return nothing
    case 'hostkeys-prove-00@openssh.com':
      return prove(setting, body)
    default:
      return undefined
  }
}

/** Keys that a client may ask proof of in one go. */
const mostProofs = 16

/** Signatures of the keys that were asked for, over this session's identity (OpenSSH's PROTOCOL, 2.5). */
function prove({ server, sessionId, transport }: GlobalSetting, body: Cursor): Buffer | undefined {
  const signatures: Buffer[] = []
  while (body.left > 0) {
    const blob = body.lp32()
    const key = [...server.hostKeys].filter(([, one]) => one.blob.equals(blob))
    const preferred = transport.rsaSha2.sha512 ? 'rsa-sha2-512' : transport.rsaSha2.sha256 ? 'rsa-sha2-256' : 'ssh-rsa'
    const [, chosen] = key.find(([name]) => key.length === 1 || name === preferred) ?? key[0] ?? []
    if (!chosen || signatures.length >= mostProofs) return undefined
    const signed = [string('hostkeys-prove-00@openssh.com'), string(sessionId), string(blob)]
    signatures.push(string(chosen.sign(Buffer.concat(signed))))
  }
  readEnd(body)
  return Buffer.concat(signatures)
}
