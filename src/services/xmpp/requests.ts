import { keep, put } from './account.ts'
import { type Client, deliver, ownBare, refuse } from './client.ts'
import { childOf, childrenOf, element, textOf } from './element.ts'
import { hasInvitations, INFO, ITEMS, infoOfAccount, infoOfServer } from './features.ts'
import { BIND, bareOf, CLIENT, type Jid, jidOf, nodeOf } from './names.ts'
import { newId, shown } from './stream.ts'
import type { Element } from './xml.ts'

/** A request (iq of get or set) to ourselves or to the server, whose only child is `query`. */
type Request = { client: Client; stanza: Element; query: Element; at: Jid | undefined }
type Answer = (request: Request) => Promise<void>

const answer = ({ client, stanza }: Request, ...inner: Element[]): Promise<void> =>
  deliver(
    client,
    element(
      'iq',
      CLIENT,
      { type: 'result', id: stanza.attributes.get('id'), from: stanza.attributes.get('to'), to: client.jid },
      ...inner,
    ),
  )
const error = ({ client, stanza }: Request, type: string, condition: string, words?: string): Promise<void> =>
  refuse(client, stanza, type, condition, words)
const unknown = (request: Request): Promise<void> => error(request, 'cancel', 'service-unavailable')
const node = ({ query }: Request): string | undefined => query.attributes.get('node')

/** One request; what nobody knows is told so. */
export async function request(client: Client, stanza: Element, at: Jid | undefined): Promise<void> {
  const type = stanza.attributes.get('type')
  const query = childrenOf(stanza)[0]
  if (!query || type === 'result' || type === 'error') return
  const all: Request = { client, stanza, query, at }
  if (client.jid === undefined) return await (query.space === BIND && type === 'set' ? bind(all) : unknown(all))
  const where =
    at === undefined || (at.node === client.user && at.resource === undefined)
      ? 'own'
      : at.node === undefined
        ? 'host'
        : 'other'
  const found =
    answers.get(`${where} ${type} ${query.name} ${query.space}`) ??
    (at === undefined ? answers.get(`host ${type} ${query.name} ${query.space}`) : undefined)
  await (found && at?.resource === undefined ? found(all) : unknown(all))
}

/** RFC 6120 §7. */
async function bind(request: Request): Promise<void> {
  const { client, query } = request
  const wanted = textOf(childOf(query, 'resource')) ?? ''
  const resource = wanted === '' || wanted.length > 1023 ? shortId(request) : wanted
  await answer(request, element('bind', BIND, {}, element('jid', BIND, {}, `${ownBare(client)}/${resource}`)))
  client.jid = `${ownBare(client)}/${resource}`
}
/** Twelve characters, as util.id makes them. */
const shortId = ({ client }: Request): string => client.cx.random(9).toString('base64url')

const ROSTER = 'jabber:iq:roster'
const contact = (jid: string, { name, groups }: { name?: string; groups: string[] }): Element =>
  element(
    'item',
    ROSTER,
    { jid, name, subscription: 'none' },
    ...groups.map(group => element('group', ROSTER, {}, group)),
  )

const getRoster: Answer = async request => {
  const { account } = request.client
  request.client.interested = true
  const ver = String(Math.max(1, account.rosterVersion))
  await answer(
    request,
    element('query', ROSTER, { ver }, ...[...account.roster].map(([jid, one]) => contact(jid, one))),
  )
}

