import * as v from 'valibot'
import { editions } from './editions.ts'
import { addressAndPort, count, size } from './units.ts'

/** A key of skep.yaml: its default and the sentence that explains it, in editors and in the reference. */
const key = <S extends v.GenericSchema>(schema: S, fallback: v.InferInput<S>, doc: string) =>
  v.pipe(v.optional(schema, fallback as never), v.description(doc))
const section = <E extends v.ObjectEntries>(entries: E, doc: string) =>
  v.pipe(v.optional(v.strictObject(entries), {} as never), v.description(doc))
const optional = <S extends v.GenericSchema>(schema: S, doc: string) => v.pipe(v.optional(schema), v.description(doc))

const ip = v.pipe(v.string('Expected an IP address'), v.ip('Expected an IP address'))
const endpoint = v.pipe(
  v.union([v.number(), v.string()]),
  v.transform(String),
  v.regex(/^\d{1,5}(\/(tcp|tls|udp))?$/, 'Expected a port such as 2121, "990/tls" or "123/udp"'),
)

/** One service: on or off, where it listens, and whatever options it defines itself. */
export const serviceEntry = v.looseObject({
  enabled: optional(v.boolean(), 'Whether it runs; what is not said follows the edition.'),
  listen: optional(v.array(endpoint), 'Ports in place of its own: 2121, "990/tls", "123/udp".'),
})

export const settingsSchema = v.strictObject({
  sensor: key(
    v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'Expected letters, digits, dots and dashes')),
    'skep',
    'Your name for this sensor. It stands in every event and is never shown to an attacker.',
  ),
  edition: key(
    v.picklist(Object.keys(editions) as [keyof typeof editions]),
    'standard',
    'Which decoys run, and whether the store and page do.',
  ),
  listen: section(
    {
      address: key(
        v.union([v.literal('all'), ip], 'Expected "all" or an IP address'),
        'all',
        'Address that the decoys bind.',
      ),
      portOffset: optional(
        v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(60000)),
        'Added to every decoy port. Default 0 as root, 10000 otherwise.',
      ),
      proxies: key(v.array(ip), [], 'Front ends that speak the PROXY protocol; only they are believed.'),
    },
    'Where the decoys listen.',
  ),
  limits: section(
    {
      connections: key(count, 12_000, 'Connections held at once.'),
      perSource: key(count, 1_024, 'Connections held at once for one address.'),
      lifetime: key(count, 3_600, 'Seconds a conversation may last.'),
      udpPerSource: key(count, 30, 'UDP answers per address and minute.'),
      udpOverall: key(count, 500, 'UDP answers per second in all.'),
    },
    'Caps that keep the machine alive under attack.',
  ),
  services: v.pipe(
    v.optional(v.record(v.string(), serviceEntry), {}),
    v.description('Per service: enabled, listen and its own options. See `skep service list`.'),
  ),
  persona: v.pipe(
    v.optional(v.looseObject({}), {}),
    v.description('Parts of the pretended machine to fix in place of what the seed chooses.'),
  ),
  journal: section(
    {
      quota: key(size, '2 GB', 'Bytes of the journal directory, compressed segments included.'),
      floor: key(size, '500 MB', 'Free disk space that is never used up.'),
      segment: key(size, '64 MB', 'Size at which a segment is closed.'),
    },
    'Events on disk, before and beside the store.',
  ),
  samples: section(
    {
      quota: key(size, '2 GB', 'Bytes of all samples.'),
      cap: key(size, '64 MB', 'Bytes kept of one sample; more is hashed and counted.'),
    },
    'Files that attackers leave.',
  ),
  store: section(
    {
      days: key(count, 180, 'Days for which events stay in the store.'),
      quota: key(size, '5 GB', 'Bytes of the database.'),
      memory: key(size, '128 MB', 'Memory limit of the database engine.'),
    },
    'The database behind the page.',
  ),
  dashboard: section(
    {
      address: key(addressAndPort, '127.0.0.1:64297', 'Where the page is served.'),
      certificate: optional(v.string(), 'PEM file of your own certificate (chain); generated when absent.'),
      key: optional(v.string(), 'PEM file of its key.'),
      names: key(v.array(v.string()), [], 'Further host names for the generated certificate.'),
    },
    'The web page.',
  ),
  geography: section(
    {
      city: optional(v.string(), 'A MaxMind-format city database of your own.'),
      asn: optional(v.string(), 'A MaxMind-format ASN database of your own.'),
    },
    'Where addresses are. Without these, the databases that come with the program.',
  ),
  users: section(
    {
      group: key(count, 64290, 'Numeric group of both sides, when started as root.'),
      sensor: key(count, 64291, 'Numeric user of the exposed side.'),
      hive: key(count, 64292, 'Numeric user of the trusted side.'),
    },
    'Whom the processes become when started as root. No account is needed.',
  ),
})
export type Settings = v.InferOutput<typeof settingsSchema>
