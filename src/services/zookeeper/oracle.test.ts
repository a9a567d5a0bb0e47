import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import zookeeper from './index.ts'
import { emptyServer } from './state.ts'

/** Of the conversation that is being masked: its number as it was told when it began. */
let session = ''
/** Sessions' numbers and passwords, and moments, differ from one start to the next; so do counts of packets. */
const mask = (heard: string, sent: string): string => {
  // ConnectResponse: length, version, timeout, session, password.
  const begins = sent.slice(4, 8) === '\0\0\0\0' && heard.length > 40
  if (begins) session = heard.slice(12, 20)
  const unknown = session === '\0'.repeat(8)
  const shown = begins && !unknown ? `${heard.slice(0, 24)}password………${heard.slice(40)}` : heard
  return (session === '' || unknown ? shown : shown.replaceAll(session, 'session…'))
    .replace(/\0\0\x01[\x95-\xaf][\s\S]{4}/g, 'moment…')
    .replace(/(Received|Sent): \d+/g, '$1: #')
}

compareWithRecorded({
  name: 'zookeeper',
  product: 'ZooKeeper 3.8.0 (Debian 12)',
  mask,
  play: steps =>
    playAtUs(zookeeper, steps, cx => {
      const server = emptyServer(cx)
      return { now: Date.now, source: { ip: '127.0.0.1', port: 40_312 }, attacker: () => server as never }
    }),
})
