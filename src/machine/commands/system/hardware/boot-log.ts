import type { Persona } from '#persona/persona.ts'
import { saysOf } from '../../../release.ts'

/** A message of the kernel. `seconds` since it started. */
export type KernelMessage = { seconds: number; text: string; level: number }

const logs = new WeakMap<Persona, KernelMessage[]>()

/** What the kernel of this machine said when it started, under KVM: the persona's processors, memory, disk and card. */
export const kernelLog = (persona: Persona): KernelMessage[] => {
  const found = logs.get(persona)
  if (found) return found
  const noise = persona.derive('boot log', 256)
  let at = 0
  let index = 0
  const messages = texts(persona).map(([step, text, level = 6]) => {
    if (step > 0) at += step * (0.7 + noise[index++ % 256]! / 400)
    return { seconds: Math.round(at * 1e6) / 1e6, text, level }
  })
  logs.set(persona, messages)
  return messages
}

const hex = (value: number): string => value.toString(16).padStart(16, '0')

type Said = [step: number, text: string, level?: number]

const texts = (persona: Persona): Said[] => {
  const { os, cpu, memory, disk, interface: card, mac, bootedAt } = persona
  const cores = cpu.cores
  const amd = cpu.model.startsWith('AMD')
  const [family, model, stepping] = amd ? [23, 49, 0] : [6, 85, 6]
  const total = Math.ceil(memory / 2 ** 30) * 2 ** 30
  const low = Math.min(total, 0xc000_0000) - 0x25000
  const mhz = cpu.megahertz.toFixed(3)
  const bogo = (cpu.megahertz * 2).toFixed(2)
  const pages = Math.floor(total / 4096)
  const kib = (bytes: number): number => Math.floor(bytes / 1024)
  const sectors = Math.floor(disk / 512)
  const gib = Math.round(disk / 2 ** 30)
  const date = new Date(bootedAt).toISOString().slice(0, 19)
  return [
    [0, `Linux version ${os.kernel} ${saysOf(persona).kernelBuilder} ${os.kernelVersion}`, 5],
    [0, `Command line: BOOT_IMAGE=/boot/vmlinuz-${os.kernel} root=/dev/sda1 ro quiet`],
    [0, 'BIOS-provided physical RAM map:'],
    [0, 'BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable'],
    [0, 'BIOS-e820: [mem 0x000000000009fc00-0x000000000009ffff] reserved'],
    [0, 'BIOS-e820: [mem 0x00000000000f0000-0x00000000000fffff] reserved'],
    [0, `BIOS-e820: [mem 0x0000000000100000-0x${hex(low - 1)}] usable`],
    [0, `BIOS-e820: [mem 0x${hex(low)}-0x${hex(low + 0x24fff)}] reserved`],
    [0, 'BIOS-e820: [mem 0x00000000feffc000-0x00000000feffffff] reserved'],
    [0, 'BIOS-e820: [mem 0x00000000fffc0000-0x00000000ffffffff] reserved'],
    ...(total > 0xc000_0000
      ? ([
          [0, `BIOS-e820: [mem 0x0000000100000000-0x${hex(0x1_0000_0000 + total - 0xc000_0000 - 1)}] usable`],
        ] as Said[])
      : []),
    [0, 'NX (Execute Disable) protection: active'],
    [0, 'SMBIOS 2.8 present.'],
    [0, 'DMI: QEMU Standard PC (i440FX + PIIX, 1996), BIOS 1.15.0-1 04/01/2014'],
    [0, 'Hypervisor detected: KVM'],
    [0, 'kvm-clock: Using msrs 4b564d01 and 4b564d00'],
    [0.000002, `kvm-clock: using sched offset of ${6_000_000_000 + (bootedAt % 1_000_000_000)} cycles`],
    [
      0.000004,
      'clocksource: kvm-clock: mask: 0xffffffffffffffff max_cycles: 0x1cd42e4dffb, max_idle_ns: 881590591483 ns',
    ],
    [0.000004, `tsc: Detected ${mhz} MHz processor`],
    [0.0008, 'e820: update [mem 0x00000000-0x00000fff] usable ==> reserved', 7],
    [0.000001, 'e820: remove [mem 0x000a0000-0x000fffff] usable', 7],
    [
      0.000006,
      `last_pfn = 0x${(total > 0xc000_0000 ? (0x1_0000_0000 + total - 0xc000_0000) / 4096 : low / 4096).toString(16)} max_arch_pfn = 0x400000000`,
    ],
    [0.00009, 'x86/PAT: Configuration [0-7]: WB  WC  UC- UC  WB  WP  UC- WT  '],
    [0.004, 'found SMP MP-table at [mem 0x000f5a80-0x000f5a8f]'],
    [0.0003, 'Using GB pages for direct mapping', 7],
    [0.0003, 'RAMDISK: [mem 0x330b2000-0x357c8fff]'],
    [0.00001, 'ACPI: Early table checksum verification disabled'],
    [0.000003, 'ACPI: RSDP 0x00000000000F5A30 000014 (v00 BOCHS )'],
    [0.000004, 'ACPI: RSDT 0x00000000BFFE1C7B 000034 (v01 BOCHS  BXPC     00000001 BXPC 00000001)'],
    [0.00001, 'ACPI: FACP 0x00000000BFFE1B17 000074 (v01 BOCHS  BXPC     00000001 BXPC 00000001)'],
    [0.00001, 'ACPI: DSDT 0x00000000BFFDFD80 001D97 (v01 BOCHS  BXPC     00000001 BXPC 00000001)'],
    [0.00001, 'ACPI: APIC 0x00000000BFFE1B8B 000090 (v01 BOCHS  BXPC     00000001 BXPC 00000001)'],
    [0.00001, 'No NUMA configuration found'],
    [0.000001, `Faking a node at [mem 0x0000000000000000-0x${hex(total - 1)}]`],
    [0.0001, 'Zone ranges:'],
    [0.000001, '  DMA      [mem 0x0000000000001000-0x0000000000ffffff]'],
    [0.000001, `  DMA32    [mem 0x0000000001000000-0x${hex(Math.min(total, 0x1_0000_0000) - 1)}]`],
    [0.01, `smpboot: Allowing ${cores} CPUs, 0 hotplug CPUs`],
    [0.0001, `kvm-guest: APIC: eoi() replaced with kvm_guest_apic_eoi_write()`],
    [0.0001, `[mem 0xc0000000-0xfeffbfff] available for PCI devices`],
    [0.000001, 'Booting paravirtualized kernel on KVM'],
    [0.004, `setup_percpu: NR_CPUS:8192 nr_cpumask_bits:${cores} nr_cpu_ids:${cores} nr_node_ids:1`],
    [0.0006, 'kvm-guest: stealtime: cpu 0, msr 13bc32080'],
    [0.0001, `Built 1 zonelists, mobility grouping on.  Total pages: ${pages - Math.floor(pages / 64)}`],
    [0.000001, 'Policy zone: Normal'],
    [0.000001, `Kernel command line: BOOT_IMAGE=/boot/vmlinuz-${os.kernel} root=/dev/sda1 ro quiet`, 5],
    [
      0.001,
      `Dentry cache hash table entries: ${2 ** Math.min(20, 17 + Math.ceil(Math.log2(total / 2 ** 30)))} (order: 11, 8388608 bytes, linear)`,
    ],
    [
      0.02,
      `Memory: ${kib(memory)}K/${kib(total)}K available (14342K kernel code, 2332K rwdata, 9056K rodata, 2796K init, 17364K bss, ${kib(total - memory)}K reserved, 0K cma-reserved)`,
    ],
    [0.00002, 'random: crng init done'],
    [0.0001, `SLUB: HWalign=64, Order=0-3, MinObjects=0, CPUs=${cores}, Nodes=1`],
    ...(amd ? [] : ([[0.00001, 'Kernel/User page tables isolation: enabled']] as Said[])),
    [0.0002, 'ftrace: allocating 40246 entries in 158 pages'],
    [0.02, 'Dynamic Preempt: voluntary'],
    [0.0001, 'rcu: Preemptible hierarchical RCU implementation.'],
    [0.01, 'Console: colour VGA+ 80x25'],
    [0.0002, 'printk: console [tty0] enabled'],
    [0.0005, 'ACPI: Core revision 20220331'],
    [0.0004, 'APIC: Switch to symmetric I/O mode setup'],
    [0.002, 'x2apic enabled'],
    [0.0004, 'Switched APIC routing to physical x2apic.'],
    [0.006, `tsc: Marking TSC unstable due to TSCs unsynchronized`, 5],
    [
      0.0001,
      `Calibrating delay loop (skipped) preset value.. ${bogo} BogoMIPS (lpj=${Math.floor(cpu.megahertz * 4000)})`,
    ],
    [0.00001, 'pid_max: default: 32768 minimum: 301'],
    [0.0001, 'LSM: Security Framework initializing'],
    [0.0001, 'AppArmor: AppArmor initialized'],
    [0.00001, 'TOMOYO Linux initialized'],
    [0.0002, 'Spectre V1 : Mitigation: usercopy/swapgs barriers and __user pointer sanitization'],
    [0.000001, 'Spectre V2 : Mitigation: Retpolines'],
    [
      0.01,
      `smpboot: CPU0: ${cpu.model} (family: 0x${family.toString(16)}, model: 0x${model.toString(16)}, stepping: 0x${stepping.toString(16)})`,
    ],
    [0.0006, 'Performance Events: unsupported p6 CPU model 85 no PMU driver, software events only.'],
    [0.0005, 'rcu: Hierarchical SRCU implementation.'],
    [0.001, 'smp: Bringing up secondary CPUs ...'],
    [0.0004, 'x86: Booting SMP configuration:'],
    ...(cores > 1
      ? ([
          [
            0.0001,
            `.... node  #0, CPUs:      ${Array.from({ length: cores - 1 }, (_, core) => ` #${core + 1}`).join('')}`,
          ],
        ] as Said[])
      : []),
    [0.01 * cores, `smp: Brought up 1 node, ${cores} CPU${cores > 1 ? 's' : ''}`],
    [0.000001, `smpboot: Total of ${cores} processors activated (${(Number(bogo) * cores).toFixed(2)} BogoMIPS)`],
    [0.003, 'devtmpfs: initialized'],
    [0.002, 'NET: Registered PF_NETLINK/PF_ROUTE protocol family'],
    [0.001, 'DMA: preallocated 1024 KiB GFP_KERNEL pool for atomic allocations'],
    [
      0.0004,
      `audit: type=2000 audit(${Math.floor(bootedAt / 1000)}.140:1): state=initialized audit_enabled=0 res=1`,
      5,
    ],
    [0.001, 'cpuidle: using governor ladder'],
    [0.01, 'PCI: Using configuration type 1 for base access'],
    [0.02, 'ACPI: Interpreter enabled'],
    [0.003, 'ACPI: PCI Root Bridge [PCI0] (domain 0000 [bus 00-ff])'],
    [0.0004, 'PCI host bridge to bus 0000:00'],
    [0.0005, 'pci 0000:00:00.0: [8086:1237] type 00 class 0x060000'],
    [0.0006, 'pci 0000:00:01.0: [8086:7000] type 00 class 0x060100'],
    [0.0006, 'pci 0000:00:01.1: [8086:7010] type 00 class 0x010180'],
    [0.006, 'pci 0000:00:01.3: [8086:7113] type 00 class 0x068000'],
    [0.0006, 'pci 0000:00:02.0: [1234:1111] type 00 class 0x030000'],
    [0.02, 'pci 0000:00:03.0: [1af4:1000] type 00 class 0x020000'],
    [0.01, 'pci 0000:00:05.0: [1af4:1004] type 00 class 0x010000'],
    [0.02, 'SCSI subsystem initialized', 5],
    [0.02, 'NetLabel: Initializing'],
    [0.02, 'clocksource: Switched to clocksource kvm-clock'],
    [0.02, 'pnp: PnP ACPI init'],
    [0.03, 'NET: Registered PF_INET protocol family'],
    [0.004, 'TCP: Hash tables configured (established 65536 bind 65536)'],
    [0.002, 'NET: Registered PF_UNIX/PF_LOCAL protocol family'],
    [0.02, 'Trying to unpack rootfs image as initramfs...'],
    [0.04, 'workingset: timestamp_bits=36 max_order=21 bucket_order=0'],
    [0.1, 'Freeing initrd memory: 39004K'],
    [0.04, 'Serial: 8250/16550 driver, 4 ports, IRQ sharing enabled'],
    [0.03, '00:04: ttyS0 at I/O 0x3f8 (irq = 4, base_baud = 115200) is a 16550A'],
    [0.01, 'i8042: PNP: PS/2 Controller [PNP0303:KBD,PNP0f13:MOU] at 0x60,0x64 irq 1,12'],
    [0.006, 'rtc_cmos 00:05: RTC can wake from S4'],
    [0.003, `rtc_cmos 00:05: setting system clock to ${date} UTC (${Math.floor(bootedAt / 1000)})`],
    [0.02, 'NET: Registered PF_INET6 protocol family'],
    [0.04, 'Segment Routing with IPv6'],
    [0.02, 'sched_clock: Marking stable'],
    [0.01, 'registered taskstats version 1'],
    [0.1, 'Freeing unused kernel image (initmem) memory: 2796K'],
    [0.03, 'Write protecting the kernel read-only data: 26624k'],
    [0.004, 'Run /init as init process'],
    [0.09, `virtio_net virtio0 ${card}: renamed from eth0`],
    [0.05, 'scsi host2: Virtio SCSI HBA'],
    [0.02, 'scsi 2:0:0:0: Direct-Access     QEMU     QEMU HARDDISK    2.5+ PQ: 0 ANSI: 5', 5],
    [0.04, `sd 2:0:0:0: [sda] ${sectors} 512-byte logical blocks: (${Math.round(disk / 1e9)} GB/${gib} GiB)`, 5],
    [0.0001, 'sd 2:0:0:0: [sda] Write Protect is off', 5],
    [0.0002, "sd 2:0:0:0: [sda] Write cache: enabled, read cache: enabled, doesn't support DPO or FUA", 5],
    [0.006, ' sda: sda1'],
    [0.002, 'sd 2:0:0:0: [sda] Attached SCSI disk', 5],
    [0.3, `EXT4-fs (sda1): mounted filesystem with ordered data mode. Quota mode: none.`],
    [0.3, "systemd[1]: Inserted module 'autofs4'"],
    [
      0.02,
      `systemd[1]: systemd 252 running in system mode (+PAM +AUDIT +SELINUX +APPARMOR +IMA +SMACK +SECCOMP +GCRYPT -GNUTLS +OPENSSL +ACL +BLKID +CURL +ELFUTILS +FIDO2 +IDN2 -IDN +IPTC +KMOD +LIBCRYPTSETUP +LIBFDISK +PCRE2 -PWQUALITY +P11KIT +QRENCODE +TPM2 +BZIP2 +LZ4 +XZ +ZLIB +ZSTD -BPF_FRAMEWORK -XKBCOMMON +UTMP +SYSVINIT default-hierarchy=unified)`,
    ],
    [0.0001, 'systemd[1]: Detected virtualization kvm.'],
    [0.0001, 'systemd[1]: Detected architecture x86-64.'],
    [0.005, `systemd[1]: Hostname set to <${persona.hostname}>.`],
    [0.4, 'systemd[1]: Queued start job for default target graphical.target.'],
    [0.05, 'systemd[1]: Created slice system-getty.slice - Slice /system/getty.'],
    [0.02, 'systemd[1]: Reached target swap.target - Swaps.'],
    [0.1, 'EXT4-fs (sda1): re-mounted. Quota mode: none.'],
    [0.1, 'systemd[1]: Started systemd-journald.service - Journal Service.'],
    [0.1, 'input: Power Button as /devices/LNXSYSTM:00/LNXPWRBN:00/input/input4'],
    [0.02, 'ACPI: button: Power Button [PWRF]'],
    [0.05, 'input: PC Speaker as /devices/platform/pcspkr/input/input5'],
    [0.2, 'cryptd: max_cpu_qlen set to 1000'],
    [0.05, 'AVX2 version of gcm_enc/dec engaged.'],
    [
      0.3,
      'audit: type=1400 audit: apparmor="STATUS" operation="profile_load" profile="unconfined" name="lsb_release"',
      5,
    ],
    [0.9, `IPv6: ADDRCONF(NETDEV_CHANGE): ${card}: link becomes ready`],
    [0.001, `virtio_net virtio0 ${card}: MAC ${mac}`, 7],
  ]
}