/** RFC 6121 §2.3–2.5. */
const setRoster: Answer = async request => {
  const { client, query } = request
  const { account } = client
  const items = childrenOf(query)
  const [item] = items
  const jid = item && jidOf(item.attributes.get('jid') ?? '')
  if (!item || items.length !== 1 || !jid || jid.resource !== undefined)
    return await error(request, 'modify', 'bad-request')
  const bare = bareOf(jid)
  if (bare === ownBare(client)) return await error(request, 'cancel', 'not-allowed')
  const remove = item.attributes.get('subscription') === 'remove'
  if (remove && !account.roster.delete(bare)) return await error(request, 'modify', 'item-not-found')
  const name = item.attributes.get('name')?.slice(0, 256)
  const groups = childrenOf(item).flatMap(one => (one.name === 'group' ? [(textOf(one) ?? '').slice(0, 256)] : []))
  const now = { ...(name === undefined ? {} : { name }), groups: groups.slice(0, 8) }
  if (!remove) put(account.roster, bare, now)
  account.rosterVersion++
  await answer(request)
  if (!client.interested) return
  const shownItem = remove ? element('item', ROSTER, { subscription: 'remove', jid: bare }) : contact(bare, now)
  const push = element('query', ROSTER, { ver: String(account.rosterVersion) }, shownItem)
  await deliver(client, element('iq', CLIENT, { id: shortId(request), type: 'set' }, push))
}

const BLOCKING = 'urn:xmpp:blocking'
const blocked = (name: string, jids: Iterable<string>): Element =>
  element(name, BLOCKING, {}, ...[...jids].map(jid => element('item', BLOCKING, { jid })))
const getBlocked: Answer = request => answer(request, blocked('blocklist', request.client.account.blocked))
/** XEP-0191. */
const setBlocked: Answer = async request => {
  const { client, query } = request
  const list = client.account.blocked
  const jids = childrenOf(query).flatMap(item => item.attributes.get('jid')?.slice(0, 512) ?? [])
  if (query.name === 'block' && jids.length === 0) return await error(request, 'modify', 'bad-request')
  for (const jid of jids) {
    if (query.name === 'unblock') list.delete(jid)
    else if (list.size < 64) list.add(jid)
  }
  if (query.name === 'unblock' && jids.length === 0) list.clear()
  await answer(request)
  await deliver(
    client,
    element('iq', CLIENT, { type: 'set', id: 'blocklist-push', to: client.jid }, blocked(query.name, jids)),
  )
}

const PRIVATE = 'jabber:iq:private'
const getPrivate: Answer = async request => {
  const [wanted] = childrenOf(request.query)
  if (!wanted) return await error(request, 'modify', 'bad-format')
  const found = request.client.account.kept.get(`${wanted.name} ${wanted.space}`)
  await answer(request, element('query', PRIVATE, {}, found ?? { ...wanted, children: [] }))
}
const setPrivate: Answer = async request => {
  const [given] = childrenOf(request.query)
  if (!given) return await error(request, 'modify', 'bad-format')
  keep(request.client.account.kept, `${given.name} ${given.space}`, given)
  await answer(request)
}

const CARD = 'vcard-temp'
const getCard: Answer = request => answer(request, request.client.account.kept.get(CARD) ?? element('vCard', CARD))
const setCard: Answer = async request => {
  keep(request.client.account.kept, CARD, request.query)
  await answer(request)
}

const PUBSUB = 'http://jabber.org/protocol/pubsub'
/** Items of one's own nodes (XEP-0163). */
const getNodes: Answer = async request => {
  const items = childOf(request.query, 'items')
  const name = items?.attributes.get('node') ?? ''
  const found = request.client.account.nodes.get(name)
  if (!items) return await error(request, 'cancel', 'feature-not-implemented')
  if (!found) return await error(request, 'cancel', 'item-not-found')
  await answer(request, element('pubsub', PUBSUB, {}, element('items', PUBSUB, { node: name }, ...found.values())))
}
const setNodes: Answer = async request => {
  const publish = childOf(request.query, 'publish')
  const name = publish?.attributes.get('node')
  const item = publish && childOf(publish, 'item')
  if (name === undefined || !item) return await error(request, 'cancel', 'feature-not-implemented')
  const id = item.attributes.get('id') ?? shortId(request)
  const { nodes } = request.client.account
  const items = nodes.get(name) ?? new Map<string, Element>()
  keep(items, id, { ...item, attributes: new Map([['id', id]]) })
  if (name.length <= 512) put(nodes, name, items, 16)
  const said = element('publish', PUBSUB, { node: name }, element('item', PUBSUB, { id }))
  await answer(request, element('pubsub', PUBSUB, {}, said))
}

