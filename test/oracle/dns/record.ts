/** Records Debian's bind9: `sh bin/skep-node test/oracle/dns/record.ts`. Needs root's-hints of dns-root-data. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { recordDatagrams } from '../kit/datagrams.ts'
import { recordDialogues } from '../kit/record.ts'
import { script, streams } from './script.ts'

const port = 21_053
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'dns-oracle-'))
fs.writeFileSync(
  path.join(home, 'zone'),
  `$TTL 86400
@ IN SOA ns1.hayase-works.example. hostmaster.hayase-works.example. 2025032101 28800 7200 604800 3600
  IN NS ns1
  IN NS ns2
  IN A 203.0.113.80
  IN MX 10 mail
  IN TXT "v=spf1 mx -all"
ns1 IN A 203.0.113.80
ns2 IN A 203.0.113.80
relay3 IN A 203.0.113.80
mail IN A 203.0.113.80
www IN CNAME relay3
ftp IN CNAME relay3
_dmarc IN TXT "v=DMARC1; p=none"
`,
)
// As the package has it, for a client that is none of its own networks.
fs.writeFileSync(
  path.join(home, 'named.conf'),
  `options { directory "${home}"; pid-file none; session-keyfile none; listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; }; allow-recursion { none; }; allow-query-cache { none; }; allow-transfer { none; };
  dnssec-validation no; notify no; };
controls { };
zone "." { type hint; file "/usr/share/dns/root.hints"; };
zone "localhost" { type master; file "/etc/bind/db.local"; };
zone "127.in-addr.arpa" { type master; file "/etc/bind/db.127"; };
zone "0.in-addr.arpa" { type master; file "/etc/bind/db.0"; };
zone "255.in-addr.arpa" { type master; file "/etc/bind/db.255"; };
zone "hayase-works.example" { type master; file "${home}/zone"; };
`,
)
const named = () => ({ command: '/usr/sbin/named', args: ['-f', '-c', path.join(home, 'named.conf')] })
const fixture = (name: string) => new URL(`fixtures/${name}.json`, import.meta.url)
await recordDatagrams(script, port, named, fixture('debian-12'), { together: true, start: 2500, quiet: 50 })
await recordDialogues(streams, port, named, fixture('debian-12-tcp'), 100)
fs.rmSync(home, { recursive: true })
