/** A word of IOS's command language, with what may follow. */
export type Word = {
  word: string
  help: string
  next?: readonly Word[]
  /** Anything may follow, and has to where it says `needed`. */
  rest?: 'needed' | 'free'
  /** What is done when the line ends here. */
  does?: Does
  /** At `#` alone. */
  privileged?: true
}
export type Does =
  | 'enable'
  | 'disable'
  | 'leave'
  | 'version'
  | 'clock'
  | 'users'
  | 'interfaces'
  | 'ports'
  | 'arp'
  | 'route'
  | 'inventory'
  | 'directory'
  | 'running'
  | 'privilege'
  | 'ping'
  | 'telnet'
  | 'configure'
  | 'save'
  | 'copy'
  | 'reload'
  | 'length'
  | 'nothing'
  | 'history'
  | 'flash'
  | 'help'

const show: readonly Word[] = [
  { word: 'arp', help: 'ARP table', does: 'arp' },
  { word: 'clock', help: 'Display the system clock', does: 'clock' },
  { word: 'flash:', help: 'display information about flash: file system', does: 'flash' },
  { word: 'history', help: 'Display the session command history', does: 'history' },
  { word: 'interfaces', help: 'Interface status and configuration', does: 'ports', rest: 'free' },
  { word: 'inventory', help: 'Show the physical inventory', does: 'inventory' },
  {
    word: 'ip',
    help: 'IP information',
    next: [
      { word: 'arp', help: 'IP ARP table', does: 'arp' },
      { word: 'interface', help: 'IP interface status and configuration', does: 'interfaces', rest: 'free' },
      { word: 'route', help: 'IP routing table', does: 'route', rest: 'free' },
    ],
  },
  { word: 'privilege', help: 'Show current privilege level', does: 'privilege' },
  { word: 'running-config', help: 'Current operating configuration', does: 'running', rest: 'free', privileged: true },
  { word: 'startup-config', help: 'Contents of startup configuration', does: 'running', privileged: true },
  { word: 'users', help: 'Display information about terminal lines', does: 'users' },
  { word: 'version', help: 'System hardware and software status', does: 'version' },
]

/** EXEC, as far as visitors use it. */
export const exec: readonly Word[] = [
  { word: 'clear', help: 'Reset functions', rest: 'needed', does: 'nothing', privileged: true },
  {
    word: 'configure',
    help: 'Enter configuration mode',
    privileged: true,
    does: 'configure',
    next: [{ word: 'terminal', help: 'Configure from the terminal', does: 'configure' }],
  },
  { word: 'copy', help: 'Copy from one file to another', rest: 'needed', does: 'copy', privileged: true },
  { word: 'delete', help: 'Delete a file', rest: 'needed', does: 'nothing', privileged: true },
  { word: 'dir', help: 'List files on a filesystem', rest: 'free', does: 'directory', privileged: true },
  { word: 'disable', help: 'Turn off privileged commands', does: 'disable' },
  { word: 'enable', help: 'Turn on privileged commands', rest: 'free', does: 'enable' },
  { word: 'erase', help: 'Erase a filesystem', rest: 'needed', does: 'nothing', privileged: true },
  { word: 'exit', help: 'Exit from the EXEC', does: 'leave' },
  { word: 'help', help: 'Description of the interactive help system', does: 'help' },
  { word: 'logout', help: 'Exit from the EXEC', does: 'leave' },
  { word: 'ping', help: 'Send echo messages', rest: 'needed', does: 'ping' },
  { word: 'quit', help: 'Exit from the EXEC', does: 'leave' },
  { word: 'reload', help: 'Halt and perform a cold restart', rest: 'free', does: 'reload', privileged: true },
  { word: 'show', help: 'Show running system information', next: show },
  { word: 'telnet', help: 'Open a telnet connection', rest: 'needed', does: 'telnet' },
  {
    word: 'terminal',
    help: 'Set terminal line parameters',
    next: [
      { word: 'length', help: 'Set number of lines on a screen', rest: 'needed', does: 'length' },
      { word: 'monitor', help: 'Copy debug output to the current terminal line', does: 'nothing' },
      { word: 'width', help: 'Set width of the display terminal', rest: 'needed', does: 'nothing' },
    ],
  },
  { word: 'traceroute', help: 'Trace route to destination', rest: 'needed', does: 'ping' },
  {
    word: 'write',
    help: 'Write running configuration to memory, network, or terminal',
    privileged: true,
    does: 'save',
    next: [
      { word: 'erase', help: 'Erase NV memory', does: 'nothing' },
      { word: 'memory', help: 'Write to NV memory', does: 'save' },
      { word: 'terminal', help: 'Write to terminal', does: 'running' },
    ],
  },
]

