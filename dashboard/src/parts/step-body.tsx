import { lineOf, type Told } from '../event.ts'
import { bytes, duration, number } from '../format.ts'
import { t, word } from '../i18n/index.ts'
import { meanings, tunnelAim } from '../meaning.ts'
import { Copy } from './state.tsx'
import { Text } from './text.tsx'
import { Value } from './value.tsx'

/** Text as it was sent. */
export const raw = (text: string | undefined, max = 600) => text !== undefined && <Text text={text} max={max} lines />
/** Text of several lines, in a frame. */
export const code = (text: string | undefined) =>
  text !== undefined && (
    <pre class="command">
      <Text text={text} max={2000} lines />
    </pre>
  )

function Meanings({ service, action, line }: { service: string; action: string; line: string }) {
  const found = meanings(service, action, line)
  if (!found.length) return null
  return (
    <p class="meaning" title={t().session.meaning}>
      {found.map(meaning => t().meanings[meaning]).join(' · ')}
    </p>
  )
}

/** A command, and what it is for. */
export function Command({ event }: { event: Told }) {
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

/** What was tried to log in with, and whether it let them in. */
export function Login({ event }: { event: Told }) {
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

/** A request over HTTP, what it is after, and how it was answered. */
export function Request({ event }: { event: Told }) {
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

/** A file’s name, size and hash. */
export function File({ event: { file } }: { event: Told }) {
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

/** What was to be fetched, and by which command. */
export function Download({ event }: { event: Told }) {
  return (
    <>
      {code(event.url?.original)}
      {event.process?.command_line && <p class="quiet">{raw(event.process.command_line)}</p>}
    </>
  )
}

/** What they ran, and what kind of program it is. */
export function Execution({ event }: { event: Told }) {
  return (
    <>
      {code(event.process?.command_line)}
      <p class="quiet">{event.skep.format && <Text text={event.skep.format} />}</p>
      <File event={event} />
    </>
  )
}

/** Where a connection was to lead, and what would have been sent. */
export function Outbound({ event }: { event: Told }) {
  return (
    <>
      {raw(lineOf(event))}
      {code(event.skep.outbound?.sent)}
    </>
  )
}

/** Where a tunnel was to lead, and what whoever asks for one to there is usually after. */
export function Tunnel({ event: { skep } }: { event: Told }) {
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
export function Account({ event: { user, skep } }: { event: Told }) {
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
export function Call({ event: { skep } }: { event: Told }) {
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

/** Bytes, what they are, and what they hold. */
export function Payload({ event }: { event: Told }) {
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

/** A message: envelope, subject, attachments. */
export function Mail({ event }: { event: Told }) {
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

/** A known attack, with the evidence. */
export function Exploit({ event: { vulnerability, skep } }: { event: Told }) {
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

/** What a TLS client gives away. */
export function Tls({ event: { tls, skep } }: { event: Told }) {
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

/** What an SSH client gives away. */
export function Ssh({ event: { user_agent, skep } }: { event: Told }) {
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

/** Why the conversation ended, and how much was said. */
export function Closing({ event }: { event: Told }) {
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
