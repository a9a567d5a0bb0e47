import { action, file, network, type Sample } from './action.ts'
import { packetActions } from './packet-actions.ts'
import { type PayloadDetails, payloadFields } from './payload.ts'
import { postActions } from './post-actions.ts'

/**
 * Everything that can happen, one entry an action. `fields` turns what a service knows into ECS fields; the runtime adds
 * who, when and where (event.ts). A value from an attacker reaches these functions as text (text.ts) of bounded length.
 */

export type { Sample, Sender } from './action.ts'
export type Outcome = 'success' | 'failure'

export const actions = {
  connectionOpened: action(
    'connection-opened',
    'A peer connected; `proxy` when a configured front end spoke for it.',
    { category: ['network'], type: ['connection', 'start'] },
    (d: { proxy?: string }) => (d.proxy === undefined ? {} : { observer: { ingress: { proxy: d.proxy } } }),
  ),

  connectionClosed: action(
    'connection-closed',
    'The conversation ended: why, how long it took, bytes each way; `skep.unrecorded` counts events over the cap.',
    { category: ['network'], type: ['connection', 'end'] },
    (d: { reason: string; milliseconds: number; received: number; sent: number }) => ({
      event: { duration: Math.round(d.milliseconds * 1e6), reason: d.reason },
      source: { bytes: d.received },
      destination: { bytes: d.sent },
    }),
  ),

  /** What the client's software gives away about itself before it does anything. */
  tlsHello: action(
    'tls-hello',
    'A TLS ClientHello, parsed before the handshake.',
    network,
    (d: { serverName?: string; alpn: string[]; version: string; ja3: string; ja3String: string; ja4: string }) => ({
      tls: {
        client: {
          ja3: d.ja3,
          ...(d.serverName === undefined ? {} : { server_name: d.serverName }),
          ...(d.alpn.length ? { supported_protocols: d.alpn } : {}),
        },
        version: d.version,
      },
      skep: { tls: { ja4: d.ja4, ja3_string: d.ja3String } },
    }),
  ),

  sshHello: action(
    'ssh-hello',
    'The identification string and key exchange offer of an SSH client.',
    network,
    (d: { version: string; hassh?: string; algorithms?: Record<string, string[]> }) => ({
      user_agent: { original: d.version },
      skep: { ssh: { ...(d.hassh === undefined ? {} : { hassh: d.hassh, algorithms: d.algorithms }) } },
    }),
  ),

  rdpHello: action(
    'rdp-hello',
    'What a remote desktop’s client asks for, and then says of itself: cookie, protocols, name, build, keyboard, channels.',
    network,
    (d: {
      cookie?: string
      protocols: readonly string[]
      client?: string
      build?: number
      /** Windows' number of the language. */
      keyboard?: string
      screen?: string
      channels?: readonly string[]
    }) => ({ skep: { rdp: d } }),
  ),

  telnetOption: action(
    'telnet-option',
    'A telnet option that the client negotiated, with its sub-negotiation as text.',
    network,
    (d: { verb: 'WILL' | 'WONT' | 'DO' | 'DONT' | 'SB'; option: string; value?: string }) => ({
      skep: { telnet: d },
    }),
  ),

  login: action(
    'login',
    'An attempt to authenticate: a password, a key, or everything needed to crack what was sent instead.',
    { category: ['authentication'], type: ['start'] },
    (d: {
      method: string
      user?: string
      password?: string
      /** In hashcat's form, salt or challenge included. */
      hash?: string
      /** `verified`: it came with a signature, which was this key's or not. */
      publicKey?: { type: string; fingerprint: string; blob: string; verified?: boolean }
      outcome: Outcome
    }) => ({
      event: { outcome: d.outcome },
      ...(d.user === undefined ? {} : { user: { name: d.user } }),
      skep: {
        login: {
          method: d.method,
          ...(d.password === undefined ? {} : { password: d.password }),
          ...(d.hash === undefined ? {} : { hash: d.hash }),
          ...(d.publicKey === undefined ? {} : { public_key: d.publicKey }),
        },
      },
    }),
  ),

  command: action(
    'command',
    'A command in the protocol or in a shell, as the attacker wrote it.',
    { category: ['process'], type: ['start'] },
    (d: { line: string; verb?: string }) => ({
      process: { command_line: d.line, ...(d.verb === undefined ? {} : { name: d.verb }) },
    }),
  ),

  request: action(
    'request',
    'A whole HTTP request; a body over the inline cap is kept as a sample.',
    { category: ['web', 'network'], type: ['access'] },
    (d: {
      method: string
      url: { original: string; path: string; query?: string; domain?: string }
      version: string
      headers: [name: string, value: string][]
      userAgent?: string
      referrer?: string
      body?: string
      bodyBytes: number
      sample?: Sample
      status: number
      responseBytes: number
      /** Kinds and ids of the rules that saw it. */
      tags?: string[]
    }) => ({
      ...(d.tags?.length ? { tags: d.tags } : {}),
      http: {
        version: d.version,
        request: {
          method: d.method,
          ...(d.referrer === undefined ? {} : { referrer: d.referrer }),
          body: { bytes: d.bodyBytes, ...(d.body === undefined ? {} : { content: d.body }) },
        },
        response: { status_code: d.status, body: { bytes: d.responseBytes } },
      },
      url: d.url,
      ...(d.userAgent === undefined ? {} : { user_agent: { original: d.userAgent } }),
      ...(d.sample === undefined ? {} : { file: file(d.sample, undefined) }),
      skep: { http: { headers: d.headers.map(([name, value]) => `${name}: ${value}`) } },
    }),
  ),

  fileUpload: action(
    'file-upload',
    'A file the attacker left here, kept as a sample; `skep.fate`: sent, run, left when they went, or lost before.',
    { category: ['file'], type: ['creation'] },
    (d: { path: string; sample: Sample; fate?: 'run' | 'lost' | 'left' | 'sent' }) => ({
      file: file(d.sample, d.path),
      skep: { kept: d.sample.kept, ...(d.fate === undefined ? {} : { fate: d.fate }) },
    }),
  ),

  ...postActions,

  fileDownload: action(
    'file-download',
    'A URL the attacker told this machine to fetch. It is never fetched from here.',
    { category: ['file', 'network'], type: ['access'] },
    (d: { url: string; tool: string; commandLine?: string; path?: string }) => ({
      url: { original: d.url },
      process: { name: d.tool, ...(d.commandLine === undefined ? {} : { command_line: d.commandLine }) },
      ...(d.path === undefined ? {} : { file: { path: d.path } }),
    }),
  ),

  outboundAttempt: action(
    'outbound-attempt',
    'A connection that this machine was told to make, and what would have gone through it. It is never made.',
    network,
    (d: { host: string; port: number; tool: string; sent?: string; sample?: Sample }) => ({
      process: { name: d.tool },
      ...(d.sample === undefined ? {} : { file: file(d.sample, undefined) }),
      skep: { outbound: { host: d.host, port: d.port, ...(d.sent === undefined ? {} : { sent: d.sent }) } },
    }),
  ),

  tunnelRequest: action(
    'tunnel-request',
    'A tunnel that a client asked for: of SSH (RFC 4254 §7), forwards or backwards, of SOCKS, or of a web proxy. Nothing is ever connected.',
    network,
    (d: { kind: string; host: string; port: number; origin?: { host: string; port: number } }) => ({
      skep: { tunnel: d },
    }),
  ),

  tunnelData: action(
    'tunnel-data',
    'What was sent into a tunnel: first bytes inline, the whole as a sample, and the protocol where it is known.',
    network,
    (d: { host: string; port: number; protocol?: string; start: string; sample: Sample }) => ({
      file: file(d.sample, undefined),
      ...(d.protocol === undefined ? {} : { network: { protocol: d.protocol } }),
      skep: { tunnel: { host: d.host, port: d.port }, payload: d.start },
    }),
  ),

  execution: action(
    'execution',
    'A program that the attacker brought was run here, or so it seemed to them. No code of theirs ever runs.',
    { category: ['process'], type: ['start'] },
    (d: {
      path: string
      commandLine: string
      format: string
      runs: boolean
      sample?: Sample
      /** Our own pretended network gave it to them: no find, and no sample is kept. */
      served?: true
    }) => ({
      event: { outcome: d.runs ? 'success' : 'failure' },
      process: { executable: d.path, command_line: d.commandLine },
      file: d.sample ? file(d.sample, d.path) : { path: d.path },
      skep: { format: d.format, ...(d.served ? { served: true } : {}) },
    }),
  ),

  accountChange: action(
    'account-change',
    'An account of the pretended machine was made, removed or given another password or key.',
    { category: ['iam'], type: ['user', 'change'] },
    (d: { user: string; change: string; password?: string }) => ({
      user: { target: { name: d.user } },
      skep: { account: { change: d.change, ...(d.password === undefined ? {} : { password: d.password }) } },
    }),
  ),

  environment: action(
    'environment',
    'A variable that the client sent for its session.',
    { category: ['session'], type: ['info'] },
    (d: { name: string; value: string }) => ({ skep: { environment: { name: d.name, value: d.value } } }),
  ),

  terminal: action(
    'terminal',
    'The client asked for a terminal, or changed its size.',
    { category: ['session'], type: ['info'] },
    (d: { type?: string; columns: number; rows: number }) => ({ skep: { terminal: d } }),
  ),

  recording: action(
    'recording',
    'What a terminal session showed was kept, to be played back: `skep replay SESSION`.',
    { category: ['session'], type: ['end'] },
    (d: { path: string; bytes: number; milliseconds: number }) => ({
      event: { duration: Math.round(d.milliseconds * 1e6) },
      file: { path: d.path, size: d.bytes },
    }),
  ),

  fileRead: action(
    'file-read',
    'A file of the pretended machine that the attacker read.',
    { category: ['file'], type: ['access'] },
    (d: { path: string; size: number }) => ({ file: { path: d.path, size: d.size } }),
  ),

  exploit: action(
    'exploit',
    'A known attack, recognised: which, and the evidence.',
    { category: ['intrusion_detection'], type: ['indicator'] },
    (d: { id: string; name: string; evidence: string }) => ({
      vulnerability: { id: d.id, description: d.name },
      skep: { evidence: d.evidence },
    }),
  ),

  payload: action(
    'payload',
    'Bytes nobody here understood: first bytes inline, the whole as a sample, and what can be told of them.',
    network,
    (d: PayloadDetails) => ({ file: file(d.sample, undefined), ...payloadFields(d) }),
  ),

  malformed: action(
    'malformed',
    'The peer broke the protocol. An observation about the attacker, never a fault of ours.',
    { category: ['network'], type: ['protocol', 'error'] },
    (d: { why: string; bytes?: string }) => ({
      error: { message: d.why },
      ...(d.bytes === undefined ? {} : { skep: { bytes: d.bytes } }),
    }),
  ),

  serviceError: action(
    'service-error',
    'A fault of ours; it ended this one connection.',
    { category: ['process'], type: ['error'] },
    (d: { stack: string; bytes?: string }) => ({
      error: { stack_trace: d.stack },
      ...(d.bytes === undefined ? {} : { skep: { bytes: d.bytes } }),
    }),
  ),

  ...packetActions,

  health: action(
    'health',
    'The program about itself: a part started, stopped, was restarted, or a limit was reached.',
    { kind: 'state', category: ['host'], type: ['info'] },
    (d: { part: string; state: string; why?: string }) => ({
      message: `${d.part}: ${d.state}${d.why === undefined ? '' : ` (${d.why})`}`,
      skep: { health: d },
    }),
  ),

  reflection: action(
    'reflection',
    'Datagrams that ask for more than they bring; their sender may be forged, and is then the victim. Nothing of it was sent.',
    { category: ['network', 'intrusion_detection'], type: ['denied'] },
    (d: { requests: number; received: number; withheld: number; milliseconds: number }) => ({
      event: { duration: Math.round(d.milliseconds * 1e6) },
      message: `${d.requests} requests of ${d.received} bytes asked for ${d.withheld}`,
      skep: { reflection: { requests: d.requests, received: d.received, withheld: d.withheld } },
    }),
  ),

  eventsLost: action(
    'events-lost',
    'Events that could not be written while the disk was full or the quota reached, told once there was room again.',
    { kind: 'state', category: ['host'], type: ['error'] },
    (d: { count: number; from: string; to: string; why: string }) => ({
      message: `${d.count} events lost: ${d.why}`,
      skep: { lost: d },
    }),
  ),
} as const

export type ActionName = keyof typeof actions
export type Details<K extends ActionName> = Parameters<(typeof actions)[K]['fields']>[0]
