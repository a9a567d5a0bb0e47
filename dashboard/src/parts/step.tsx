import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { lineOf, type Told, timeOf } from '../event.ts'
import { bytes, duration, exact, number, since } from '../format.ts'
import { t, word } from '../i18n/index.ts'
import { meanings, tunnelAim } from '../meaning.ts'
import { Icon, type IconName } from './icon.tsx'
import { Json } from './json.tsx'
import { Replay } from './replay.tsx'
import { Copy } from './state.tsx'
import { Text } from './text.tsx'
import { Value } from './value.tsx'

type Words = ReturnType<typeof t>['session']
type Look = {
  icon: IconName
  title: (words: Words, event: Told) => string
  tone?: 'bad' | 'quiet'
  /** Short enough to stand beside its title. */
  short?: true
  body?: (event: Told) => ComponentChildren
}

const raw = (text: string | undefined, max = 600) => text !== undefined && <Text text={text} max={max} lines />
const code = (text: string | undefined) =>
  text !== undefined && (
    <pre class="command">
      <Text text={text} max={2000} lines />
    </pre>
  )

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

function Meanings({ service, action, line }: { service: string; action: string; line: string }) {
  const found = meanings(service, action, line)
  if (!found.length) return null
  return (
    <p class="meaning" title={t().session.meaning}>
      {found.map(meaning => t().meanings[meaning]).join(' · ')}
    </p>
  )
}

function Command({ event }: { event: Told }) {
  const line = event.process?.command_line ?? ''
  return (
    <>
      <div class="command-line">
        {code(line)}
        <Copy text={line} />
      </div>
      <Meanings service={event.skep.service} action="command" line={line} />
    </>
  )
}

function Login({ event }: { event: Told }) {
  const { login } = event.skep
  const accepted = event.event.outcome === 'success'
  return (
    <p class="login-try">
      {event.user?.name !== undefined && <Value field="user" value={event.user.name} within={{ path: '/events' }} />}
      {login?.password !== undefined && (
        <>
          {event.user?.name !== undefined && <span class="quiet"> / </span>}
          <Value field="password" value={login.password} within={{ path: '/events' }} max={200} />
        </>
      )}
      {login?.public_key && <Text text={` ${login.public_key.type} ${login.public_key.fingerprint}`} />}
      {login?.hash !== undefined && (
        <>
          {' '}
          <Text text={login.hash} max={60} /> <Copy text={login.hash} />
        </>
      )}
      <span class={accepted ? 'tag good' : 'tag'}>{accepted ? t().session.accepted : t().session.rejected}</span>
      {login && login.method !== 'password' && <span class="tag">{login.method}</span>}
    </p>
  )
}

function Request({ event }: { event: Told }) {
  const { http, url, skep } = event
  const body = http?.request?.body?.content
  const line = `${http?.request?.method ?? ''} ${url?.original ?? ''}`
  const size = bytes(http?.response?.body?.bytes ?? 0)
  return (
    <>
      {code(line)}
      <Meanings service={skep.service} action="request" line={`${line} ${body ?? ''}`} />
      <p class="quiet">{t().session.answered(String(http?.response?.status_code ?? '?'), size)}</p>
      {skep.http?.headers && (
        <details>
          <summary>
            {t().session.headers} ({number(skep.http.headers.length)})
          </summary>
          {code(skep.http.headers.slice(0, 200).join('\n'))}
        </details>
      )}
      {body && (
        <details>
          <summary>
            {t().session.body} ({bytes(http?.request?.body?.bytes ?? body.length)})
          </summary>
          {code(body)}
        </details>
      )}
    </>
  )
}

function File({ event: { file } }: { event: Told }) {
  return (
    <>
      {raw(file?.path)}
      <p class="quiet">
        {file?.size !== undefined && `${bytes(file.size)} · `}
        {file?.hash?.sha256 && <Value field="sha256" value={file.hash.sha256} within={{ path: '/events' }} max={70} />}
      </p>
    </>
  )
}

function Download({ event }: { event: Told }) {
  return (
    <>
      {code(event.url?.original)}
      {event.process?.command_line && <p class="quiet">{raw(event.process.command_line)}</p>}
    </>
  )
}

function Execution({ event }: { event: Told }) {
  return (
    <>
      {code(event.process?.command_line)}
      <p class="quiet">{event.skep.format && <Text text={event.skep.format} />}</p>
      <File event={event} />
    </>
  )
}

function Outbound({ event }: { event: Told }) {
  return (
    <>
      {raw(lineOf(event))}
      {code(event.skep.outbound?.sent)}
    </>
  )
}

/** Where a tunnel was to lead, and what whoever asks for one to there is usually after. */
function Tunnel({ event: { skep } }: { event: Told }) {
  if (!skep.tunnel) return null
  const { kind, host, port } = skep.tunnel
  const aim = tunnelAim(host, port)
  return (
    <>
      <p class="facts">
        <Text text={port ? `${host}:${port}` : host} max={300} />
        {kind && (
          <span class="tag">
            <Text text={kind} />
          </span>
        )}
      </p>
      {aim && <p class="meaning">{t().meanings[aim]}</p>}
    </>
  )
}

