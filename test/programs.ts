import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { missing } from './skep.ts'

/** The programs that tests use as clients, and the Debian packages they come in. */
const packages = new Map([
  ['amqp-publish', 'amqp-tools'],
  ['asciinema', 'asciinema'],
  ['atftp', 'atftp'],
  ['baresip', 'baresip-core'],
  ['busybox', 'busybox'],
  ['chromium', 'chromium'],
  ['curl', 'curl'],
  ['dbclient', 'dropbear-bin'],
  ['dig', 'bind9-dnsutils'],
  ['etcdctl', 'etcd-client'],
  ['git', 'git'],
  ['hashcat', 'hashcat pocl-opencl-icd'],
  ['host', 'bind9-host'],
  ['hydra', 'hydra'],
  ['ii', 'ii'],
  ['ip', 'iproute2'],
  ['ipptool', 'cups-ipp-utils'],
  ['irssi', 'irssi'],
  ['java', 'default-jre-headless'],
  ['kcat', 'kcat'],
  ['kdig', 'knot-dnsutils'],
  ['ldapsearch', 'ldap-utils'],
  ['lftp', 'lftp'],
  ['lpinfo', 'cups-client'],
  ['lpstat', 'cups-client'],
  ['mariadb', 'mariadb-client'],
  ['masscan', 'masscan'],
  ['mbsync', 'isync'],
  ['medusa', 'medusa'],
  ['memcstat', 'libmemcached-tools'],
  ['mosquitto_pub', 'mosquitto-clients'],
  ['msmtp', 'msmtp'],
  ['nbtscan', 'nbtscan'],
  ['nc', 'netcat-openbsd'],
  ['ncat', 'ncat'],
  ['ncrack', 'ncrack'],
  ['nft', 'nftables'],
  ['nmap', 'nmap'],
  ['nmblookup', 'samba-common-bin'],
  ['ntpdig', 'ntpsec-ntpdig'],
  ['onesixtyone', 'onesixtyone'],
  ['ping', 'iputils-ping'],
  ['plink', 'putty-tools'],
  ['proxychains4', 'proxychains4'],
  ['pptp', 'pptp-linux'],
  ['psql', 'postgresql-client'],
  ['redis-cli', 'redis-tools'],
  ['rdesktop', 'rdesktop'],
  ['rsync', 'rsync'],
  ['sendxmpp', 'sendxmpp'],
  ['sic', 'sic'],
  ['sipp', 'sip-tester'],
  ['sipsak', 'sipsak'],
  ['snmpget', 'snmp'],
  ['ssh', 'openssh-client'],
  ['sshpass', 'sshpass'],
  ['svmap', 'sipvicious'],
  ['swaks', 'swaks libnet-ssleay-perl'],
  ['tcpdump', 'tcpdump'],
  ['telnet', 'inetutils-telnet'],
  ['tftp', 'tftp-hpa'],
  ['tnftp', 'tnftp'],
  ['tsql', 'freetds-bin'],
  ['upnpc', 'miniupnpc'],
  ['vncpasswd', 'tigervnc-common'],
  ['wget', 'wget'],
  ['wrk', 'wrk'],
  ['xdotool', 'xdotool'],
  ['xdpyinfo', 'x11-utils'],
  ['xfreerdp', 'freerdp2-x11'],
  ['xtigervncviewer', 'tigervnc-viewer'],
  ['xtightvncviewer', 'xtightvncviewer'],
  ['xvfb-run', 'xvfb'],
  ['xwd', 'x11-apps'],
])

const absent = () => [...packages].filter(([program]) => missing(program)).flatMap(([, name]) => name.split(' '))

/** Python's libraries that tests speak through. */
const modules = [
  'asyncssh',
  'ldap3',
  'irc',
  'kafka',
  'kazoo',
  'paho.mqtt',
  'impacket',
  'paramiko',
  'pika',
  'psycopg2',
  'pymemcache',
  'pymongo',
  'pymysql',
  'redis',
  'slixmpp',
  'socks',
]
const absentModules = () =>
  modules
    .filter(name => spawnSync('/usr/bin/python3', ['-c', `import ${name}`], { stdio: 'ignore' }).status !== 0)
    .map(name => `python3-${name.replaceAll('.', '-')}`)

/** Java's libraries that tests speak through. */
const jars = new Map([['zookeeper.jar', 'libzookeeper-java']])
const absentJars = () => [...jars].filter(([jar]) => !fs.existsSync(`/usr/share/java/${jar}`)).map(([, name]) => name)

/** Installs what is missing where that may be done (Debian, as root); tests skip, and say so, where it may not. */
export function installPrograms(): void {
  const wanted = [...absent(), ...absentModules(), ...absentJars()]
  if (wanted.length === 0) return
  if (process.getuid?.() !== 0 || missing('apt-get')) {
    console.log(`Not here, and not to be installed by this user: ${wanted.join(', ')}`)
    return
  }
  console.log(`Installing ${wanted.join(', ')} …`)
  const apt = (...args: string[]) =>
    spawnSync('apt-get', ['-qq', '-y', '--no-install-recommends', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  apt('update')
  if (apt('install', ...wanted).status === 0) return
  // One by one: a package that cannot be had, or set up, costs its own tests only.
  for (const name of [...absent(), ...absentModules(), ...absentJars()]) apt('install', name)
}