const REGISTER = 'jabber:iq:register'
const getRegistered: Answer = request =>
  answer(
    request,
    element(
      'query',
      REGISTER,
      {},
      element('registered', REGISTER),
      element('username', REGISTER, {}, request.client.user),
      element('password', REGISTER),
    ),
  )
/** Another password (XEP-0077 §3.3). */
const setRegistered: Answer = async request => {
  const { client, query } = request
  const user = textOf(childOf(query, 'username')) ?? ''
  const password = textOf(childOf(query, 'password'))
  if (nodeOf(user) !== client.user || password === undefined) return await error(request, 'modify', 'bad-request')
  client.access.changed(client.user, password)
  client.cx.record.accountChange({ user: shown(client.user), change: 'password', password: shown(password) })
  await answer(request)
}

const now = ({ client: { cx } }: Request): string =>
  new Date(cx.now() + cx.persona.clockSkew).toISOString().slice(0, 19)
/** Seconds since Prosody started: some while after the machine. */
const uptime = ({ client: { cx } }: Request): number =>
  Math.max(1, Math.floor((cx.now() - cx.persona.bootedAt) / 1000) - 19)
const version = 'jabber:iq:version'
const getVersion: Answer = request => {
  const said = [
    ['name', 'Prosody'],
    ['version', request.client.cx.persona.software.prosody.version],
    ['os', 'Linux'],
  ] as const
  return answer(
    request,
    element('query', version, {}, ...said.map(([name, value]) => element(name, version, {}, value))),
  )
}
const getTime: Answer = request => {
  const space = 'urn:xmpp:time'
  // Prosody tells the time of no place.
  const said = [element('tzo', space, {}, '+00:00'), element('utc', space, {}, `${now(request)}Z`)]
  return answer(request, element('time', space, {}, ...said))
}
const oldTime = 'jabber:iq:time'
const getOldTime: Answer = request =>
  answer(request, element('query', oldTime, {}, element('utc', oldTime, {}, now(request).replaceAll('-', ''))))

