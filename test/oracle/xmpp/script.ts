import { testPersona } from '#services/testing/persona.ts'
import type { Script } from '../kit/dialogue.ts'

export const HOST = testPersona.domain
export const USER = 'haruto'
export const PASSWORD = 'hayase2019'
/** Another server, which no name server knows. */
const PEER = 'chat.example.net'

const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64')
const stream = (more: string, space = 'jabber:client') =>
  `<stream:stream xmlns='${space}' xmlns:stream='http://etherx.jabber.org/streams' ${more}>`
const open = `<?xml version='1.0'?>${stream(`to='${HOST}' version='1.0'`)}`
const sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
const auth = (mechanism: string, said: string) => `<auth ${sasl} mechanism='${mechanism}'>${said}</auth>`
const plain = (user: string, password: string) => auth('PLAIN', base64(`\0${user}\0${password}`))
const iq = (type: string, id: string, inner: string, more = '') => `<iq type='${type}' id='${id}'${more}>${inner}</iq>`
const BIND = "xmlns='urn:ietf:params:xml:ns:xmpp-bind'"
const bind = iq('set', 'b', `<bind ${BIND}><resource>desk</resource></bind>`)
const IN = [open, plain(USER, PASSWORD), open, bind]
const toServer = ` to='${HOST}'`
const query = (space: string, inner = '') => `<query xmlns='${space}'>${inner}</query>`
const disco = 'http://jabber.org/protocol/disco'
const dial = `${stream(`xmlns:db='jabber:server:dialback' from='${PEER}' to='${HOST}' version='1.0'`, 'jabber:server')}`

