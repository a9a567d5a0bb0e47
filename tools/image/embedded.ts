/**
 * Makes data/machine/{dvr-arm,router-mips,router-mipsel}.img, the read-only root file systems of embedded devices:
 * `sh bin/skep-node tools/image/embedded.ts`. All of it is the project's own: folders, links to one multi-call binary, and
 * files that are a size and a head. What differs from device to device comes on top (src/machine/devices).
 */
import { writeFileSync } from 'node:fs'
import { allApplets, appletsFor } from '#machine/devices/applets.ts'
import type { Kind } from '#machine/devices/facts.ts'
import { encode, type Record } from '#machine/fs/image-encode.ts'

type Target = { name: string; kind: Kind; machine: number; big: boolean; flags: number; base: number; busybox: number }

/** e_machine and e_flags as these tool chains set them: EABI 5; o32, MIPS32 release 2, noreorder and cpic. */
const targets: readonly Target[] = [
  { name: 'dvr-arm', kind: 'dvr', machine: 40, big: false, flags: 0x05000002, base: 0x8000, busybox: 603_148 },
  { name: 'router-mips', kind: 'router', machine: 8, big: true, flags: 0x70001005, base: 0x400000, busybox: 472_884 },
  {
    name: 'router-mipsel',
    kind: 'router',
    machine: 8,
    big: false,
    flags: 0x70001005,
    base: 0x400000,
    busybox: 468_240,
  },
]

const interpreter = Buffer.from('/lib/ld-uClibc.so.0\0')

/** An ELF header with the program headers of a small dynamically linked program, or of a library. */
const elf = ({ machine, big, flags, base }: Target, size: number, library = false): Buffer => {
  const phnum = library ? 3 : 5
  const table = 52 + phnum * 32
  const head = Buffer.alloc(table + (library ? 0 : interpreter.length))
  const u16 = (value: number, at: number) => (big ? head.writeUInt16BE(value, at) : head.writeUInt16LE(value, at))
  const u32 = (value: number, at: number) => (big ? head.writeUInt32BE(value, at) : head.writeUInt32LE(value, at))
  head.set([0x7f, 0x45, 0x4c, 0x46, 1, big ? 2 : 1, 1])
  const start = library ? 0 : base
  u16(library ? 3 : 2, 16)
  u16(machine, 18)
  u32(1, 20)
  u32(start + Math.floor(size / 37) * 4, 24)
  u32(52, 28)
  // The table of sections stands at the end: 25 of 40 bytes.
  u32(size - 1000, 32)
  u32(flags, 36)
  for (const [at, value] of [52, 32, phnum, 40, 25, 24].entries()) u16(value, 40 + at * 2)
  const text = Math.floor((size * 0.97) / 4) * 4
  const data = Math.max(64, size - 1000 - text)
  const above = start + Math.ceil(text / 0x8000) * 0x8000 + (text & 0x7fff)
  const rows: number[][] = library
    ? [
        [1, 0, 0, 0, text, text, 5, 0x8000],
        [1, text, above, above, data, data + 512, 6, 0x8000],
        [2, text + 16, above + 16, above + 16, 200, 200, 6, 4],
      ]
    : [
        [6, 52, start + 52, start + 52, 160, 160, 5, 4],
        [3, table, start + table, start + table, interpreter.length, interpreter.length, 4, 1],
        [1, 0, start, start, text, text, 5, 0x8000],
        [1, text, above, above, data, data + 8192, 6, 0x8000],
        [2, text + 16, above + 16, above + 16, 200, 200, 6, 4],
      ]
  for (const [row, fields] of rows.entries())
    for (const [at, value] of fields.entries()) u32(value >>> 0, 52 + row * 32 + at * 4)
  if (!library) interpreter.copy(head, table)
  return head
}

const node = (fields: Partial<Record> & Pick<Record, 'type' | 'mode'>): Record => ({
  uid: 0,
  gid: 0,
  mtime: 0,
  size: 0,
  package: 0,
  ...fields,
})

const folders: Readonly<{ [kind in Kind]: readonly string[] }> = {
  dvr: `bin sbin lib lib/modules lib/modules/extdrv usr usr/bin usr/sbin usr/lib usr/share usr/share/music etc etc/init.d
 etc/network dev dev/pts dev/shm dev/misc proc sys tmp var var/tmp var/run var/log mnt mnt/mtd mnt/custom mnt/web mnt/usb
 mnt/nfs home root opt media share boot app app/bin app/main`.split(/\s+/),
  router: `bin sbin lib lib/modules usr usr/bin usr/sbin usr/lib usr/arp etc etc/rc.d etc/ppp etc/init.d dev dev/pts
 dev/shm proc sys tmp var var/tmp var/run var/log mnt mnt/mtd web web/userRpm root home`.split(/\s+/),
}

