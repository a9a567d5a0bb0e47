import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import amqp from './index.ts'

const turns = async (n: number) => {
  while (n--) await new Promise(setImmediate)
}

/** Names that a server gives are drawn, and its own is another. */
const mask = (heard: string): string =>
  heard
    .replace(/amq\.(gen|ctag)-[\w-]{22}/g, 'amq.$1-#')
    .replace(/^(\x01\0\0).{4}(\0\x0a\0\x0a..).{4}/s, '$1#$2#')
    .replace(/(\x0ccluster_nameS).{4}[\w.@-]+?(?=\x09copyright)/s, '$1#')

compareWithRecorded({
  name: 'amqp',
  product: 'RabbitMQ 3.10.8 (Debian 12)',
  mask,
  // Pauses take their time, so that who is refused in silence is not closed at once.
  play: steps => playAtUs(amqp, steps, () => ({ pause: () => turns(200) }), { guest: true }),
})
