import type { Process } from '../../../system.ts'

/**
 * What Debian 12 has that this machine has not, among what attackers ask for: source package, version, and kilobytes of
 * the archive. Names that are not here are unknown to the pretended mirror.
 */
export const archive: ReadonlyMap<string, readonly [source: string, version: string, size: number]> = new Map([
  ['apache2', ['apache2', '2.4.62-1~deb12u2', 221]],
  ['at', ['at', '3.2.5-1+b1', 42]],
  ['autoconf', ['autoconf', '2.71-3', 332]],
  ['automake', ['automake-1.16', '1:1.16.5-1.3', 823]],
  ['binutils', ['binutils', '2.40-2', 65]],
  ['build-essential', ['build-essential', '12.9', 7]],
  ['cmake', ['cmake', '3.25.1-1', 8692]],
  ['cpulimit', ['cpulimit', '2.8-1', 19]],
  ['cron-daemon', ['cron', '3.0pl1-162', 71]],
  ['docker.io', ['docker.io', '20.10.24+dfsg1-1+b3', 36_239]],
  ['ethtool', ['ethtool', '1:6.1-1', 192]],
  ['expect', ['expect', '5.45.4-2+b1', 167]],
  ['fail2ban', ['fail2ban', '1.0.2-2', 452]],
  ['g++', ['gcc-defaults', '4:12.2.0-3', 2]],
  ['gcc', ['gcc-defaults', '4:12.2.0-3', 5]],
  ['gdb', ['gdb', '13.1-3', 3892]],
  ['golang', ['golang-defaults', '2:1.19~1', 5]],
  ['hping3', ['hping3', '3.a2.ds2-10', 107]],
  ['hydra', ['hydra', '9.4-1', 294]],
  ['iftop', ['iftop', '1.0~pre4-9', 36]],
  ['iperf3', ['iperf3', '3.12-1+deb12u1', 35]],
  ['jq', ['jq', '1.6-2.1', 64]],
  ['libcurl4-openssl-dev', ['curl', '7.88.1-10+deb12u12', 479]],
  ['libhwloc-dev', ['hwloc', '2.9.0-1', 270]],
  ['libjansson-dev', ['jansson', '2.14-2', 52]],
  ['libpcap-dev', ['libpcap', '1.10.3-1', 28]],
  ['libssl-dev', ['openssl', '3.0.16-1~deb12u1', 2394]],
  ['libuv1-dev', ['libuv1', '1.44.2-1+deb12u1', 174]],
  ['lolcat', ['lolcat', '100.0.1-3', 11]],
  ['make', ['make-dfsg', '4.3-4.1', 396]],
  ['mariadb-server', ['mariadb', '1:10.11.11-0+deb12u1', 3690]],
  ['masscan', ['masscan', '2:1.3.2+ds1-1', 260]],
  ['msr-tools', ['msr-tools', '1.3-5', 10]],
  ['mtr', ['mtr', '0.95-1', 76]],
  ['nano-tiny', ['nano', '7.2-1+deb12u1', 81]],
  ['net-tools-dev', ['net-tools', '2.10-0.1', 12]],
  ['netcat-openbsd', ['netcat-openbsd', '1.219-1', 41]],
  ['nload', ['nload', '0.7.4-2+b2', 56]],
  ['nmap', ['nmap', '7.93+dfsg1-1', 1885]],
  ['nodejs', ['nodejs', '18.19.0+dfsg-6~deb12u2', 319]],
  ['npm', ['npm', '9.2.0~ds1-1', 722]],
  ['p7zip-full', ['p7zip', '16.02+dfsg-8', 1184]],
  ['php', ['php-defaults', '2:8.2+93', 4]],
  ['pkg-config', ['pkgconf', '1.8.1-1', 14]],
  ['proxychains4', ['proxychains-ng', '4.16-2', 14]],
  ['python2', ['what-is-python', '13', 2]],
  ['python3-pip', ['python-pip', '23.0.1+dfsg-1', 1325]],
  ['redis-server', ['redis', '5:7.0.15-1~deb12u4', 73]],
  ['sshpass', ['sshpass', '1.09-1+b1', 13]],
  ['strace', ['strace', '6.1-0.1', 1306]],
  ['tcpdump', ['tcpdump', '4.99.3-1', 467]],
  ['tor', ['tor', '0.4.7.16-1', 1981]],
  ['tshark', ['wireshark', '4.0.17-0+deb12u1', 155]],
  ['ufw', ['ufw', '0.36.2-1', 168]],
  ['util-linux-locales', ['util-linux', '2.38.1-5+deb12u3', 1090]],
  ['vim', ['vim', '2:9.0.1378-2+deb12u2', 1567]],
  ['virt-what', ['virt-what', '1.19-1', 17]],
  ['vsftpd', ['vsftpd', '3.0.3-13+b2', 142]],
  ['zip', ['zip', '3.0-13', 230]],
  ['zmap', ['zmap', '2.1.1-2+b1', 93]],
  ['zsh', ['zsh', '5.9-4+b6', 925]],
])

/** The archive's entry as this release's mirror would have it: without what only Debian 12's builds are called. */
export const archiveEntry = (
  { host }: Process,
  name: string,
): readonly [source: string, version: string, size: number] | undefined => {
  const entry = archive.get(name)
  if (!entry || host.persona.os.codename === 'bookworm') return entry
  return [entry[0], entry[1].replace(/[+~]deb12u\d+|\+b\d+$/g, ''), entry[2]]
}
