import { setTimeout as sleep } from 'node:timers/promises'
import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { OWN } from '../../../test/oracle/kit/outside.ts'
import { closed, PASSWORD, USER } from '../../../test/oracle/socks/script.ts'
import socks from './index.ts'

/** The port that the machine gave the connection. */
const mask = (heard: string, sent: string): string => {
  const { length } = heard
  const told = heard.slice(-2)
  const asked = sent.includes(told)
  if (length === 8 && heard.startsWith('\0')) {
    const port = heard.slice(2, 4)
    return sent.includes(port) ? heard : `${heard.slice(0, 2)}##${heard.slice(4)}`
  }
  return length < 10 || asked ? heard : `${heard.slice(0, -2)}##`
}

compareWithRecorded({
  name: 'socks',
  product: 'Dante 1.4.2 (Debian 12)',
  mask,
  play: (steps, dialogue) =>
    playAtUs(
      socks,
      steps,
      () => ({
        destination: { ip: OWN, port: 1080 },
        handOver: () => sleep(150),
      }),
      {
        methods: dialogue in closed ? ['username'] : ['username', 'none'],
        version4a: false,
        access: { rules: [`${USER}:${PASSWORD}`], otherwise: 'refuse' },
      },
    ),
})
