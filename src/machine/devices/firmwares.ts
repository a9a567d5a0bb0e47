import type { Kind } from './facts.ts'

/**
 * What belongs together in one kit of a chip maker: kernel, compiler, C library and BusyBox as devices in the field have
 * them. A device takes one row whole.
 */
export type Firmware = {
  /** Of data/machine/NAME.img, whose programs are for this processor. */
  image: 'dvr-arm' | 'router-mips' | 'router-mipsel'
  /** `uname -m`, `uname -r`. */
  machine: 'armv7l' | 'armv5tejl' | 'mips'
  kernel: string
  preempt: boolean
  /** In /proc/version, after the builder. */
  compiler: string
  busybox: string
  /** /proc/cpuinfo's own words. */
  soc: { hardware: string; model: string; part?: string; revision?: string; features?: string }
  cores: number
  megahertz: number
  bogomips: number
  /** Pages of 4 KiB. */
  memory: readonly [low: number, high: number]
  /** Flash: name and size in KiB of each partition; the root file system's is marked by its type. */
  flash: readonly { name: string; kib: number; holds?: 'root' | 'settings' }[]
  root: 'squashfs' | 'cramfs'
  settings: { path: string; type: 'jffs2' | 'ubifs' }
  hostnames: readonly string[]
  oui: readonly string[]
  /** Factory passwords that worms try first, since they are right so often. */
  passwords: readonly string[]
  /** Programs of the maker: argv, MiB resident, MiB virtual. */
  daemons: readonly (readonly [argv: string, resident: number, virtual: number])[]
  /** Firmware packed in these years. */
  years: readonly [number, number]
  /** Interfaces besides lo; the first has the address. */
  interfaces: readonly string[]
  /** Lines of /etc/profile beyond the usual ones. */
  profile?: string
  /** Of its shell: the plain one, or with the folder. */
  prompt: '# ' | '\\w # '
}

const recorderFlash = [
  { name: 'boot', kib: 512 },
  { name: 'kernel', kib: 3072 },
  { name: 'romfs', kib: 6656, holds: 'root' },
  { name: 'user', kib: 3584 },
  { name: 'custom', kib: 512 },
  { name: 'mtd', kib: 2048, holds: 'settings' },
] as const

const routerFlash = [
  { name: 'u-boot', kib: 128 },
  { name: 'kernel', kib: 1024 },
  { name: 'rootfs', kib: 2816, holds: 'root' },
  { name: 'config', kib: 64, holds: 'settings' },
  { name: 'art', kib: 64 },
] as const

const recorderPasswords = ['xc3511', 'vizxv', 'juantech', 'jvbzd', 'klv123', 'hi3518', '7ujMko0vizxv', 'xmhdipc']
const routerPasswords = ['5up', 'Zte521', 'oelinux123', 'realtek', 'zlxx.', 'ikwb', 'admin', 'dreambox']

const arm = { image: 'dvr-arm', root: 'squashfs', flash: recorderFlash, passwords: recorderPasswords } as const
const hisilicon44 = '(gcc version 4.4.1 (Hisilicon_v100(gcc4.4-290+uclibc_0.9.32.1+eabi+linuxpthread)) )'
const hisilicon48 = '(gcc version 4.8.3 20131202 (prerelease) (Hisilicon_v300) )'
const cortexA7 = 'swp half thumb fastmult vfp edsp neon vfpv3 tls vfpv4 idiva idivt'

