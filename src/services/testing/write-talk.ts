/**
 * Writes a talk from what a client sends: `sh bin/skep-node src/services/testing/write-talk.ts redis < lines`, one
 * escaped piece a line (`C:` is implied), prose lines begin with `#`. Read the result before you keep it.
 */
import fs from 'node:fs'
import { services } from '../index.ts'
import { play, playDatagrams } from './play.ts'
import { escaped, parseTalk } from './talk.ts'

const lines = fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)
const prose = lines.filter(line => line.startsWith('#'))
const sent = lines.filter(line => !line.startsWith('#'))
const talk = parseTalk([...prose, ...sent.map(line => `C: ${line}\nS: `)].join('\n'))
const service = (await services.get(process.argv[2]!)!()).default
await service.load?.(false)
const pieces = talk.steps.map(step => step.client)
const how = { options: talk.options, ...(talk.port === undefined ? {} : { port: talk.port }) }
const { heard, events, marks, ending } =
  talk.transport === 'udp' ? playDatagrams(service, pieces, how) : await play(service, pieces, how)
let at = 0
const out = [...prose]
pieces.forEach((piece, i) => {
  out.push(`C: ${escaped(piece)}`)
  const end = i === pieces.length - 1 ? heard.length : marks[i]!
  for (const line of escaped(heard.subarray(at, end)).split(/(?<=\\n)/)) if (line) out.push(`S: ${line}`)
  at = end
})
for (const { name, details } of events) out.push(`E: ${name} ${JSON.stringify(details)}`)
process.stdout.write(`${out.join('\n')}\n`)
process.stderr.write(`ended: ${ending}\n`)
