/**
 * A recorded conversation, in RFC notation. One file is test, documentation and fuzz seed at once:
 *
 *     # A worm probes. Lines beginning with # are prose; `# options: {…}` sets the service's options.
 *     C: *1\r\n$4\r\nPING\r\n      what the client sends; escapes \r \n \t \0 \xNN \\
 *     C| 0a 00 ff                  the same in hex
 *     S: +PONG\r\n                 what we answer (S| in hex)
 *     E: command {"line":"PING"}   an event recorded: the recorder's method and its details
 *
 * `# port: 19` is the port it came to, where that is not the service's first. After a line `# transport: udp`, every line of the client's is a datagram of its own, and may go unanswered.
 */
export type Talk = {
  transport: 'tcp' | 'udp'
  port?: number
  options: unknown
  steps: { client: Buffer; server: Buffer }[]
  events: { name: string; details: unknown }[]
}

export function parseTalk(source: string): Talk {
  const talk: Talk = { transport: 'tcp', options: {}, steps: [], events: [] }
  let heard = false
  for (const line of source.split('\n')) {
    const [kind, rest] = [line.slice(0, 2), line.slice(3)]
    if (line.startsWith('# options: ')) talk.options = JSON.parse(line.slice(11))
    else if (line.startsWith('# port: ')) talk.port = Number(line.slice(8))
    else if (line === '# transport: udp') talk.transport = 'udp'
    else if (line.startsWith('#') || line.trim() === '') continue
    else if (kind === 'E:') talk.events.push(parseEvent(rest))
    else if (kind === 'C:' || kind === 'C|') {
      const bytes = kind === 'C:' ? unescaped(rest) : fromHex(rest)
      const last = talk.steps.at(-1)
      if (last && !heard && talk.transport === 'tcp') last.client = Buffer.concat([last.client, bytes])
      else talk.steps.push({ client: bytes, server: Buffer.alloc(0) })
      heard = false
    } else if (kind === 'S:' || kind === 'S|') {
      if (talk.steps.length === 0) talk.steps.push({ client: Buffer.alloc(0), server: Buffer.alloc(0) })
      const last = talk.steps.at(-1)!
      last.server = Buffer.concat([last.server, kind === 'S:' ? unescaped(rest) : fromHex(rest)])
      heard = true
    } else throw new Error(`Not a talk line: ${JSON.stringify(line)}`)
  }
  return talk
}

function parseEvent(rest: string) {
  const space = rest.indexOf(' ')
  return { name: rest.slice(0, space), details: JSON.parse(rest.slice(space + 1)) as unknown }
}

const fromHex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex')

const escapes = new Map([
  ['r', '\r'],
  ['n', '\n'],
  ['t', '\t'],
  ['0', '\0'],
  ['\\', '\\'],
])
function unescaped(line: string): Buffer {
  const latin1 = line.replace(/\\(x([0-9a-fA-F]{2})|.)/g, (_, short: string, hex?: string) =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (escapes.get(short) ?? short),
  )
  return Buffer.from(latin1, 'latin1')
}

/** The reverse, for messages and for writing talks. */
export const escaped = (bytes: Buffer) =>
  bytes
    .toString('latin1')
    .replace(/[\\\r\n\t]/g, c => ({ '\\': '\\\\', '\r': '\\r', '\n': '\\n', '\t': '\\t' })[c]!)
    .replace(/[^\x20-\x7e]/g, c => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
