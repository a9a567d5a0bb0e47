import { originOf } from '#machine/internet/origin.ts'
import { internetOf, type Line, lineTo } from '#machine/internet/outside.ts'
import type { TcpContext } from '#sensor/service.ts'
import { type Answer, headOf, type Request } from './answer.ts'
import type { Verdict } from './auth.ts'
import type { Options } from './options.ts'
import { type Body, fieldOf, type Head } from './wire.ts'

type Cx = TcpContext<Options>
/** Tinyproxy 1.11.1 as Debian 12 has it. */
const VERSION = '1.11.1'
const SERVER = `tinyproxy/${VERSION}`
/** Linux gives a connection up after this many seconds. */
const CONNECT = 130

/** What each refusal is called, and what its page says. */
const refusals = {
  invalid: [400, 'Bad Request', 'Request has an invalid format'],
  itself: [400, 'Bad Request', 'You tried to connect to the machine the proxy is running on'],
  unauthorised: [
    401,
    'Unauthorized',
    'The administrator of this proxy has not configured it to service requests from you.',
  ],
  nameless: [407, 'Proxy Authentication Required', 'This proxy requires authentication.'],
  unreachable: [500, 'Unable to connect', 'Tinyproxy was unable to connect to the remote web server.'],
} as const

/** It reads every head to its end. */
export const early = (_line: string): boolean => false

/** A request, or why there is none; names and passwords come before everything else. */
export function understand(_cx: Cx, head: Head): Request | Answer {
  const [method = '', target = '', said = '', ...more] = head.line.split(/[ \t]+/)
  const version = /^HTTP\/(\d\.\d)$/i.exec(said)?.[1]
  const nothing = { method, target, host: '', port: 0, path: '', version: '1.0', keepAlive: false }
  // Looked at after the credentials, which need a request to hang on.
  if (target === '' || version === undefined || more.length > 0) return { ...nothing, target: '' }
  const common = { method, target, version, keepAlive: false }
  if (method === 'CONNECT') {
    const [, host = '', port] = /^([^:]*)(?::(\d{1,6}))?/.exec(target) ?? []
    return { ...common, host, port: Number(port ?? 443), path: '' }
  }
  const [, where, rest = ''] = /^[a-z_]{1,16}:\/\/([^/]*)(.*)$/is.exec(target) ?? []
  const named = where ?? (target.startsWith('/') ? fieldOf(head, 'host') : undefined)
  if (named === undefined)
    return { ...common, host: target.startsWith('/') || !target ? '' : '-', port: 0, path: target }
  const [, host = '', port] = /^(\[[0-9a-fA-F:.]+\]|[^:]*)(?::(\d{1,6}))?/.exec(named.replace(/^.*@/s, '')) ?? []
  const path = where === undefined ? target : rest || '/'
  return { ...common, host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? 80), path }
}

/** Its ports are all open, unless it is told otherwise; what is no request is told here. */
export function forbidden(cx: Cx, request: Request, line: Line): Answer | undefined {
  if (cx.options.authentication !== 'none') return undefined
  return mistaken(cx, request, line)
}

function mistaken(cx: Cx, request: Request, line: Line): Answer | undefined {
  if (request.target === '') return page('invalid', '1.0')
  const itself = request.host === '' && request.method !== 'CONNECT' && !request.target.includes('://')
  if (itself || request.host === 'localhost' || request.target.startsWith('cache_object:')) return page('itself', '1.0')
  const usual = cx.options.ports === 'any' || request.method !== 'CONNECT' || [443, 563].includes(request.port)
  return usual && line.failure !== 'own' ? undefined : page('unreachable', request.version)
}

/** Whoever says nothing is asked; whoever says something wrong is sent away. */
export function challenge(
  _cx: Cx,
  _request: Request,
  _verdict: Verdict,
  _nonce: string,
  said: string | undefined,
): Answer {
  return said === undefined
    ? page('nameless', '1.0', ['Proxy-Authenticate', 'Basic realm="Tinyproxy"'])
    : page('unauthorised', '1.0', ['WWW-Authenticate', 'Basic realm="Tinyproxy"'])
}

export async function fetched(
  cx: Cx,
  request: Request,
  head: Head,
  body: Body | undefined,
  line: Line,
): Promise<Answer> {
  const wrong = mistaken(cx, request, line)
  if (wrong) return wrong
  const { method, target, host, port, path, version } = request
  // Where a port should be there is something else: it says nothing.
  if (method === 'CONNECT' && /^[^:]*:\D/.test(target))
    return { bytes: Buffer.alloc(0), status: 0, length: 0, close: true }
  await cx.pause(Math.min(line.seconds, CONNECT))
  // A port of 0, or of more than there are, is one that nobody listens at.
  if (line.failure || port === 0 || port > 65_535) return page('unreachable', version)
  if (method === 'CONNECT') {
    const bytes = headOf('HTTP/1.0 200 Connection established', [['Proxy-agent', SERVER]])
    return { bytes, status: 200, length: 0, close: false, tunnel: { host, port } }
  }
  const own =
    /^(?:host|keep-alive|proxy-(?:authenticate|authorization|connection)|te|trailers|upgrade|connection|via)$/i
  const {
    status,
    reason,
    headers,
    body: given,
    seconds,
  } = originOf(
    internetOf(cx.persona),
    {
      method,
      host,
      port,
      path,
      headers: [
        ['Host', port === 80 ? host : `${host}:${port}`],
        ['Connection', 'close'],
        ...head.headers.filter(([name]) => !own.test(name)),
        ['Via', `${version} tinyproxy (${SERVER})`],
      ],
      from: cx.destination.ip,
      ...(body ? { body: body.start.toString('latin1') } : {}),
    },
    cx.now() + cx.persona.clockSkew,
  )
  await cx.pause(Math.min(seconds, CONNECT))
  const via: [string, string] = ['Via', `${version} tinyproxy (${SERVER})`]
  const bytes = Buffer.concat([
    headOf(`HTTP/1.1 ${status} ${reason}`, [via, ...headers]),
    method === 'HEAD' ? Buffer.alloc(0) : given,
  ])
  return { bytes, status, length: given.length, close: method !== 'HEAD' }
}

function page(which: keyof typeof refusals, version: string, more?: [string, string]): Answer {
  const [status, cause, detail] = refusals[which]
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">

<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en">

<head>
<title>${status} ${cause}</title>
<meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
</head>

<body>

<h1>${cause}</h1>

<p>${detail}</p>

<hr />

<p><em>Generated by <a href="https://tinyproxy.github.io/">tinyproxy</a> version ${VERSION}.</em></p>

</body>

</html>
`)
  const fields: [string, string][] = [
    ['Server', SERVER],
    ['Content-Type', 'text/html'],
    ...(more ? [more] : []),
    ['Connection', 'close'],
  ]
  const bytes = Buffer.concat([headOf(`HTTP/${version === '1.0' ? '1.0' : '1.1'} ${status} ${cause}`, fields), body])
  return { bytes, status, length: body.length, close: true }
}

/** Where it has to go; a request that is none goes nowhere. */
export const lineOf = (cx: Cx, { host, port }: Request): Line =>
  host === '' ? { seconds: 0, failure: 'ENOTFOUND' } : lineTo(cx.persona, host, port, cx.destination.ip)
