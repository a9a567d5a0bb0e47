import { createHash } from 'node:crypto'
import { element } from './element.ts'
import { mechanismsOf } from './login.ts'
import { BIND, CLIENT, SASL, TLS } from './names.ts'
import type { Cx } from './stream.ts'
import type { Element } from './xml.ts'

/** What Debian's Prosody says that it can do (XEP-0030), recorded from 0.12.3 with the modules of Debian's configuration. */
export const INFO = 'http://jabber.org/protocol/disco#info'
export const ITEMS = 'http://jabber.org/protocol/disco#items'

const ofServer = [
  'jabber:iq:roster',
  'urn:xmpp:carbons:rules:0',
  'urn:xmpp:carbons:2',
  'http://jabber.org/protocol/commands',
  'jabber:iq:private',
  'urn:xmpp:time',
  'jabber:iq:time',
  'jabber:iq:last',
  'http://jabber.org/protocol/disco#info',
  'http://jabber.org/protocol/disco#items',
  'vcard-temp',
  'jabber:iq:register',
  'urn:xmpp:blocking',
  'jabber:iq:version',
  'msgoffline',
  'urn:xmpp:ping',
] as const
/** Nodes that people keep things under (XEP-0060, 0163). */
const ofNodes =
  'create-nodes presence-notifications auto-create retrieve-default create-and-configure subscription-options presence-subscribe auto-subscribe purge-nodes filtered-notifications config-node-max config-node instant-nodes multi-items publish meta-data retrieve-items outcast-affiliation delete-nodes member-affiliation publisher-affiliation retract-items persistent-items publish-options delete-items subscribe item-ids access-presence modify-affiliations last-published retrieve-subscriptions'.split(
    ' ',
  )
const ofAccount = [
  'http://jabber.org/protocol/pubsub',
  ...ofNodes.map(name => `http://jabber.org/protocol/pubsub#${name}`),
  'urn:xmpp:bookmarks:1#compat',
  'urn:xmpp:bookmarks:1#compat-pep',
  'urn:xmpp:bookmarks-conversion:0',
  'urn:ietf:params:xml:ns:vcard-4.0',
  'urn:xmpp:pep-vcard-conversion:0',
]

const info = (
  identities: [category: string, type: string, name?: string][],
  vars: readonly string[],
  node?: string,
): Element =>
  element(
    'query',
    INFO,
    { node },
    ...identities.map(([category, type, name]) => element('identity', INFO, { category, type, name })),
    ...vars.map(name => element('feature', INFO, { var: name })),
  )
/** The number of what a server can do (XEP-0115 §5.1). */
const capabilities = createHash('sha1')
  .update(
    `server/im//Prosody<${ofServer
      .toSorted()
      .map(name => `${name}<`)
      .join('')}`,
  )
  .digest('base64')
const CAPS_NODE = `http://prosody.im#${capabilities}`

export const infoOfServer = (node?: string): Element | undefined =>
  node === undefined || node === CAPS_NODE ? info([['server', 'im', 'Prosody']], ofServer, node) : undefined
export const infoOfAccount = (): Element =>
  info(
    [
      ['account', 'registered'],
      ['pubsub', 'pep'],
    ],
    ofAccount,
  )

/** Before anybody is logged in. */
export function featuresBefore(cx: Cx): Element[] {
  const required = cx.options.encryption === 'required'
  const locked = required && !cx.encrypted
  const tls = cx.encrypted ? [] : [element('starttls', TLS, {}, ...(required ? [element('required', TLS)] : []))]
  if (locked) return tls
  const mechanisms = mechanismsOf(cx).map(name => element('mechanism', SASL, {}, name))
  // Invitations are of 0.12, whose Debian has them on.
  const register = hasInvitations(cx)
    ? ['http://jabber.org/features/iq-register', 'urn:xmpp:invite', 'urn:xmpp:ibr-token:0'].map(space =>
        element('register', space),
      )
    : []
  return [element('mechanisms', SASL, {}, ...mechanisms), ...register, ...tls]
}
export const hasInvitations = ({ persona }: Cx): boolean => !persona.software.prosody.version.startsWith('0.11.')

/** After the log-in. */
export function featuresAfter(cx: Cx): Element[] {
  const optional = (name: string, space: string) => element(name, space, {}, element('optional', space))
  return [
    ...(cx.encrypted ? [] : featuresBefore(cx).filter(({ name }) => name === 'starttls')),
    element('c', 'http://jabber.org/protocol/caps', { node: 'http://prosody.im', ver: capabilities, hash: 'sha-1' }),
    element('bind', BIND, {}, element('required', BIND)),
    optional('session', 'urn:ietf:params:xml:ns:xmpp-session'),
    element('ver', 'urn:xmpp:features:rosterver'),
    element('sub', 'urn:xmpp:features:pre-approval'),
    element('csi', 'urn:xmpp:csi:0'),
    optional('sm', 'urn:xmpp:sm:2'),
    optional('sm', 'urn:xmpp:sm:3'),
  ]
}

export const isStanza = ({ name, space }: Element): boolean =>
  space === CLIENT && /^(?:iq|message|presence)$/.test(name)
