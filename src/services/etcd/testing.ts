import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import etcd from './index.ts'
import { emptyEtcd } from './state.ts'

/** What is of the moment: dates, numbers that leases get, the size of the file, what a process measures of itself. */
export const mask = (heard: string): string =>
  heard
    .replace(/\r\nDate: [^\r]*/g, '\r\nDate: ~')
    .replace(/"ID":"7587\d{15}"/g, '"ID":"~"')
    .replace(/"(dbSize|dbSizeInUse)":"\d+"/g, '"$1":"~"')
    .replace(/\r\nContent-Length: 25\d\r\n\r\n(\{.*"dbSize")/g, '\r\nContent-Length: ~\r\n\r\n$1')
    .replace(/^(\w+(?:\{[^}]*\})?) [-+\d.e]+$/gm, '$1 ~')
    .replace(/Transfer-Encoding: chunked\r\n\r\n[\s\S]*# HELP[\s\S]*/, measured)

/** /metrics comes in chunks as long as Go's buffers happened to be. */
function measured(said: string): string {
  const [head = '', ...rest] = said.split('\r\n\r\n')
  return `${head}\r\n\r\n${rest
    .join('\r\n\r\n')
    .replace(/\r\n[0-9a-f]+\r\n/g, '')
    .replace(/^[0-9a-f]+\r\n/, '')
    .slice(0, 3000)}`
}

/** The client's part of a recorded dialogue at a member that was just started. */
export const playDialogue = (steps: readonly string[]) =>
  playAtUs(etcd, steps, () => ({ attacker: () => emptyEtcd() as never }))
