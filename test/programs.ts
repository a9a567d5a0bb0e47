import { spawnSync } from 'node:child_process'
import { missing } from './skep.ts'

/** The programs that tests use as clients, and the Debian packages they come in. */
const packages = new Map([
  ['asciinema', 'asciinema'],
  ['atftp', 'atftp'],
  ['busybox', 'busybox'],
  ['chromium', 'chromium'],
  ['curl', 'curl'],
  ['dig', 'bind9-dnsutils'],
  ['hashcat', 'hashcat pocl-opencl-icd'],
  ['host', 'bind9-host'],
  ['hydra', 'hydra'],
  ['ip', 'iproute2'],
  ['kdig', 'knot-dnsutils'],
  ['lftp', 'lftp'],
  ['mariadb', 'mariadb-client'],
  ['masscan', 'masscan'],
  ['mbsync', 'isync'],
  ['medusa', 'medusa'],
  ['memcstat', 'libmemcached-tools'],
  ['msmtp', 'msmtp'],
  ['nc', 'netcat-openbsd'],
  ['ncrack', 'ncrack'],
  ['nft', 'nftables'],
  ['nmap', 'nmap'],
  ['ntpdig', 'ntpsec-ntpdig'],
  ['onesixtyone', 'onesixtyone'],
  ['ping', 'iputils-ping'],
  ['plink', 'putty-tools'],
  ['psql', 'postgresql-client'],
  ['redis-cli', 'redis-tools'],
  ['snmpget', 'snmp'],
  ['ssh', 'openssh-client'],
  ['sshpass', 'sshpass'],
  ['swaks', 'swaks libnet-ssleay-perl'],
  ['tcpdump', 'tcpdump'],
  ['telnet', 'inetutils-telnet'],
  ['tftp', 'tftp-hpa'],
  ['tnftp', 'tnftp'],
  ['upnpc', 'miniupnpc'],
  ['wget', 'wget'],
  ['wrk', 'wrk'],
  ['xfreerdp', 'freerdp2-x11'],
  ['xvfb-run', 'xvfb'],
])

const absent = () => [...packages].filter(([program]) => missing(program)).flatMap(([, name]) => name.split(' '))
const lacksParamiko = () => spawnSync('/usr/bin/python3', ['-c', 'import paramiko'], { stdio: 'ignore' }).status !== 0

/** Installs what is missing where that may be done (Debian, as root); tests skip, and say so, where it may not. */
export function installPrograms(): void {
  const wanted = [...absent(), ...(lacksParamiko() ? ['python3-paramiko'] : [])]
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
  // One by one: a package that cannot be had costs its own tests only.
  if (apt('install', ...wanted).status !== 0) for (const name of wanted) apt('install', name)
}
