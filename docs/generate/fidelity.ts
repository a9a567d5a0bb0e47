import fs from 'node:fs'
import path from 'node:path'
import { excusedOf, recordedOf } from '../../test/oracle/kit/compare.ts'

const oracles = path.resolve(import.meta.dirname, '../../test/oracle')

/** What was recorded, by folder of test/oracle. */
const products = new Map([
  ['amqp', 'RabbitMQ 3.10.8'],
  ['dns', 'BIND 9.18'],
  ['etcd', 'etcd 3.4.23'],
  ['finger', 'fingerd 0.17'],
  ['git', 'git daemon 2.39.5'],
  ['ident', 'oidentd 2.5.0'],
  ['imap', 'Dovecot 2.3.19.1, IMAP'],
  ['inetd', 'xinetd 2.3.15 and its small services'],
  ['ipp', 'CUPS 2.4.2'],
  ['irc', 'ngIRCd 26.1'],
  ['xmpp', 'Prosody 0.12.3'],
  ['ldap', 'OpenLDAP slapd 2.5.13'],
  ['memcached', 'memcached 1.6.18'],
  ['mqtt', 'Mosquitto 2.0.11'],
  ['mysql', 'MariaDB 10.11'],
  ['nntp', 'INN 2.7.1, nnrpd'],
  ['pop3', 'Dovecot 2.3.19.1, POP3'],
  ['postgresql', 'PostgreSQL 15'],
  ['pptp', 'pptpd 1.4.0'],
  ['proxy', 'Squid 5.7'],
  ['proxy-tinyproxy', 'Tinyproxy 1.11.1'],
  ['rdp', 'xrdp 0.9.21.1'],
  ['redis', 'Redis 7.0.15'],
  ['rsync', 'rsync 3.5.0'],
  ['sip', 'Kamailio 5.6.3'],
  ['smtp-exim', 'Exim 4.96'],
  ['smtp-opensmtpd', 'OpenSMTPD 6.8'],
  ['smtp-postfix', 'Postfix 3.7.11'],
  ['snmp', 'Net-SNMP 5.9.3'],
  ['socks', 'Dante 1.4.2'],
  ['ssdp', 'MiniUPnPd 2.3.1'],
  ['tftp', 'tftpd-hpa 5.2'],
  ['vnc', 'Xtigervnc 1.12.0'],
  ['wins', 'nmbd of Samba 4.17.12'],
  ['x11', 'Xvfb 21.1.7'],
  ['zookeeper', 'ZooKeeper 3.8.0'],
])

/** Recorded in forms of their own; their tests hold their reasons. */
const others = [
  ['ftp', 'vsFTPd 3.0.3 and ProFTPD 1.3.8', 'src/services/ftp/oracle.test.ts'],
  ['http', 'nginx 1.22 and Apache 2.4', 'test/oracle/http/http.test.ts'],
  ['ntp', 'NTPsec 1.2.2', 'src/services/ntp/oracle.test.ts'],
  ['ssh', 'OpenSSH 9.2 and Dropbear 2022.83', 'src/services/ssh/oracle.test.ts'],
  ['sftp', 'OpenSSH’s sftp-server 9.2', 'test/oracle/sftp/sftp.test.ts'],
  ['telnet', 'telnetd of GNU inetutils 2.4', 'src/services/telnet/oracle.test.ts'],
  ['bash', 'bash 5.2, dash 0.5.12 and BusyBox’s ash 1.35', 'test/oracle/bash/bash.test.ts'],
  ['machine', 'the programs of Debian 12, by command line', 'test/oracle/machine/machine.test.ts'],
  ['terminal', 'the line discipline of Linux and readline 8.2', 'test/oracle/terminal/terminal.test.ts'],
] as const

/** What Debian does not ship: written after its documentation and what it is known to say, and compared with nothing. */
const unrecorded = [
  ['Apache Kafka 2.8', 'src/services/kafka'],
  ['MongoDB 4.4, 5.0, 6.0 and 7.0', 'src/services/mongodb'],
  ['Oracle Database XE 18c and 21c, listener and log-in', 'src/services/oracle'],
  ['SQL Server 2019 and 2022', 'src/services/mssql'],
] as const

/** docs/fidelity.md */
export function fidelityPage(): string {
  const names = fs
    .readdirSync(oracles)
    .filter(name => fs.existsSync(path.join(oracles, name, 'fixtures/debian-12.json')))
    .filter(name => !others.some(([other]) => other === name))
  const rows = names.map(name => {
    const product = products.get(name)
    if (product === undefined)
      throw new Error(`docs/generate/fidelity.ts does not say what test/oracle/${name} recorded`)
    const all = fixturesOf(name).flatMap(fixture => Object.values(recordedOf(name, fixture)).flat()).length
    const reasons = Object.entries(excusedOf(name)).flatMap(([dialogue, steps]) =>
      Object.entries(steps).map(([sent, why]) => ({ dialogue, sent, why })),
    )
    return { name, product, all, reasons }
  })
  const table = rows.map(
    ({ name, product, all, reasons }) =>
      `| ${product} | \`test/oracle/${name}\` | ${all} | ${all - reasons.length} | ${share(all - reasons.length, all)} |`,
  )
  const differing = rows.filter(({ reasons }) => reasons.length > 0)
  return `# How near the decoys come

*Generated from \`test/oracle\` by \`docs/generate.ts\`. Do not edit.*

The real products, as Debian 12 ships them, were talked to by a script and recorded; the same script talks to ours in every test run. Answers
are compared byte for byte, after what must differ from one machine and moment to the next (times, random numbers, names) is put out
of sight. What stays different is listed with its reason, and a test fails when it differs no longer.

| product | recorded in | exchanges | equal | |
|---|---|---:|---:|---:|
${table.join('\n')}

In forms of their own:

| product | test |
|---|---|
${others.map(([, product, test]) => `| ${product} | \`${test}\` |`).join('\n')}

Not recorded, since Debian ships no such server:

| product | service |
|---|---|
${unrecorded.map(([product, folder]) => `| ${product} | \`${folder}\` |`).join('\n')}
${differing.map(({ product, reasons }) => `\n## ${product}\n\n${reasons.map(line).join('\n')}\n`).join('')}`
}

/** Over datagrams and over streams apart, where a product speaks both. */
const fixturesOf = (name: string) =>
  fs
    .readdirSync(path.join(oracles, name, 'fixtures'))
    .flatMap(file => (/^(debian-12.*)\.json$/.exec(file) ?? []).slice(1))

const share = (part: number, all: number) => `${((100 * part) / all).toFixed(1)} %`

function line({ dialogue, sent, why }: { dialogue: string; sent: string; why: string }): string {
  const shown = JSON.stringify(sent.length > 60 ? `${sent.slice(0, 60)}…` : sent)
    .slice(1, -1)
    .replaceAll('`', '´')
    .replaceAll('|', '\\|')
  return `- *${dialogue}*, \`${shown}\`: ${why}`
}