export const firmwares: Readonly<Record<Kind, readonly Firmware[]>> = {
  dvr: [
    {
      ...arm,
      machine: 'armv7l',
      kernel: '3.0.8',
      preempt: false,
      compiler: hisilicon44,
      busybox: '1.19.4',
      soc: {
        hardware: 'hi3520d',
        model: 'ARMv7 Processor rev 0 (v7l)',
        part: '0xc09',
        revision: '0',
        features: 'swp half thumb fastmult vfp edsp vfpv3 vfpv3d16',
      },
      cores: 1,
      megahertz: 660,
      bogomips: 1318.91,
      memory: [22_000, 24_500],
      settings: { path: '/mnt/mtd', type: 'jffs2' },
      hostnames: ['LocalHost', '(none)', 'localhost'],
      oui: ['00:12:12', '00:12:16', '00:12:17', '00:0b:3f'],
      daemons: [
        ['/usr/sbin/dvrHelper /lib/modules /usr/bin/Sofia 127.0.0.1 9578 1', 0.4, 1.6],
        ['/usr/bin/Sofia', 14.5, 92],
      ],
      years: [2013, 2017],
      interfaces: ['eth0'],
      profile: `echo "Welcome to Monitor Tech."\nexport PS1='[\\u@\\h \\W]\\$ '\n`,
      prompt: '# ',
    },
    {
      ...arm,
      machine: 'armv7l',
      kernel: '3.10.0',
      preempt: true,
      compiler: hisilicon48,
      busybox: '1.21.1',
      soc: {
        hardware: 'hi3521a',
        model: 'ARMv7 Processor rev 5 (v7l)',
        part: '0xc07',
        revision: '5',
        features: cortexA7,
      },
      cores: 1,
      megahertz: 850,
      bogomips: 1694.1,
      memory: [31_000, 36_000],
      settings: { path: '/mnt/mtd', type: 'jffs2' },
      hostnames: ['(none)', 'dvr', 'localhost'],
      oui: ['00:12:31', '00:3e:0b', '00:18:ae'],
      daemons: [
        ['/app/bin/ntpd_main', 0.7, 2.3],
        ['/app/main/dvr_main', 19.2, 141],
      ],
      years: [2015, 2019],
      interfaces: ['eth0'],
      prompt: '\\w # ',
    },
    {
      ...arm,
      machine: 'armv5tejl',
      kernel: '3.4.35',
      preempt: false,
      compiler: hisilicon44,
      busybox: '1.22.1',
      soc: {
        hardware: 'hi3518',
        model: 'ARM926EJ-S rev 5 (v5l)',
        part: '0x926',
        revision: '5',
        features: 'swp half fastmult edsp java',
      },
      cores: 1,
      megahertz: 440,
      bogomips: 218.72,
      memory: [9000, 9800],
      settings: { path: '/mnt/mtd', type: 'jffs2' },
      hostnames: ['(none)', 'ipc', 'IPCamera', 'localhost'],
      oui: ['00:12:12', '00:0c:43', '48:02:2a', 'e0:b9:4d'],
      daemons: [
        ['/usr/bin/wdt_feed', 0.3, 1.1],
        ['/home/ipc_server', 8.4, 61],
      ],
      years: [2014, 2018],
      interfaces: ['eth0'],
      profile: 'echo "Welcome to HiLinux."\n',
      prompt: '# ',
    },
  ],
  router: [
    {
      image: 'router-mips',
      machine: 'mips',
      kernel: '2.6.31',
      preempt: false,
      compiler: '(gcc version 4.3.3 (GCC) )',
      busybox: '1.22.1',
      soc: { hardware: 'Atheros AR9330 (Hornet)', model: 'MIPS 24Kc V7.4' },
      cores: 1,
      megahertz: 400,
      bogomips: 266.24,
      memory: [7200, 7500],
      flash: routerFlash,
      root: 'squashfs',
      settings: { path: '/mnt/mtd', type: 'jffs2' },
      hostnames: ['(none)', 'router', 'gateway'],
      oui: ['e8:94:f6', 'c0:4a:00', '64:66:b3', '00:1d:0f'],
      passwords: routerPasswords,
      daemons: [
        ['/usr/bin/httpd', 1.8, 4.6],
        ['/usr/sbin/udhcpd /tmp/wr841n/udhcpd.conf', 0.4, 1.7],
        ['hostapd -B /tmp/topology.ap_bss', 0.9, 3.1],
      ],
      years: [2013, 2017],
      interfaces: ['br0', 'eth0', 'eth1', 'ath0'],
      prompt: '# ',
    },
    {
      image: 'router-mipsel',
      machine: 'mips',
      kernel: '2.6.36',
      preempt: false,
      compiler: '(gcc version 3.4.2) ',
      busybox: '1.22.1',
      soc: { hardware: 'MT7620', model: 'MIPS 24Kc V5.0' },
      cores: 1,
      megahertz: 580,
      bogomips: 386.04,
      memory: [14_800, 15_400],
      flash: routerFlash,
      root: 'squashfs',
      settings: { path: '/mnt/mtd', type: 'jffs2' },
      hostnames: ['(none)', 'ralink', 'Router', 'home'],
      oui: ['00:0c:43', '04:8d:38', 'c8:3a:35', '50:2b:73'],
      passwords: routerPasswords,
      daemons: [
        ['goahead', 1.5, 4.4],
        ['udhcpd /etc/udhcpd.conf', 0.4, 1.7],
        ['/usr/sbin/dnsmasq -C /etc/dnsmasq.conf', 0.6, 2],
      ],
      years: [2014, 2018],
      interfaces: ['br0', 'eth2', 'ra0'],
      prompt: '# ',
    },
    {
      image: 'router-mips',
      machine: 'mips',
      kernel: '3.4.11-rt19',
      preempt: true,
      compiler: '(gcc version 4.6.2 (Buildroot 2011.11) )',
      busybox: '1.31.1',
      soc: { hardware: '963268BU', model: 'Broadcom BMIPS4350 V8.0' },
      cores: 2,
      megahertz: 400,
      bogomips: 399.36,
      memory: [29_400, 30_200],
      flash: routerFlash,
      root: 'squashfs',
      settings: { path: '/mnt/mtd', type: 'jffs2' },
      hostnames: ['(none)', 'home', 'DSL-Gateway', 'mygateway'],
      oui: ['00:1a:2b', '30:91:8f', 'a4:b1:e9', '18:62:2c'],
      passwords: routerPasswords,
      daemons: [
        ['ssk', 2.6, 7.2],
        ['httpd -m 0', 2.9, 7.7],
        ['dhcpd', 1.7, 5.1],
        ['dnsproxy', 1.6, 4.9],
      ],
      years: [2020, 2022],
      interfaces: ['br0', 'eth0', 'eth1', 'wl0'],
      prompt: '\\w # ',
    },
  ],
}
