import * as v from 'valibot'
import { day, findProvider, providers } from '#hosting/catalogue.ts'
import { capacities } from '#hosting/questions.ts'
import { overridesSchema } from '#persona/overrides.ts'
import { editions } from './editions.ts'
import { addressAndPort, size, whole } from './units.ts'

/** A key of skep.yaml: its default and the sentence that explains it, in editors and in the reference. */
const key = <S extends v.GenericSchema>(schema: S, fallback: v.InferInput<S>, doc: string) =>
  v.pipe(v.optional(schema, fallback as never), v.description(doc))
const section = <E extends v.ObjectEntries>(entries: E, doc: string) =>
  v.pipe(v.optional(v.strictObject(entries), {} as never), v.description(doc))
const optional = <S extends v.GenericSchema>(schema: S, doc: string) => v.pipe(v.optional(schema), v.description(doc))

const ip = v.pipe(v.string('Expected an IP address'), v.ip('Expected an IP address'), v.title('IP address'))
const ALL_OR_IP = 'Expected "all" or an IP address'
const allOrIp = v.pipe(
  v.string(ALL_OR_IP),
  v.check(text => text === 'all' || v.is(ip, text), ALL_OR_IP),
  v.title('"all" or an IP address'),
)
const NETWORK = 'Expected an address or a network such as "192.0.2.0/24"'
const network = v.pipe(
  v.string(NETWORK),
  v.check(text => {
    const [address = '', bits, more] = text.split('/')
    const most = address.includes(':') ? 128 : 32
    return (
      more === undefined &&
      v.is(ip, address) &&
      (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
    )
  }, NETWORK),
  v.title('address or network'),
)
const file = v.pipe(v.string('Expected the name of a file'), v.title('file name'))

const words = v.pipe(
  v.string('Expected text'),
  v.trim(),
  v.minLength(1, 'Expected text'),
  v.maxLength(1000, 'Expected at most 1000 characters'),
  v.regex(/^[^\p{Cc}]+(\n[^\p{Cc}]+)*$/u, 'Expected text without control characters'),
)
const providerId = v.pipe(
  v.string('Expected the id of a provider'),
  v.title('id of `skep providers`'),
  v.check(
    id => findProvider(id) !== undefined,
    () =>
      `Expected one of ${providers()
        .map(({ id }) => id)
        .join(', ')}`,
  ),
)
const pastDay = v.pipe(
  day,
  // The day begins up to 14 hours earlier elsewhere than in UTC.
  v.check(text => Date.parse(text) <= Date.now() + 14 * 3_600_000, 'This day has not come yet'),
)

const ENDPOINT = 'Expected a port such as 2121, "990/tls" or "123/udp"'
const endpoint = v.pipe(
  v.union([v.number(), v.string()], ENDPOINT),
  v.title('port such as 2121, "990/tls" or "123/udp"'),
  v.transform(String),
  v.regex(/^\d{1,5}(\/(tcp|tls|udp))?$/, ENDPOINT),
  v.check(text => Number.parseInt(text, 10) >= 1 && Number.parseInt(text, 10) <= 65535, ENDPOINT),
)

/** One service: on or off, where it listens, and whatever options it defines itself. */
export const serviceEntry = v.looseObject({
  enabled: optional(v.boolean(), 'Whether it runs; what is not said follows the edition.'),
  listen: optional(v.array(endpoint), 'Ports in place of its own; `listen.portOffset` is added to these too.'),
})

export const settingsSchema = v.strictObject({
  sensor: key(
    v.pipe(
      v.string('Expected a name'),
      v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'Expected up to 63 letters, digits, dots and dashes'),
      v.title('name'),
    ),
    'skep',
    'Your name for this sensor. It stands in every event and is never shown to an attacker.',
  ),
  edition: key(
    v.picklist(Object.keys(editions) as [keyof typeof editions]),
    'standard',
    'Which decoys run, and whether the store and page do: all with store and page (standard), SSH, telnet and HTTP only (mini), what a machine of one trade has and nothing else (web, mail, database, telephony), all decoys and nothing but the journal (sensor), no decoy at all, nothing answered and every packet recorded (passive).',
  ),
  provider: v.pipe(
    v.optional(
      v.pipe(
        v.strictObject({
          id: optional(providerId, 'Who rents this machine to you. What they ask for is then held to at every start.'),
          contact: optional(words, 'Your name and where they reach you; it stands in letters to them.'),
          purpose: optional(words, 'What you do this for, in the language of the letters.'),
          capacity: optional(v.picklist(capacities), 'On whose behalf; some providers ask.'),
          permission: optional(
            v.pipe(
              v.strictObject({
                date: v.pipe(pastDay, v.description('The day of the permission.')),
                statement: v.pipe(words, v.description('Who permitted what, and where that is kept.')),
              }),
              v.title('`{date: …, statement: …}`'),
            ),
            'Their permission in writing. It stands above what the catalogue says of them, and is shown at every start.',
          ),
          declared: optional(pastDay, 'The day on which you sent the declaration that they ask for.'),
        }),
        v.forward(
          v.partialCheck(
            [['id'], ['permission'], ['declared']],
            ({ id, permission, declared }) => id !== undefined || (permission ?? declared) === undefined,
            'A permission or declaration is one provider’s: say whose',
          ),
          ['id'],
        ),
      ),
      {},
    ),
    v.description(
      'Who hosts this machine, and what was agreed with them. `skep providers` lists what is known of whom.',
    ),
  ),
  listen: section(
    {
      address: key(
        allOrIp,
        'all',
        'Address that the decoys bind; "all" is every address of this machine, of both families.',
      ),
      portOffset: optional(whole(0, 60_000), 'Added to every decoy port. Default: 0 as root, 10000 otherwise.'),
      proxies: key(
        v.array(ip),
        [],
        'Front ends that speak the PROXY protocol (v1 or v2). They are believed, and must speak it; nobody else may.',
      ),
    },
    'Where the decoys listen.',
  ),
  limits: section(
    {
      connections: key(whole(1, 1_000_000), 12_000, 'Connections held at once.'),
      perSource: key(whole(1, 1_000_000), 1_024, 'Connections held at once for one address.'),
      lifetime: key(whole(1, 604_800), 3_600, 'Seconds a conversation may last.'),
      udpPerSource: key(whole(1, 100_000), 30, 'UDP answers per address and minute.'),
      udpOverall: key(whole(1, 100_000), 500, 'UDP answers per second in all.'),
    },
    'Caps that keep the machine alive under attack. Over a cap a connection is closed, never left hanging.',
  ),
  egress: section(
    {
      lock: key(
        v.picklist(['auto', 'off']),
        'auto',
        'Lock the way out with nftables at every start as root, and prove it by attempt then and every hour. Only the table `inet skep` is touched.',
      ),
    },
    'What keeps decoys from calling out, beside the sandbox that they run in.',
  ),
  capture: section(
    {
      enabled: key(
        v.picklist(['auto', 'on', 'off']),
        'auto',
        'Record what never becomes a connection: scans, datagrams to ports without a decoy, pings. It takes root and tcpdump; `auto` goes without where they are not, and where the decoys listen on loopback alone.',
      ),
      interfaces: key(
        v.array(
          v.pipe(
            v.string('Expected the name of an interface'),
            v.regex(/^[^\s/]{1,15}$/, 'Expected the name of an interface'),
          ),
        ),
        [],
        'Interfaces to listen on; none named: all but loopback.',
      ),
      snaplen: key(whole(96, 65_535), 2048, 'Bytes kept of one packet.'),
    },
    'Packets, read by tcpdump and taken apart by a process without rights.',
  ),
  administration: section(
    {
      ports: key(
        v.array(whole(1, 65_535)),
        [],
        'TCP ports by which you come in. None named: those that sshd listens on, as its configuration and your session tell.',
      ),
      from: key(
        v.array(network),
        [],
        'Addresses and networks from which you do; none named: from everywhere. With these, the passive edition is silent to everybody else on these ports too.',
      ),
    },
    'How you come in. The passive edition leaves this open, and nothing else.',
  ),
  services: v.pipe(
    v.optional(v.record(v.string(), v.optional(serviceEntry, {})), {}),
    v.description('Per service: whether it runs, where it listens, and options of its own.'),
  ),
  persona: v.pipe(
    overridesSchema,
    v.description('Parts of the pretended machine to fix in place of what the seed chooses.'),
  ),
  journal: section(
    {
      quota: key(size('1 MB'), '2 GB', 'Bytes of the journal directory, compressed segments included.'),
      floor: key(size(), '500 MB', 'Free disk space that neither journal nor samples ever use up.'),
      segment: key(size('64 KB'), '64 MB', 'Size at which a segment is closed; every hour it is closed anyway.'),
    },
    'Events on disk, before and beside the store.',
  ),
  samples: section(
    {
      quota: key(size(), '2 GB', 'Bytes of all samples.'),
      cap: key(size(), '64 MB', 'Bytes kept of one sample; more is hashed and counted.'),
    },
    'Files that attackers leave.',
  ),
  recordings: section(
    {
      quota: key(size(), '500 MB', 'Bytes of all recordings of terminal sessions, compressed.'),
      cap: key(size(), '4 MB', 'Bytes kept of one session, before compression.'),
    },
    'Terminal sessions, to be played back.',
  ),
  machine: section(
    {
      downloads: key(
        v.picklist(['plausible', 'refused']),
        'plausible',
        'What a download on the pretended machine comes to. Nothing is ever fetched: either a made-up file of the right kind, so that whoever fetches it shows the next step (plausible), or a network that fails as networks do (refused).',
      ),
      days: key(
        whole(0, 3650),
        30,
        'Days after their last visit for which what an attacker left on the machine is kept for them, restarts included; 0: until a restart, at most a day.',
      ),
      quota: key(size('16 MB'), '200 MB', 'Bytes of all that attackers left, compressed. The oldest goes first.'),
    },
    'The pretended machine behind every log-in.',
  ),
  store: section(
    {
      days: key(whole(1, 36_500), 180, 'Days for which events stay in the store.'),
      quota: key(size('16 MB'), '5 GB', 'Bytes of the database.'),
      memory: key(size('32 MB'), '128 MB', 'Memory limit of the database engine.'),
    },
    'The database behind the page.',
  ),
  dashboard: v.pipe(
    v.optional(
      v.pipe(
        v.strictObject({
          address: key(addressAndPort, '127.0.0.1:64297', 'Where the page is served, always over HTTPS.'),
          certificate: optional(
            file,
            'PEM file of your own certificate (chain), relative to this file; a self-signed one is made when absent.',
          ),
          key: optional(file, 'PEM file of its key. The user of the trusted side must be able to read it.'),
          names: key(
            v.array(v.string('Expected a host name')),
            [],
            'Further host names and addresses for the certificate that is made.',
          ),
        }),
        v.forward(
          v.partialCheck(
            [['certificate'], ['key']],
            ({ certificate, key }) => (certificate === undefined) === (key === undefined),
            'A certificate goes with its key: say both, or neither',
          ),
          ['certificate'],
        ),
      ),
      {},
    ),
    v.description('The web page.'),
  ),
  geography: section(
    {
      city: optional(file, 'A MaxMind-format city database of your own, relative to this file.'),
      asn: optional(file, 'A MaxMind-format ASN database of your own, relative to this file.'),
    },
    'Where addresses are. Without these, the databases that come with the program.',
  ),
  users: v.pipe(
    v.optional(
      v.pipe(
        v.strictObject({
          group: key(whole(1, 4_294_967_294), 64290, 'Numeric group of both sides, when started as root.'),
          sensor: key(whole(1, 4_294_967_294), 64291, 'Numeric user of the exposed side.'),
          hive: key(whole(1, 4_294_967_294), 64292, 'Numeric user of the trusted side.'),
          capture: key(whole(1, 4_294_967_294), 64293, 'Numeric user of the process that takes packets apart.'),
        }),
        v.forward(
          v.partialCheck(
            [['sensor'], ['hive'], ['capture']],
            ({ sensor, hive, capture }) => new Set([sensor, hive, capture]).size === 3,
            'The two sides have to be two users, or there is no wall between them',
          ),
          ['hive'],
        ),
      ),
      {},
    ),
    v.description('Whom the processes become when started as root. No account is needed.'),
  ),
})
export type Settings = v.InferOutput<typeof settingsSchema>
