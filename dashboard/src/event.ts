import type { Place } from '#store/store.ts'

/** An event as the API gives it: Elastic Common Schema, of which this page reads these fields. All text is an attacker's. */
export type Told = {
  '@timestamp': string
  event: { id: string; action: string; outcome?: string; reason?: string; duration?: number; sequence?: number }
  source?: { ip: string; port?: number; bytes?: number; geo?: Place }
  destination?: { ip: string; port?: number; bytes?: number }
  network?: { transport?: string; protocol?: string }
  tags?: string[]
  observer?: { name: string }
  message?: string
  user?: { name?: string; target?: { name: string } }
  user_agent?: { original?: string }
  process?: { command_line?: string; name?: string }
  url?: { original?: string; path?: string }
  http?: {
    version?: string
    request?: { method?: string; body?: { bytes?: number; content?: string } }
    response?: { status_code?: number; body?: { bytes?: number } }
  }
  file?: { path?: string; size?: number; hash?: { sha256?: string } }
  tls?: { version?: string; client?: { ja3?: string; server_name?: string; supported_protocols?: string[] } }
  vulnerability?: { id: string; description?: string }
  error?: { message?: string; stack_trace?: string }
  email?: {
    from?: { address: string }
    to?: { address: string[] }
    subject?: string
    attachments?: { file: { name?: string; mime_type: string; size?: number; hash?: { sha256?: string } } }[]
  }
  skep: {
    session?: string
    service: string
    login?: { method: string; password?: string; hash?: string; public_key?: { type: string; fingerprint: string } }
    tls?: { ja4?: string }
    ssh?: { hassh?: string; algorithms?: Record<string, string[]> }
    telnet?: { verb: string; option: string; value?: string }
    rdp?: { cookie?: string; client?: string; build?: number; screen?: string }
    http?: { headers?: string[] }
    payload?: string
    entropy?: number
    layers?: string[]
    indicators?: { kind: string; value: string }[]
    outbound?: { host: string; port: number; sent?: string }
    tunnel?: { kind?: string; host: string; port: number }
    format?: string
    fate?: string
    account?: { change: string; password?: string }
    environment?: { name: string; value: string }
    terminal?: { type?: string; columns: number; rows: number }
    bytes?: string
    evidence?: string
    unrecorded?: number
    mail?: { fate: string; relay: boolean }
    call?: { dialled: string; number?: string; country?: string; risk?: string; status: number }
    sender?: { ttl: number; hops: number; ja4t?: string; os?: string; tool?: string }
    scan?: {
      kind: string
      /** `22`, `1-1024`: those that no earlier event of the story told. */
      ports?: string[]
      types?: string[]
      protocols?: string[]
      count: number
      packets: number
      bytes: number
      rate?: number
      tools?: string[]
      destinations?: string[]
      sources?: number
    }
  }
}

export const timeOf = (event: Told) => Date.parse(event['@timestamp'])

const loginText = ({ user, skep }: Told) => {
  const { login } = skep
  const secret =
    login?.password ?? login?.public_key?.fingerprint ?? (login?.hash === undefined ? undefined : login.method)
  return [user?.name, secret].filter(part => part !== undefined).join(' / ')
}

const scanText = ({ skep: { scan } }: Told) =>
  scan && `${scan.kind} ${(scan.ports ?? scan.types ?? scan.protocols ?? []).slice(0, 20).join(' ')} (${scan.packets})`

const mailText = ({ email }: Told) =>
  [email?.from?.address, '→', email?.to?.address.join(', '), email?.subject].filter(Boolean).join(' ')

const requestText = ({ http, url }: Told) =>
  `${http?.request?.method ?? ''} ${url?.original ?? url?.path ?? ''} → ${http?.response?.status_code ?? ''}`

const rdpText = ({ skep: { rdp } }: Told) =>
  [rdp?.cookie, rdp?.client, rdp?.build, rdp?.screen].filter(Boolean).join(' · ')

const callText = ({ skep: { call } }: Told) =>
  call &&
  [call.dialled, call.number !== call.dialled && call.number, call.country, call.risk, call.status || undefined]
    .filter(Boolean)
    .join(' · ')

/** What best tells each kind of event apart, in one line; `''` where the action says it all. */
const lines = new Map<string, (event: Told) => string | undefined>([
  ['connection-closed', e => e.event.reason],
  ['tls-hello', e => [e.tls?.version, e.tls?.client?.server_name, e.skep.tls?.ja4].filter(Boolean).join(' · ')],
  ['ssh-hello', e => e.user_agent?.original],
  ['telnet-option', e => [e.skep.telnet?.verb, e.skep.telnet?.option, e.skep.telnet?.value].filter(Boolean).join(' ')],
  ['login', loginText],
  ['command', e => e.process?.command_line],
  ['request', requestText],
  ['file-upload', e => e.file?.path ?? e.file?.hash?.sha256],
  ['file-download', e => e.url?.original],
  ['file-read', e => e.file?.path],
  ['outbound-attempt', e => `${e.process?.name ?? ''} → ${e.skep.outbound?.host}:${e.skep.outbound?.port}`],
  ['tunnel-request', e => `${e.skep.tunnel?.kind} ${e.skep.tunnel?.host}:${e.skep.tunnel?.port}`],
  ['tunnel-data', e => `${e.skep.tunnel?.host}:${e.skep.tunnel?.port} ${e.skep.payload ?? ''}`],
  ['execution', e => e.process?.command_line],
  [
    'account-change',
    e => [e.user?.target?.name, e.skep.account?.change, e.skep.account?.password].filter(Boolean).join(' '),
  ],
  ['environment', e => `${e.skep.environment?.name}=${e.skep.environment?.value}`],
  [
    'terminal',
    e => [e.skep.terminal?.type, `${e.skep.terminal?.columns}×${e.skep.terminal?.rows}`].filter(Boolean).join(' '),
  ],
  ['exploit', e => [e.vulnerability?.id, e.vulnerability?.description].filter(Boolean).join(' ')],
  ['payload', e => e.skep.payload],
  ['mail', mailText],
  ['call', callText],
  ['scan', scanText],
  ['rdp-hello', rdpText],
  ['tcp-hello', e => [e.skep.sender?.ja4t, e.skep.sender?.os, e.skep.sender?.tool].filter(Boolean).join(' · ')],
  ['packet', e => e.skep.payload],
  ['malformed', e => e.error?.message],
  ['service-error', e => e.error?.stack_trace?.split('\n')[0]],
])
export const lineOf = (event: Told): string => lines.get(event.event.action)?.(event) ?? event.message ?? ''
