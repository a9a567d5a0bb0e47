import { noteSmuggling } from './exploits.ts'
import { addToLetter, type Letter, openLetter, recordLetter } from './letter.ts'
import { countRelayed } from './policy.ts'
import { forgetMail, type Smtp } from './session.ts'
import { readMessage } from './wire.ts'

/** Takes the message that follows DATA's answer; `returns`: carriage returns that the product takes before a line feed. */
export async function receive(smtp: Smtp, returns = 1): Promise<Letter> {
  const letter = openLetter(smtp)
  smtp.letter = letter
  const end = await readMessage(smtp.conn, bytes => addToLetter(smtp, letter, bytes), returns)
  if (end === 'mixed') noteSmuggling(smtp, letter)
  return letter
}

/** The message is whole: it is kept and told of, taken or not. The transaction is over. */
export async function conclude(smtp: Smtp, taken: boolean): Promise<void> {
  const letter = smtp.letter!
  smtp.letter = undefined
  await recordLetter(smtp, letter, taken ? 'held' : 'refused')
  if (taken) countRelayed(smtp)
  forgetMail(smtp)
}
