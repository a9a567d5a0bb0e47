import { type Applet, applets as debian } from '../commands/busybox/applets.ts'
import type { Kind } from './facts.ts'

/** Applets that devices build in and Debian does not: where `make install` would link each, and how it is called. */
const others: ReadonlyMap<string, Applet> = new Map(
  Object.entries({
    addgroup: 'usr/sbin [-g GID] [-S] [USER] GROUP',
    adduser: 'usr/sbin [OPTIONS] USER [GROUP]',
    arping: 'usr/bin [-fqbDUA] [-c CNT] [-w TIMEOUT] [-I IFACE] [-s SRC_IP] DST_IP',
    chpasswd: 'usr/sbin [--md5|--encrypted|--crypt-method]',
    crond: 'usr/sbin -fbS -l N -L LOGFILE -c DIR',
    crontab: 'usr/bin [-c DIR] [-u USER] [-ler]|[FILE]',
    delgroup: 'usr/sbin [USER] GROUP',
    deluser: 'usr/sbin USER',
    ether_wake: 'usr/bin [-b] [-i IFACE] [-p aa:bb:cc:dd[:ee:ff]/a.b.c.d] MAC',
    flash_eraseall: 'usr/sbin [-jNq] MTD_DEVICE',
    fsck: 'sbin [-ANPRTV] [-t FSTYPE] [FS_OPTS] [BLOCKDEV]...',
    fuser: 'usr/bin [OPTIONS] FILE or PORT/PROTO',
    inetd: 'usr/sbin [-fe] [-q N] [-R N] [CONFFILE]',
    ipaddr: 'bin { {add|del} IFADDR dev IFACE | {show|flush} [dev IFACE] [to PREFIX] }',
    iplink: 'bin set IFACE { up|down | arp { on|off } | mtu NUM | name NAME | qlen NUM | address MAC }',
    iproute: 'bin { list | flush | { add|del|change|append|replace|monitor } ROUTE }',
    killall5: 'usr/bin [-l] [-SIG] [-o PID]...',
    lsusb: 'usr/bin -',
    makedevs: 'sbin [-d device_table] rootdir',
    mesg: 'usr/bin [y|n]',
    mountpoint: 'bin [-q] <[-dn] DIR | -x DEVICE>',
    nohup: 'usr/bin PROG ARGS',
    passwd: 'usr/bin [OPTIONS] [USER]',
    pgrep: 'usr/bin [-flnovx] [-s SID|-P PPID|PATTERN]',
    pkill: 'usr/bin [-l|-SIGNAL] [-fnovx] [-s SID|-P PPID|PATTERN]',
    pstree: 'usr/bin [-p] [PID|USER]',
    su: 'bin [OPTIONS] [-] [USER]',
    sulogin: 'sbin [-t N] [TTY]',
    sum: 'usr/bin [-rs] [FILE]...',
    telnetd: 'usr/sbin [OPTIONS]',
    tftpd: 'usr/sbin [-cr] [-u USER] [DIR]',
    tunctl: 'sbin [-f device] ([-t name] | -d name) [-u owner] [-g group] [-b]',
    users: 'usr/bin -',
    vlock: 'usr/bin [-a]',
    zcip: 'sbin [OPTIONS] IFACE SCRIPT',
    ipcrm: 'usr/bin [-MQS key] [-mqs id]',
    ipcs: 'usr/bin [[-smq] -i shmid] | [[-asmq] [-tcplu]]',
    route: 'sbin [{add|del|delete}]',
    sha1sum: 'usr/bin [-c[sw]] [FILE]...',
    tail: 'usr/bin [OPTIONS] [FILE]...',
    hush: "bin [-enxl] [-c 'SCRIPT' [ARG0 ARGS...] / FILE [ARGS...] / -s [ARGS...]]",
  }).map(([name, text]) => {
    const space = text.indexOf(' ')
    const usage = text.slice(space + 1)
    return [name.replace('_', name === 'ether_wake' ? '-' : '_'), { folder: text.slice(0, space), usage }]
  }),
)

/** Every applet that this program knows of, whoever builds it in. */
export const allApplets: ReadonlyMap<string, Applet> = new Map(
  [...others, ...debian].sort(([a], [b]) => (a < b ? -1 : 1)),
)

const words = (text: string): string[] => text.trim().split(/\s+/)

/** What both kinds build in. */
const common = words(`[ [[ ash awk basename cat chmod chown clear cp cut date dd df dirname dmesg du echo egrep env
 expr false fgrep find free ftpget ftpput getty grep gunzip gzip halt head hostname id ifconfig init insmod kill killall
 klogd less ln logger login ls lsmod md5sum mkdir mknod mktemp modprobe more mount mv nc netstat nslookup passwd ping
 poweroff printf ps pwd readlink reboot renice rm rmdir rmmod route sed seq sh sleep sort stty sync sysctl syslogd tail
 tar tee telnet telnetd test tftp time top touch traceroute true tty udhcpc umount uname uniq uptime usleep vi watchdog wc
 wget which who whoami xargs yes zcat`)
const own: Readonly<Record<Kind, readonly string[]>> = {
  dvr: words(`adduser arp chgrp chroot chvt cmp deluser devmem diff dos2unix fdisk flash_eraseall freeramdisk fsck fuser
 hexdump hwclock ifdown ifup inetd ipcrm ipcs last linuxrc losetup lsusb mdev mke2fs mkdosfs mkfifo mkswap mountpoint
 ntpd od partprobe pidof pivot_root pstree rdate realpath run-parts setsid start-stop-daemon stat strings su sulogin
 swapoff swapon switch_root tr unzip users vconfig w watch`),
  router: words(`arp arping brctl crond crontab ether-wake expr fuser ifdown ifup inetd ip ipaddr iplink iproute
 killall5 logread mdev mkfifo mountpoint nohup pidof ping6 pgrep pkill rdate realpath setsid start-stop-daemon su tr
 traceroute6 tftpd udhcpd unzip vconfig watch zcip`),
}
/** Left out by some. */
const optional = new Set(
  words(`adduser arping chvt cmp crond crontab deluser devmem diff dos2unix ether-wake fdisk freeramdisk fuser hexdump
 hwclock ipcrm ipcs killall5 last losetup mkswap nohup od partprobe pgrep pkill pstree rdate realpath renice run-parts
 seq strings sulogin swapoff swapon time traceroute6 tty unzip users w who whoami yes zcip`),
)

/** All that a kind of device may have, each as a link on its image. */
export const appletsFor = (kind: Kind): string[] =>
  [...new Set([...common, ...own[kind]])].filter(name => allApplets.has(name)).sort()

/** What one device has: `keeps` decides about those that only some build in. */
export const appletsOf = (kind: Kind, keeps: (name: string) => boolean): Set<string> =>
  new Set(appletsFor(kind).filter(name => !optional.has(name) || keeps(name)))