/** Libraries of uClibc and what links to them. */
const libraries: readonly (readonly [file: string, size: number, links: readonly string[]])[] = [
  ['ld-uClibc-0.9.32.1.so', 28_424, ['ld-uClibc.so.0']],
  ['libuClibc-0.9.32.1.so', 399_512, ['libc.so.0']],
  ['libcrypt-0.9.32.1.so', 13_196, ['libcrypt.so.0']],
  ['libdl-0.9.32.1.so', 9_840, ['libdl.so.0']],
  ['libm-0.9.32.1.so', 73_628, ['libm.so.0']],
  ['libpthread-0.9.32.1.so', 94_004, ['libpthread.so.0']],
  ['librt-0.9.32.1.so', 10_412, ['librt.so.0']],
  ['libutil-0.9.32.1.so', 5_884, ['libutil.so.0']],
  ['libgcc_s.so.1', 48_820, ['libgcc_s.so']],
]

/** Programs and modules of the maker; executables by mode. */
const others: Readonly<{ [kind in Kind]: readonly (readonly [path: string, size: number, mode: number])[] }> = {
  dvr: [
    ['/usr/bin/Sofia', 7_104_512, 0o755],
    ['/usr/sbin/dvrHelper', 21_904, 0o755],
    ['/app/main/dvr_main', 8_962_244, 0o755],
    ['/app/bin/ntpd_main', 33_812, 0o755],
    ['/home/ipc_server', 3_280_920, 0o755],
    ['/usr/bin/wdt_feed', 9_260, 0o755],
    ['/usr/sbin/himd', 15_204, 0o755],
    ['/usr/sbin/himm', 15_212, 0o755],
    ['/lib/modules/mmz.ko', 38_344, 0o644],
    ['/lib/modules/extdrv/gpioi2c.ko', 8_812, 0o644],
    ['/lib/modules/extdrv/rtc.ko', 11_020, 0o644],
    ['/lib/modules/extdrv/hi_wdt.ko', 13_368, 0o644],
    ['/lib/modules/hi_vou.ko', 281_644, 0o644],
    ['/lib/modules/hi_venc.ko', 119_004, 0o644],
    ['/lib/modules/hi_eth.ko', 34_412, 0o644],
  ],
  router: [
    ['/usr/bin/httpd', 1_496_336, 0o755],
    ['/usr/sbin/hostapd', 402_944, 0o755],
    ['/usr/sbin/dnsmasq', 156_204, 0o755],
    ['/usr/sbin/iptables', 61_408, 0o755],
    ['/usr/sbin/iwpriv', 13_512, 0o755],
    ['/usr/sbin/iwconfig', 27_844, 0o755],
    ['/usr/sbin/pppd', 210_220, 0o755],
    ['/usr/sbin/dropbear', 194_916, 0o755],
    ['/usr/bin/dropbearkey', 88_132, 0o755],
    ['/usr/bin/dbclient', 171_640, 0o755],
    ['/usr/bin/scp', 38_420, 0o755],
    ['/lib/modules/wireless.ko', 702_132, 0o644],
    ['/lib/modules/ag7240_mod.ko', 112_384, 0o644],
    ['/lib/modules/nf_conntrack.ko', 52_912, 0o644],
  ],
}

const recordsOf = (target: Target): Map<string, Record> => {
  const records = new Map<string, Record>()
  const link = (path: string, to: string) =>
    records.set(path, node({ type: 'symlink', mode: 0o777, target: to, size: to.length }))
  for (const folder of folders[target.kind]) {
    const shared = /(^|\/)(tmp|shm)$/.test(folder)
    records.set(`/${folder}`, node({ type: 'directory', mode: shared ? 0o1777 : 0o755 }))
  }
  const program = (path: string, size: number, mode: number) =>
    records.set(path, node({ type: 'file', mode, size, head: elf(target, size, !(mode & 0o111) || /\.so/.test(path)) }))
  program('/bin/busybox', target.busybox, 0o755)
  for (const name of appletsFor(target.kind)) {
    const { folder } = allApplets.get(name)!
    const path = `/${folder === '' ? '' : `${folder}/`}${name}`
    const up = '../'.repeat(folder.split('/').filter(Boolean).length)
    link(path, folder === 'bin' ? 'busybox' : `${up}bin/busybox`)
  }
  link('/linuxrc', 'bin/busybox')
  if (target.kind === 'router') link('/init', 'sbin/init')
  for (const [file, size, links] of libraries) {
    program(`/lib/${file}`, size, 0o755)
    for (const name of links) link(`/lib/${name}`, file)
  }
  for (const [path, size, mode] of others[target.kind]) program(path, size, mode)
  return records
}

for (const target of targets) {
  const records = recordsOf(target)
  const image = encode(records, [])
  writeFileSync(new URL(`../../data/machine/${target.name}.img`, import.meta.url), image)
  console.log(`${target.name}: ${records.size} nodes, ${image.length} bytes`)
}