/** Whose account, what became of it, and the password that it has now. */
function Account({ event: { user, skep } }: { event: Told }) {
  if (!skep.account) return null
  const { change, password } = skep.account
  return (
    <p class="facts">
      {user?.target && <Text text={user.target.name} max={100} />}
      <span class="tag">{word(t().changes, change)}</span>
      {password !== undefined && (
        <span>
          {t().fields.password} <Text text={password} max={200} />
        </span>
      )}
    </p>
  )
}

/** The number as it was dialled, where it would have led, and how the exchange answered. */
function Call({ event: { skep } }: { event: Told }) {
  if (!skep.call) return null
  const { dialled, number: international, country, risk, status } = skep.call
  const { answers, risks } = t().call
  return (
    <p class="facts">
      <Text text={dialled} max={100} />
      {international && international !== dialled && (
        <span>
          → <Text text={international} max={40} />
        </span>
      )}
      {country && <Text text={country} />}
      {risk && <span class="tag">{word(risks, risk)}</span>}
      {status > 0 && <span class="quiet">{word(answers, String(status))}</span>}
    </p>
  )
}

function Payload({ event }: { event: Told }) {
  return (
    <>
      <Known event={event} />
      {code(event.skep.payload)}
      <Found event={event} />
      <File event={event} />
    </>
  )
}

/** What the rules, the protocol's first bytes and the undone wrappings say of a payload. */
function Known({ event: { network, tags, skep } }: { event: Told }) {
  const { entropy, layers } = skep
  if (!network?.protocol && !tags?.length && entropy === undefined) return null
  return (
    <p class="facts">
      {network?.protocol && <Text text={network.protocol} />}
      {tags?.map(tag => (
        <span class="tag" key={tag}>
          <Text text={tag} />
        </span>
      ))}
      {layers && layers.length > 0 && (
        <span>
          {t().session.unwrapped} <Text text={layers.join(' ← ')} />
        </span>
      )}
      {entropy !== undefined && <span class="quiet">{t().session.entropy(entropy.toFixed(1))}</span>}
    </p>
  )
}

/** Addresses, wallets, keys that a payload holds. */
function Found({ event }: { event: Told }) {
  const { indicators } = event.skep
  if (!indicators?.length) return null
  return (
    <dl class="facts-list">
      {indicators.slice(0, 50).map(({ kind, value }) => (
        <div key={`${kind} ${value}`}>
          <dt>{kind}</dt>
          <dd>
            <Text text={value} max={300} /> <Copy text={value} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Mail({ event }: { event: Told }) {
  return (
    <>
      {raw(lineOf(event))}
      {event.email?.attachments?.map(({ file }) => (
        <p class="quiet" key={file.hash?.sha256}>
          <Text text={[file.name, file.mime_type].filter(Boolean).join(' · ')} />{' '}
          {file.hash?.sha256 && <Value field="sha256" value={file.hash.sha256} within={{ path: '/events' }} max={70} />}
        </p>
      ))}
      <File event={event} />
    </>
  )
}

function Exploit({ event: { vulnerability, skep } }: { event: Told }) {
  return (
    <>
      <p>
        {vulnerability && <Value field="exploit" value={vulnerability.id} within={{ path: '/events' }} />}{' '}
        {vulnerability?.description && <Text text={vulnerability.description} />}
      </p>
      {code(skep.evidence)}
    </>
  )
}

function Tls({ event: { tls, skep } }: { event: Told }) {
  return (
    <p class="facts">
      {tls?.version && <span>{tls.version}</span>}
      {tls?.client?.server_name && <Text text={tls.client.server_name} />}
      {tls?.client?.supported_protocols && <Text text={tls.client.supported_protocols.join(', ')} />}
      {skep.tls?.ja4 && (
        <span>
          JA4 <Value field="ja4" value={skep.tls.ja4} within={{ path: '/events' }} />
        </span>
      )}
    </p>
  )
}

function Ssh({ event: { user_agent, skep } }: { event: Told }) {
  const offered = Object.entries(skep.ssh?.algorithms ?? {})
  return (
    <>
      <p class="facts">
        {user_agent?.original && <Value field="user_agent" value={user_agent.original} within={{ path: '/events' }} />}
        {skep.ssh?.hassh && (
          <span>
            HASSH <Value field="hassh" value={skep.ssh.hassh} within={{ path: '/events' }} />
          </span>
        )}
      </p>
      {offered.length > 0 && (
        <details>
          <summary>{t().session.algorithms}</summary>
          {code(offered.map(([kind, names]) => `${kind}: ${names.join(', ')}`).join('\n'))}
        </details>
      )}
    </>
  )
}

function Closing({ event }: { event: Told }) {
  const { reason, duration: nanoseconds } = event.event
  return (
    <p>
      {reason && word(t().ends, reason)}
      {nanoseconds !== undefined && ` · ${duration(nanoseconds / 1e6)}`}
      {event.source?.bytes !== undefined && ` · ${t().session.received(bytes(event.source.bytes))}`}
      {event.destination?.bytes !== undefined && ` · ${t().session.sent(bytes(event.destination.bytes))}`}
      {event.skep.unrecorded ? <b> {t().session.unrecorded(number(event.skep.unrecorded))}</b> : null}
    </p>
  )
}
