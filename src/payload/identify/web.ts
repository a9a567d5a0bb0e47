import {
  at,
  begins,
  certain,
  firstLine,
  guess,
  header,
  likely,
  line,
  magic,
  type Recogniser,
  type Sight,
  shown,
  verbs,
  within,
} from './kit.ts'

/** HTTP (RFC 9110, 5789, 4918, 3253 …), UPnP's eventing, and what shares its request line: RTSP (RFC 7826), SIP (RFC 3261). */
const METHODS = new Set(
  `GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH PRI PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK SEARCH
   REPORT CHECKOUT CHECKIN UNCHECKOUT MKWORKSPACE UPDATE LABEL MERGE BASELINE-CONTROL MKACTIVITY ORDERPATCH ACL
   BIND REBIND UNBIND LINK UNLINK MKCALENDAR VERSION-CONTROL TRACK DEBUG PURGE QUERY NOTIFY SUBSCRIBE UNSUBSCRIBE M-SEARCH
   POLL BCOPY BDELETE BMOVE BPROPFIND BPROPPATCH X-MS-ENUMATTS RPC_IN_DATA RPC_OUT_DATA CCM_POST SSTP_DUPLEX_POST SOURCE
   INVITE ACK BYE CANCEL REGISTER PRACK INFO REFER MESSAGE PUBLISH DESCRIBE SETUP PLAY PAUSE TEARDOWN ANNOUNCE
   GET_PARAMETER SET_PARAMETER REDIRECT RECORD`.split(/\s+/),
)
/** Methods that nothing but HTTP begins with, when a path follows. */
const OWN =
  /^(?:GET|HEAD|POST|PUT|DELETE|TRACE|PATCH|PROPFIND|DEBUG|PURGE|MKCOL|COPY|MOVE|LOCK|SEARCH) (?:\/|https?:\/\/)/

const family = new Map([
  ['HTTP', 'http'],
  ['SIP', 'sip'],
  ['RTSP', 'rtsp'],
  ['ICY', 'icecast'],
  ['ICAP', 'icap'],
])

