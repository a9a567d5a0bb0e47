import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import memcached from './index.ts'
import { emptyServer } from './server.ts'

/** What is of the moment and of the process: its number, times, descriptors, addresses, what its threads did meanwhile. */
export const mask = (heard: string): string =>
  asText(heard)
    .replace(
      /(STAT (?:pid|uptime|time|rusage_user|rusage_system|curr_connections|total_connections|connection_structures|response_obj_\w+|read_buf_\w+|bytes_read|bytes_written|lru_\w+|tcpport|udpport|inter|oldest) )[^\r]*/g,
      '$1~',
    )
    .replace(/(STAT \d+:(?:listen_)?addr (?:tcp|udp):)[\d.:]+/g, '$1~')
    .replace(/STAT \d+:secs_since_last_cmd \d+/g, '~')
    .replace(/(la|exp)=[1-9]\d{5,}/g, '$1=~')
    .replace(/(\[\d+ b; )\d+/g, '$1~')
    // A second may have begun between two requests.
    .replace(/\b(exp=-|t)(?:99|100)\b/g, '$1~')

/** Statistics of the binary protocol as the text protocol has them; everything else as it is. */
function asText(heard: string): string {
  if (!heard.startsWith('\x81\x10') || heard.length < 1000) return heard
  const bytes = Buffer.from(heard, 'latin1')
  let out = ''
  for (let at = 0; at + 24 <= bytes.length; ) {
    const [key, body] = [bytes.readUInt16BE(at + 2), bytes.readUInt32BE(at + 8)]
    const pair = bytes.toString('latin1', at + 24, at + 24 + body)
    out += `STAT ${pair.slice(0, key)} ${pair.slice(key)}\r\n`
    at += 24 + body
  }
  return out
}

/** The client's part of a recorded dialogue at a server that was just started. */
export const playDialogue = (steps: readonly string[]) =>
  playAtUs(memcached, steps, cx => ({ attacker: () => emptyServer(cx.now() - 2000, 1941) as never }))
