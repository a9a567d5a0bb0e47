import type { Transfer } from './transfer.ts'
import { Message } from './wire.ts'

/** errcode.h and its words, with the place in 3.5.0 that says so. */
const exits = {
  2: ['protocol incompatibility', 'rsync.c(442)'],
  4: ['requested action not supported', 'clientserver.c(1267)'],
  11: ['error in file IO', 'main.c(808)'],
} as const

/** Ends a run with an error, as the client shows it. */
export async function fail(transfer: Transfer, says: string, code: keyof typeof exits): Promise<void> {
  const { wire, cx, request } = transfer
  const [words, place] = exits[code]
  const who = request.sender ? 'sender' : 'Receiver'
  await wire.message(Message.Error, says)
  // What the options were wrong for has time to be read (clientserver.c: option_error).
  if (code === 4) await cx.pause(0.4)
  await wire.message(
    Message.Error,
    `rsync error: ${words} (code ${code}) at ${place} [${who}=${cx.persona.software.rsync.version}]\n`,
  )
  const exit = Buffer.alloc(4)
  exit.writeInt32LE(code)
  await wire.message(Message.ErrorExit, exit)
  // The client says good-bye, or just goes.
  for (;;) await wire.byte()
}