/** What clients say at 5222, to a Prosody that lets them in without TLS. */
export const clients: Script = {
  'a stream': [open, '</stream:stream>'],
  'a stream without a declaration': [stream(`to='${HOST}' version='1.0'`), ' ', '</stream:stream>'],
  'an old stream': [stream(`to='${HOST}'`)],
  'no name': [stream("version='1.0'")],
  'another name': [stream("to='203.0.113.9' version='1.0'")],
  'a name in capitals': [stream(`to='${HOST.toUpperCase()}' version='1.0' from='a@b.example' xml:lang='de'`)],
  'a wrong name space': [`<stream:stream xmlns='jabber:client' xmlns:stream='http://x.example/' to='${HOST}'>`],
  'another element': ['<hello/>'],
  'a web browser': ['GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  'bytes of another protocol': ['\x16\x03\x01\x00\x05'],
  'a document type': ["<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]>", open],
  'another encoding': ["<?xml version='1.0' encoding='iso-8859-1'?>", open],
  'another version of XML': ["<?xml version='1.1'?>", open],
  'a comment': [open, '<!-- hello -->'],
  'a processing instruction': [open, '<?php x ?>'],
  'an entity that nobody knows': [open, `<auth ${sasl} mechanism='PLAIN'>&b;</auth>`],
  'tags that do not match': [open, '<iq><a></iq>'],
  'attributes twice': [open, "<iq a='1' a='2'/>"],
  'a prefix that nobody knows': [open, '<x:iq/>'],
  'a mark less': [open, "<iq type='<'/>"],
  'an unexpected end': [open, '</stream>'],
  'the other side reports an error': [
    open,
    "<stream:error><not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
  ],
  'a long stanza': [open, `<auth ${sasl} mechanism='PLAIN'>${'A'.repeat(10_500)}`],
  'stanzas too soon': [
    open,
    iq('get', '1', query('jabber:iq:roster')),
    "<message to='a@b.example'><body>hi</body></message>",
  ],
  'an unknown stanza': [open, '<hello/>'],
  'an element of a name space of its own': [open, "<hello xmlns='urn:x'/>"],
  'an old log-in': [
    open,
    iq('get', 'a1', query('jabber:iq:auth', '<username>x</username>'), toServer),
    iq('set', 'a2', query('jabber:iq:auth', '<username>x</username><password>y</password><resource>z</resource>')),
  ],
  'an account by themselves': [
    open,
    iq('get', 'r1', query('jabber:iq:register'), toServer),
    iq('set', 'r2', query('jabber:iq:register', '<username>x</username><password>y</password>'), toServer),
  ],
  'wrong passwords': [
    open,
    plain('admin', '123456'),
    plain(USER, 'wrong'),
    plain('nobody', ''),
    plain('', 'x'),
    plain(`${USER}@${HOST}`, PASSWORD),
  ],
  'log-ins that are none': [
    open,
    auth('PLAIN', ''),
    auth('PLAIN', '='),
    auth('PLAIN', '!!!!'),
    auth('PLAIN', base64('no zeros')),
    auth('PLAIN', base64('a\0b')),
    auth('PLAIN', base64('\0a\0b\0c')),
    `<auth ${sasl}/>`,
    auth('DIGEST-MD5', ''),
    auth('CRAM-MD5', ''),
    auth('EXTERNAL', ''),
    auth('ANONYMOUS', ''),
    auth('X-OAUTH2', base64('\0a\0b')),
    `<response ${sasl}/>`,
    `<abort ${sasl}/>`,
    `<abort ${sasl}/>`,
  ],
  'a challenge given up': [
    open,
    auth('SCRAM-SHA-1', base64('n,,n=haruto,r=rOprNGfwEbeRWgbNEkqO')),
    `<abort ${sasl}/>`,
    auth('SCRAM-SHA-1', base64('n,,n=nobody,r=rOprNGfwEbeRWgbNEkqO')),
    auth('SCRAM-SHA-1', base64('n,,n=haruto,r=rOprNGfwEbeRWgbNEkqO')),
    `<response ${sasl}>${base64('c=biws,r=rOprNGfwEbeRWgbNEkqO,p=AAAAAAAAAAAAAAAAAAAAAAAAAAA=')}</response>`,
    auth('SCRAM-SHA-1', base64('hello')),
    auth('SCRAM-SHA-1', base64('y,,n=haruto,r=abc')),
    `<response ${sasl}>!</response>`,
    auth('SCRAM-SHA-1-PLUS', base64('p=tls-unique,,n=haruto,r=abc')),
    auth('SCRAM-SHA-256', base64('n,,n=haruto,r=abc')),
  ],
  'in with a password': [
    ...IN,
    iq('set', 's', "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"),
    iq('get', 'r', query('jabber:iq:roster')),
    '<presence/>',
    '</stream:stream>',
  ],
  'in without a resource': [
    open,
    plain(USER, PASSWORD),
    open,
    iq('get', 'v', query('jabber:iq:version'), toServer),
    iq('set', 'b', `<bind ${BIND}/>`),
    iq('set', 'c', `<bind ${BIND}/>`),
  ],
  'another name after the log-in': [open, plain(USER, PASSWORD), stream("to='localhost' version='1.0'")],
  'what the server can do': [
    ...IN,
    iq('get', '1', query(`${disco}#info`), toServer),
    iq('get', '2', query(`${disco}#items`), toServer),
    iq('get', '3', query(`${disco}#info`)),
    iq('get', '4', query(`${disco}#items`)),
    `<iq type='get' id='5'${toServer}><query xmlns='${disco}#info' node='nowhere'/></iq>`,
    iq('get', '6', query('jabber:iq:version'), toServer),
    iq('get', '7', "<ping xmlns='urn:xmpp:ping'/>", toServer),
    iq('get', '8', "<ping xmlns='urn:xmpp:ping'/>"),
    iq('get', '9', query('jabber:iq:last'), toServer),
    iq('get', '10', "<time xmlns='urn:xmpp:time'/>", toServer),
    iq('get', '11', query('jabber:iq:time'), toServer),
    iq('get', '12', query('urn:nobody:knows'), toServer),
    iq('get', '13', query('urn:nobody:knows')),
    iq('get', '14', query('jabber:iq:register'), toServer),
    iq('get', '15', "<vCard xmlns='vcard-temp'/>", toServer),
  ],
  'requests that are none': [
    ...IN,
    iq('get', '1', ''),
    iq('odd', '2', query('jabber:iq:version')),
    "<iq type='get'><query xmlns='jabber:iq:version'/></iq>",
    iq('get', '4', '<a/><b/>', toServer),
    iq('result', '5', '', toServer),
    iq('error', '6', '', toServer),
    '<odd/>',
  ],
  'people of the list': [
    ...IN,
    iq('set', '1', query('jabber:iq:roster', "<item jid='mei@chat.example.net' name='Mei'><group>Work</group></item>")),
    iq('get', '2', query('jabber:iq:roster')),
    iq('set', '3', query('jabber:iq:roster', "<item jid='mei@chat.example.net' subscription='remove'/>")),
    iq('set', '4', query('jabber:iq:roster', "<item jid='mei@chat.example.net' subscription='remove'/>")),
    iq('set', '5', query('jabber:iq:roster')),
    iq('set', '6', query('jabber:iq:roster', `<item jid='${USER}@${HOST}'/>`)),
    iq('set', '7', query('jabber:iq:roster', "<item jid='@'/>")),
    iq('get', '8', query('jabber:iq:roster')),
  ],
  'a card': [
    ...IN,
    iq('get', '1', "<vCard xmlns='vcard-temp'/>"),
    iq('set', '2', "<vCard xmlns='vcard-temp'><FN>Haruto</FN></vCard>"),
    iq('get', '4', "<vCard xmlns='vcard-temp'/>", ` to='nobody@${HOST}'`),
  ],
  'kept in private': [
    ...IN,
    iq('get', '1', query('jabber:iq:private', "<storage xmlns='storage:bookmarks'/>")),
    iq('set', '2', query('jabber:iq:private', "<notes xmlns='urn:x:notes'><a>1</a></notes>")),
    iq('get', '3', query('jabber:iq:private', "<notes xmlns='urn:x:notes'/>")),
    iq('get', '4', query('jabber:iq:private')),
  ],
  messages: [
    ...IN,
    '<presence/>',
    `<message to='${USER}@${HOST}' type='chat' id='m1'><body>hi &amp; &lt;you&gt;</body></message>`,
    `<message to='${USER}@${HOST}/desk' type='chat'><body>hi</body></message>`,
    `<message to='nobody@${HOST}' type='chat' id='m2'><body>hi</body></message>`,
    `<message to='${HOST}' id='m3'><body>hi</body></message>`,
    "<message type='chat' id='m4'><body>to myself</body></message>",
    `<presence to='nobody@${HOST}' type='subscribe'/>`,
    '<presence><show>away</show><status>lunch</status><priority>5</priority></presence>',
    "<presence type='odd'/>",
    "<presence type='unavailable'/>",
  ],
  'to others': [
    ...IN,
    iq('get', '1', query('jabber:iq:version'), ` to='nobody@${HOST}'`),
    iq('get', '2', query('jabber:iq:version'), ` to='${USER}@${HOST}/none'`),
    iq('get', '3', query('jabber:iq:version'), " to='@'"),
    iq('get', '4', query('jabber:iq:version'), ` to='conference.${HOST}'`),
  ],
  'less traffic': [
    ...IN,
    iq('set', '1', "<enable xmlns='urn:xmpp:carbons:2'/>"),
    iq('set', '2', "<disable xmlns='urn:xmpp:carbons:2'/>"),
    iq('get', '3', "<blocklist xmlns='urn:xmpp:blocking'/>"),
    iq('set', '4', "<block xmlns='urn:xmpp:blocking'><item jid='spam@chat.example.net'/></block>"),
    iq('get', '5', "<blocklist xmlns='urn:xmpp:blocking'/>"),
    iq('set', '6', "<unblock xmlns='urn:xmpp:blocking'/>"),
    "<inactive xmlns='urn:xmpp:csi:0'/>",
    "<active xmlns='urn:xmpp:csi:0'/>",
    "<r xmlns='urn:xmpp:sm:3'/>",
  ],
  'stream management': [
    ...IN,
    "<enable xmlns='urn:xmpp:sm:3'/>",
    iq('get', '7', "<ping xmlns='urn:xmpp:ping'/>"),
    "<r xmlns='urn:xmpp:sm:3'/>",
    "<a xmlns='urn:xmpp:sm:3' h='1'/>",
    "<enable xmlns='urn:xmpp:sm:3'/>",
  ],
  nodes: [
    ...IN,
    iq('get', '1', "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:x:none'/></pubsub>"),
    iq(
      'set',
      '2',
      "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:x:own'><item id='a'><b xmlns='urn:x:own'/></item></publish></pubsub>",
    ),
    iq('get', '3', "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:x:own'/></pubsub>"),
  ],
  'another password': [
    ...IN,
    iq('get', '1', query('jabber:iq:register')),
    iq('set', '2', query('jabber:iq:register', '<username>other</username><password>y</password>')),
    iq('set', '3', query('jabber:iq:register', '<password>y</password>')),
    iq('set', '4', query('jabber:iq:register', `<username>${USER}</username><password>hayase2020</password>`)),
  ],
  commands: [
    ...IN,
    `<iq type='get' id='1'${toServer}><query xmlns='${disco}#items' node='http://jabber.org/protocol/commands'/></iq>`,
    iq('set', '2', "<command xmlns='http://jabber.org/protocol/commands' node='uptime'/>", toServer),
    iq('set', '3', "<command xmlns='http://jabber.org/protocol/commands' node='odd' action='execute'/>", toServer),
    iq(
      'set',
      '4',
      "<command xmlns='http://jabber.org/protocol/commands' node='http://jabber.org/protocol/admin#add-user'/>",
      toServer,
    ),
  ],
  'an error in the stream': [...IN, "<iq type='get'><broken></iq>"],
}

/** The same with Debian's settings: no log-in before TLS. */
export const encrypted: Script = {
  'TLS is needed': [open, plain('admin', 'x'), auth('SCRAM-SHA-1', base64('n,,n=a,r=abc'))],
  'TLS is begun': [open, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
}

/** What servers say at 5269. */
export const servers: Script = {
  'a server': [dial, '</stream:stream>'],
  'a server of a name that is not served': [stream(`from='${PEER}' to='other.example' version='1.0'`, 'jabber:server')],
  'a server that has our name': [stream(`from='${HOST}' to='${HOST}' version='1.0'`, 'jabber:server')],
  'a server without a name': [stream("version='1.0'", 'jabber:server')],
  'a server of old': [stream(`xmlns:db='jabber:server:dialback' from='${PEER}' to='${HOST}'`, 'jabber:server')],
  'TLS between servers': [dial, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
  'a key to verify': [dial, `<db:verify from='${PEER}' to='${HOST}' id='417GAF25'>1e701f120f66824b</db:verify>`],
  'a key for nobody here': [dial, `<db:result from='${PEER}' to='other.example'>37c69b1cf07a3f67</db:result>`],
  'a key without names': [dial, '<db:result>37c69b1cf07a3f67</db:result>'],
  'a certificate instead': [dial, auth('EXTERNAL', base64(PEER))],
  'a password at the wrong door': [dial, plain('admin', 'admin')],
  'a stanza too soon': [
    dial,
    `<message from='a@${PEER}' to='${USER}@${HOST}'><body>buy now</body></message>`,
    `<iq type='get' id='1' from='a@${PEER}' to='${HOST}'><query xmlns='jabber:iq:version'/></iq>`,
  ],
  'a client at the wrong door': [open],
  'no XML for servers': ['GET / HTTP/1.0\r\n\r\n'],
}
