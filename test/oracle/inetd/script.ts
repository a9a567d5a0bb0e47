import type { Script } from '../kit/dialogue.ts'

/** Port and name of the services that xinetd has built in. */
export const names = new Map([
  [7, 'echo'],
  [9, 'discard'],
  [13, 'daytime'],
  [19, 'chargen'],
  [37, 'time'],
])

const usual: Script = {
  'one byte': ['x'],
  'two lines': ['hello\r\nworld\r\n'],
  'a hundred bytes': ['y'.repeat(100)],
  'a kilobyte and a half': ['z'.repeat(1500)],
  bytes: ['\0\x01\xfe\xff'],
  'several one after another': ['a', 'b', 'c'],
  'a web page': ['GET / HTTP/1.0\r\n\r\n'],
}
const of = (script: Script, without?: string): Record<string, Script> =>
  Object.fromEntries([...names.values()].filter(name => name !== without).map(name => [name, script]))

export const datagrams = of(usual)
/** chargen over TCP has no end, and fills any memory before it is quiet. */
export const streams = of({ 'says nothing': [''], ...usual }, 'chargen')