const COMMANDS = 'http://jabber.org/protocol/commands'
const runCommand: Answer = async request => {
  const { client, stanza } = request
  const name = node(request) ?? ''
  if (name === 'uptime') return await tellUptime(request)
  if (!name.startsWith('http://jabber.org/protocol/admin#')) return await unknown(request)
  const words = "You don't have permission to execute this command"
  const note = element('note', COMMANDS, { type: 'error' }, words)
  const space = 'urn:ietf:params:xml:ns:xmpp-stanzas'
  await deliver(
    client,
    element(
      'iq',
      CLIENT,
      { type: 'error', id: stanza.attributes.get('id'), from: client.host, to: client.jid },
      element('error', CLIENT, { type: 'auth' }, element('forbidden', space), element('text', space, {}, words)),
      element('command', COMMANDS, { status: 'canceled', node: name }, note),
    ),
  )
}
function tellUptime(request: Request): Promise<void> {
  const seconds = uptime(request)
  const some = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`
  const parts = [
    some(Math.floor(seconds / 86_400), 'day'),
    some(Math.floor(seconds / 3600) % 24, 'hour'),
    some(Math.floor(seconds / 60) % 60, 'minute'),
  ]
  const { cx } = request.client
  const since = new Date(cx.now() + cx.persona.clockSkew - seconds * 1000 + cx.persona.timezone.offset * 60_000)
  // As `date` of C has it: Thu Jan 15 03:04:05 2026.
  const [day, date, month, year, time] = since.toUTCString().replace(',', '').split(' ')
  const shownSince = `${day} ${month} ${date!.replace(/^0/, ' ')} ${time} ${year}`
  const words = `This server has been running for ${parts[0]}, ${parts[1]} and ${parts[2]} (since ${shownSince})`
  const status = { sessionid: newId(cx), status: 'completed', node: 'uptime' }
  return answer(request, element('command', COMMANDS, status, element('note', COMMANDS, { type: 'info' }, words)))
}
const items: Answer = async request => {
  const { host, cx } = request.client
  const wanted = node(request)
  const list = [
    ['Get uptime', 'uptime'],
    ...(hasInvitations(cx) ? [['Create new contact invite', 'urn:xmpp:invite#invite']] : []),
  ]
  if (wanted !== undefined && wanted !== COMMANDS)
    return await error(request, 'cancel', 'item-not-found', 'Node does not exist')
  const shownItems =
    wanted === undefined ? [] : list.map(([name, id]) => element('item', ITEMS, { jid: host, name, node: id }))
  await answer(request, element('query', ITEMS, { node: wanted }, ...shownItems))
}

/** An account's answers bear its address even if nobody wrote one. */
const fromAccount =
  (inner: (request: Request) => Element): Answer =>
  async request => {
    const stanza = {
      ...request.stanza,
      attributes: new Map(request.stanza.attributes).set('to', ownBare(request.client)),
    }
    await answer({ ...request, stanza }, inner(request))
  }

/** By whom it asks (`own`: the account; `host`: the server; `other`: somebody else of it), type, element and name space. */
const answers = new Map<string, Answer>([
  [`own get query ${ROSTER}`, getRoster],
  [`own set query ${ROSTER}`, setRoster],
  [`own set session urn:ietf:params:xml:ns:xmpp-session`, request => answer(request)],
  [`own get blocklist ${BLOCKING}`, getBlocked],
  [`own set block ${BLOCKING}`, setBlocked],
  [`own set unblock ${BLOCKING}`, setBlocked],
  ['own set enable urn:xmpp:carbons:2', request => answer(request)],
  ['own set disable urn:xmpp:carbons:2', request => answer(request)],
  [`own get query ${PRIVATE}`, getPrivate],
  [`own set query ${PRIVATE}`, setPrivate],
  [`own get vCard ${CARD}`, getCard],
  [`own set vCard ${CARD}`, setCard],
  // Whether there is such a somebody is not said.
  [`other get vCard ${CARD}`, request => answer(request, element('vCard', CARD))],
  [`own get pubsub ${PUBSUB}`, getNodes],
  [`own set pubsub ${PUBSUB}`, setNodes],
  [`own get query ${REGISTER}`, getRegistered],
  [`own set query ${REGISTER}`, setRegistered],
  [`host get query ${REGISTER}`, getRegistered],
  [`host set query ${REGISTER}`, setRegistered],
  [`own get query ${INFO}`, fromAccount(infoOfAccount)],
  [
    `own get query ${ITEMS}`,
    fromAccount(({ client }) =>
      element('query', ITEMS, {}, element('item', ITEMS, { node: 'storage:bookmarks', jid: ownBare(client) })),
    ),
  ],
  [
    `host get query ${INFO}`,
    async request => {
      const found = infoOfServer(node(request))
      await (found ? answer(request, found) : error(request, 'cancel', 'item-not-found', 'Node does not exist'))
    },
  ],
  [`host get query ${ITEMS}`, items],
  [`host get query ${version}`, getVersion],
  ['host get ping urn:xmpp:ping', request => answer(request)],
  ['own get ping urn:xmpp:ping', request => answer(request)],
  [
    'host get query jabber:iq:last',
    request => answer(request, element('query', 'jabber:iq:last', { seconds: String(uptime(request)) })),
  ],
  ['host get time urn:xmpp:time', getTime],
  [`host get query ${oldTime}`, getOldTime],
  [`host set command ${COMMANDS}`, runCommand],
])