export type Found =
  | { does: Does; words: string[]; rest: string }
  | { error: 'unknown' | 'incomplete' | 'ambiguous' }
  /** Column of the word that is wrong. */
  | { error: 'invalid'; at: number }

/** Finds what a line says; words may be cut short as long as one alone begins so. */
export function understand(line: string, privileged: boolean): Found {
  let words = exec
  let last: Word | undefined
  const said: string[] = []
  for (let at = line.search(/\S/); at >= 0 && at < line.length; ) {
    const given = /^\S+/.exec(line.slice(at))![0]
    const begun = words.filter(
      ({ word, privileged: only }) => word.startsWith(given.toLowerCase()) && (privileged || !only),
    )
    const found = begun.find(({ word }) => word === given.toLowerCase()) ?? begun[0]
    if (begun.length > 1 && begun[0] === found && found?.word !== given.toLowerCase()) return { error: 'ambiguous' }
    if (!found) {
      if (last?.rest)
        return last.does ? { does: last.does, words: said, rest: line.slice(at).trim() } : { error: 'incomplete' }
      return last === undefined && !/\s/.test(line.trim()) ? { error: 'unknown' } : { error: 'invalid', at }
    }
    said.push(found.word)
    last = found
    words = found.next ?? []
    const gap = line.slice(at + given.length).search(/\S/)
    at = gap < 0 ? -1 : at + given.length + gap
  }
  if (!last) return { error: 'incomplete' }
  return last.does && last.rest !== 'needed' ? { does: last.does, words: said, rest: '' } : { error: 'incomplete' }
}

/** What `?` shows behind what was typed. */
export function helpFor(line: string, privileged: boolean): string {
  let words = exec
  const typed = line.split(/\s+/).filter(Boolean)
  const open = line === '' || /\s$/.test(line) ? '' : (typed.pop() ?? '')
  for (const word of typed) {
    const found = words.find(one => one.word.startsWith(word.toLowerCase()))
    if (!found) return '% Unrecognized command\n'
    words = found.next ?? []
  }
  const offered = words.filter(
    ({ word, privileged: only }) => word.startsWith(open.toLowerCase()) && (privileged || !only),
  )
  if (offered.length === 0) return open === '' ? '  <cr>\n' : '% Unrecognized command\n'
  if (open !== '') return `${offered.map(({ word }) => word).join('  ')}\n`
  const width = Math.max(...offered.map(({ word }) => word.length))
  const head = line === '' ? 'Exec commands:\n' : ''
  return head + offered.map(({ word, help }) => `  ${word.padEnd(width)}  ${help}\n`).join('')
}

/** What Tab makes of a line: its last word whole, with a blank, where one alone begins so. */
export function completed(line: string, privileged: boolean): string {
  let words = exec
  const typed = line.split(/\s+/).filter(Boolean)
  const open = /\S$/.test(line) ? typed.pop()! : ''
  const beginning = (begun: string) =>
    words.filter(({ word, privileged: only }) => word.startsWith(begun.toLowerCase()) && (privileged || !only))
  for (const word of typed) words = beginning(word)[0]?.next ?? []
  const offered = beginning(open)
  return open === '' || offered.length !== 1 ? line : `${line.slice(0, line.length - open.length)}${offered[0]!.word} `
}

/** First words of the configuration language; of the rest IOS says that it is invalid. */
export const configuration = new Set(
  `aaa access-list alias arp banner boot class-map clock crypto default dial-peer do enable end exit hostname interface ip ipv6 line logging monitor
  no ntp policy-map privilege radius-server route-map router service shutdown snmp-server spanning-tree tacacs-server tftp-server username vlan
  description duplex speed login transport exec-timeout password network bandwidth tunnel encapsulation mtu`.split(
    /\s+/,
  ),
)
/** What a line of the configuration leads into: `(config-if)`. */
export const submodes = new Map([
  ['interface', 'config-if'],
  ['line', 'config-line'],
  ['router', 'config-router'],
  ['vlan', 'config-vlan'],
  ['route-map', 'config-route-map'],
])