/** Programs behind HTTP whose paths give away what a client is looking for. */
const behind: readonly [string, RegExp][] = [
  ['Docker', /^\/(?:v1\.\d+\/)?(?:containers\/(?:json|create)|images\/|info$|version$|_ping|exec\/|swarm|volumes)/],
  [
    'Kubernetes',
    /^\/(?:api\/v1\/?(?:namespaces|pods|nodes|secrets)?|apis\/?|runningpods\/|pods$|exec\/|run\/|healthz)/,
  ],
  ['Elasticsearch', /^\/(?:_cat|_search|_cluster|_nodes|_all|_bulk|_aliases)/],
  ['Solr', /^\/solr\//],
  ['CouchDB', /^\/(?:_all_dbs|_utils|_users|_session|_config)/],
  ['etcd', /^\/v[23]\/(?:keys|kv)/],
  ['Consul', /^\/v1\/(?:agent|catalog|kv|health)/],
  ['IPP', /^\/(?:ipp|printers)\b/],
  ['HNAP', /^\/HNAP1/i],
  ['TR-069', /^\/(?:cwmp|tr069|TR-069)/i],
  ['WinRM', /^\/wsman/i],
  ['Hadoop YARN', /^\/ws\/v1\/cluster/],
]

/** A request line, whole or not. */
function requestLine(bytes: Buffer, protocol: string): Sight {
  // Most lines are HTTP's: what is whole and does not name another protocol is not looked at again for each of those.
  if (protocol !== 'http' && bytes.indexOf(10) > 8 && bytes.indexOf(` ${protocol.toUpperCase()}/`) < 0) return undefined
  const blank = /^(?:\r?\n){1,4}/.exec(bytes.toString('latin1', 0, 8))?.[0].length ?? 0
  const found = firstLine(bytes.subarray(blank), 4096)
  if (!found) return undefined
  const { line, whole } = found
  const space = line.indexOf(' ')
  const method = space < 0 ? line : line.slice(0, space)
  if (!/^[A-Za-z_-]{1,24}$/.test(method)) return line === '' && !whole && protocol === 'http' ? 'more' : undefined
  if (space < 0) return !whole && [...METHODS].some(known => known.startsWith(method)) ? 'more' : undefined
  const version = / ([A-Z]{3,4})\/\d\.\d\s*$/.exec(line)
  if (version) return family.get(version[1]!) === protocol ? certain(detailOf(method, line, protocol)) : undefined
  if (protocol !== 'http') return !whole && METHODS.has(method) && !OWN.test(line) ? 'more' : undefined
  if (OWN.test(line)) return certain(detailOf(method, line, protocol))
  if (!METHODS.has(method.toUpperCase())) return undefined
  if (!whole) return 'more'
  const target = line.slice(space + 1)
  if (/^(?:\/|\*|https?:|[\w.-]+:\d+ )/i.test(target)) return likely(detailOf(method, line, protocol))
  return method === 'GET' && target !== '' ? guess(detailOf(method, line, protocol)) : undefined
}

function detailOf(method: string, line: string, protocol: string): string {
  const target = line.slice(method.length + 1).split(' ')[0] ?? ''
  const product = protocol === 'http' ? behind.find(([, path]) => path.test(target))?.[0] : undefined
  return `${method} ${shown(target)}${product ? ` (${product})` : ''}`
}

/** RFC 8446 §5.1, §4.1.2: a handshake record with a ClientHello. SSL 2's hello (RFC 6101 appendix E) is told apart. */
const tls = header(
  6,
  bytes =>
    at(bytes, 0, 0x16) &&
    at(bytes, 1, 3) &&
    at(bytes, 2, 0, 1, 2, 3, 4) &&
    within(bytes, 3, 2, 4, 0x4000) &&
    at(bytes, 5, 1),
  bytes => certain(`ClientHello, record version ${bytes[1]}.${bytes[2]}`),
)
const ssl2 = header(
  5,
  bytes => bytes.length > 0 && bytes[0]! >= 0x80 && at(bytes, 2, 1) && at(bytes, 3, 0, 3) && at(bytes, 4, 0, 1, 2, 3),
  bytes => {
    if (bytes[3] === 0 && bytes[4] !== 2) return undefined
    // Cipher specs come in threes; session id and challenge have their lengths.
    if (bytes.length < 11) return 'more'
    return bytes.readUInt16BE(5) % 3 === 0 ? likely('SSL 2 ClientHello') : undefined
  },
)

/** The beginnings that web servers and their neighbours see. */
export const web: readonly Recogniser[] = [
  { protocol: 'tls', service: 'http', ports: [443, 8443, 9443, 4443], see: tls },
  { protocol: 'ssl2', ports: [443, 8443], see: ssl2 },
  {
    // RFC 9113 §3.4
    protocol: 'http2',
    service: 'http',
    see: bytes =>
      begins(bytes, 'PRI * HTTP/2.0\r\n') === 'yes'
        ? certain('connection preface')
        : begins(bytes, 'PRI * HTTP/2.0\r\n') === 'more'
          ? 'more'
          : undefined,
  },
  {
    protocol: 'http',
    late: true,
    ports: [80, 81, 8000, 8080, 8081, 8888, 3128],
    see: bytes => (begins(bytes, 'PRI * HTTP/2.0') === 'yes' ? undefined : requestLine(bytes, 'http')),
  },
  { protocol: 'sip', ports: [5060, 5061], see: bytes => requestLine(bytes, 'sip') },
  { protocol: 'rtsp', ports: [554, 8554], see: bytes => requestLine(bytes, 'rtsp') },
  { protocol: 'icap', ports: [1344], see: bytes => requestLine(bytes, 'icap') },
  {
    // haproxy.org: proxy-protocol.txt §2
    protocol: 'proxy-protocol',
    see: magic(['PROXY TCP4 ', 'PROXY TCP6 ', 'PROXY UNKNOWN', '\r\n\r\n\0\r\nQUIT\n'], certain()),
  },
  {
    // AJP13: 0x1234, length, prefix code 2 (forward request), 7 shutdown, 8 ping, 10 cping
    protocol: 'ajp13',
    ports: [8009],
    see: header(
      5,
      bytes => at(bytes, 0, 0x12) && at(bytes, 1, 0x34) && within(bytes, 2, 2, 1, 8192) && at(bytes, 4, 2, 7, 8, 10),
      bytes => certain(bytes[4] === 2 ? 'forward request' : 'ping'),
    ),
  },
  {
    // RFC 1436 §2: a selector and a line end. Only its port tells it from anything else.
    protocol: 'gopher',
    ports: [70],
    onlyAtHome: true,
    see: line(256, selector => (/^(?:|\/[^ ]*|\d\/[^ ]*)(?:\t|$)/.test(selector) ? guess(shown(selector)) : undefined)),
  },
  {
    // The FastCGI record: version 1, BEGIN_REQUEST, id 1, length 8
    protocol: 'fastcgi',
    ports: [9000],
    see: header(
      8,
      bytes =>
        at(bytes, 0, 1) &&
        at(bytes, 1, 1, 9) &&
        at(bytes, 2, 0) &&
        at(bytes, 3, 0, 1) &&
        at(bytes, 4, 0) &&
        at(bytes, 7, 0),
      bytes =>
        bytes[1] === 1 && bytes[5] !== 8 ? undefined : bytes.length > 8 && bytes[8] !== 0 ? undefined : likely(),
    ),
  },
  {
    protocol: 'uwsgi',
    ports: [3031],
    see: header(
      20,
      bytes =>
        at(bytes, 0, 0) && within(bytes, 1, 2, 16, 16384, 'le') && at(bytes, 3, 0) && within(bytes, 4, 2, 4, 64, 'le'),
      bytes => (/^[A-Z_]{4}/.test(bytes.toString('latin1', 6, 10)) ? certain() : undefined),
    ),
  },
  {
    protocol: 'scgi',
    see: bytes => {
      const text = bytes.toString('latin1', 0, 24)
      return /^\d{2,5}:CONTENT_LENGTH\0/.test(text)
        ? certain()
        : /^\d{1,5}(?::[A-Z_]{0,14})?$/.test(text)
          ? 'more'
          : undefined
    },
  },
  {
    protocol: 'icecast',
    ports: [8000, 8001],
    see: verbs('SOURCE', (_, rest) => (/^\//.test(rest) ? likely(shown(rest)) : undefined)),
  },
]
