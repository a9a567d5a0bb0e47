import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { lineOf, type Told, timeOf } from '../event.ts'
import { exact, since } from '../format.ts'
import { t, word } from '../i18n/index.ts'
import { Icon, type IconName } from './icon.tsx'
import { Json } from './json.tsx'
import { Replay } from './replay.tsx'
import {
  Account,
  Call,
  Closing,
  Command,
  code,
  Download,
  Execution,
  Exploit,
  File,
  Login,
  Mail,
  Outbound,
  Payload,
  Request,
  raw,
  Ssh,
  Tls,
  Tunnel,
} from './step-body.tsx'

type Words = ReturnType<typeof t>['session']
type Look = {
  icon: IconName
  title: (words: Words, event: Told) => string
  tone?: 'bad' | 'quiet'
  /** Short enough to stand beside its title. */
  short?: true
  body?: (event: Told) => ComponentChildren
}

/** How each kind of event looks in a story. */
const looks = new Map<string, Look>([
  ['connection-opened', { icon: 'opened', title: w => w.opened, tone: 'quiet', short: true }],
  [
    'connection-closed',
    { icon: 'closed', title: w => w.closed, tone: 'quiet', short: true, body: e => <Closing event={e} /> },
  ],
  ['tls-hello', { icon: 'hello', title: w => w.tls, tone: 'quiet', body: e => <Tls event={e} /> }],
  ['ssh-hello', { icon: 'hello', title: w => w.ssh, tone: 'quiet', body: e => <Ssh event={e} /> }],
  ['telnet-option', { icon: 'hello', title: w => w.telnet, tone: 'quiet', short: true, body: e => raw(lineOf(e)) }],
  ['login', { icon: 'login', title: w => w.login, short: true, body: e => <Login event={e} /> }],
  ['command', { icon: 'command', title: w => w.command, body: e => <Command event={e} /> }],
  ['request', { icon: 'request', title: w => w.request, body: e => <Request event={e} /> }],
  ['file-upload', { icon: 'file', title: w => w.upload, tone: 'bad', body: e => <File event={e} /> }],
  ['file-download', { icon: 'down', title: w => w.download, tone: 'bad', body: e => <Download event={e} /> }],
  ['file-read', { icon: 'file', title: w => w.read, body: e => raw(e.file?.path) }],
  ['execution', { icon: 'play', title: w => w.execution, tone: 'bad', body: e => <Execution event={e} /> }],
  ['outbound-attempt', { icon: 'opened', title: w => w.outbound, tone: 'bad', body: e => <Outbound event={e} /> }],
  ['tunnel-request', { icon: 'opened', title: w => w.tunnel, tone: 'bad', body: e => <Tunnel event={e} /> }],
  ['tunnel-data', { icon: 'file', title: w => w.tunnelData, tone: 'bad', body: e => <Payload event={e} /> }],
  ['account-change', { icon: 'login', title: w => w.account, tone: 'bad', body: e => <Account event={e} /> }],
  ['environment', { icon: 'hello', title: w => w.environment, tone: 'quiet', short: true, body: e => raw(lineOf(e)) }],
  ['terminal', { icon: 'command', title: w => w.terminal, tone: 'quiet', short: true, body: e => raw(lineOf(e)) }],
  ['recording', { icon: 'play', title: w => w.recording, body: e => <Replay event={e} /> }],
  ['exploit', { icon: 'warning', title: w => w.exploit, tone: 'bad', body: e => <Exploit event={e} /> }],
  ['payload', { icon: 'file', title: w => w.payload, body: e => <Payload event={e} /> }],
  ['mail', { icon: 'file', title: w => w.mail, tone: 'bad', body: e => <Mail event={e} /> }],
  ['call', { icon: 'opened', title: w => w.call, tone: 'bad', body: e => <Call event={e} /> }],
  ['scan', { icon: 'request', title: w => w.scan, body: e => raw(lineOf(e)) }],
  ['packet', { icon: 'opened', title: w => w.packet, body: e => <Payload event={e} /> }],
  ['rdp-hello', { icon: 'hello', title: w => w.rdp, tone: 'quiet', body: e => raw(lineOf(e)) }],
  ['tcp-hello', { icon: 'hello', title: w => w.tcp, tone: 'quiet', short: true, body: e => raw(lineOf(e)) }],
  ['reflection', { icon: 'warning', title: w => w.reflection, tone: 'bad', body: e => raw(e.message) }],
  ['malformed', { icon: 'warning', title: w => w.malformed, body: e => raw(e.error?.message) }],
  ['service-error', { icon: 'warning', title: w => w.fault, tone: 'bad', body: e => code(e.error?.stack_trace) }],
])
const plain: Look = {
  icon: 'events',
  title: (_, event) => word(t().actions, event.event.action),
  body: e => raw(lineOf(e)),
}
const lookOf = (event: Told) => looks.get(event.event.action) ?? plain

/** One step of a session's story: when, what, what it means, and the event behind it. */
export function Step({ event, began }: { event: Told; began: number }) {
  const [open, setOpen] = useState(false)
  const { icon, title, tone = '', short, body } = lookOf(event)
  const at = timeOf(event)
  return (
    <li class={`step ${tone} ${short ? 'short' : ''}`}>
      <time class="step-time" dateTime={event['@timestamp']} title={exact(at)}>
        {since(at - began)}
      </time>
      <span class="step-icon">
        <Icon name={icon} />
      </span>
      <div class="step-body">
        <h3>{title(t().session, event)}</h3>
        {body?.(event)}
        <button type="button" class="tiny show-json" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t().session.json}
        </button>
        {open && <Json value={event} />}
      </div>
    </li>
  )
}

/** A step as a line of text, for a report. */
export function stepText(event: Told, began: number): string {
  const line = lineOf(event)
  return `${since(timeOf(event) - began).padStart(9)}  ${lookOf(event).title(t().session, event)}${line && `: ${line}`}`
}
