import type { Draw } from './draw.ts'
import type { ReleaseId } from './releases/index.ts'

/** What a guest of one kind of virtual machine sees: parts that only go together. */
export type Hosting = {
  id: string
  /** Countries of its customers, where it does not sell to the world. */
  countries?: readonly string[]
  /** First octets of the network card's address; the guest's own digits follow. */
  oui: readonly string[]
  interfaces: readonly string[]
  /** `model name` of /proc/cpuinfo and MHz. */
  cpus: readonly (readonly [model: string, megahertz: number])[]
  /** GiB of memory, GB of disk. */
  sizes: readonly (readonly [memory: number, disk: number])[]
  /** The name such a machine gets when its owner gives it none; `undefined`: it gets the owner's. */
  defaultHostname?: (draw: Draw, guest: { release: ReleaseId; memory: number; cores: number }) => string
}

const hex = '0123456789abcdef'
const distribution = (release: ReleaseId): string => (release.startsWith('debian') ? 'debian' : 'ubuntu')

/** Kinds of guests, with how often each is met. Sources: what such guests show in /proc/cpuinfo and `ip link`. */
const hostings: readonly (readonly [weight: number, hosting: Hosting])[] = [
  [
    26,
    {
      id: 'kvm',
      oui: ['52:54:00'],
      interfaces: ['eth0', 'ens3', 'ens18', 'enp1s0'],
      cpus: [
        ['QEMU Virtual CPU version 2.5+', 2400],
        ['Common KVM processor', 2599],
        ['Intel Xeon E312xx (Sandy Bridge)', 2099],
        ['Intel Core Processor (Haswell, no TSX, IBRS)', 2394],
        ['Intel Core Processor (Broadwell, IBRS)', 2199],
        ['Intel Xeon Processor (Skylake, IBRS)', 2095],
        ['Intel Xeon Processor (Cascadelake)', 2294],
        ['AMD EPYC Processor (with IBPB)', 2399],
        ['AMD EPYC-Rome Processor', 2445],
      ],
      sizes: [
        [1, 20],
        [2, 40],
        [4, 80],
        [8, 160],
      ],
    },
  ],
  [
    16,
    {
      id: 'openstack',
      oui: ['fa:16:3e'],
      interfaces: ['ens3', 'eth0'],
      cpus: [
        ['Intel Core Processor (Haswell, no TSX)', 2394],
        ['Intel Core Processor (Broadwell, IBRS)', 2094],
        ['Intel Xeon Processor (Skylake, IBRS)', 2593],
        ['AMD EPYC Processor (with IBPB)', 1996],
      ],
      sizes: [
        [2, 20],
        [2, 40],
        [4, 80],
        [8, 160],
      ],
      defaultHostname: draw => `vps-${draw.string(hex, 8)}`,
    },
  ],
  [
    30,
    {
      id: 'sakura',
      countries: ['JP'],
      oui: ['52:54:00'],
      interfaces: ['ens3', 'eth0'],
      cpus: [
        ['Intel Xeon Processor (Skylake, IBRS)', 2294],
        ['Intel Xeon Processor (Cascadelake)', 2394],
        ['Intel(R) Xeon(R) CPU E5-2650 v3 @ 2.30GHz', 2294],
      ],
      sizes: [
        [0.5, 25],
        [1, 50],
        [2, 100],
        [4, 200],
      ],
      defaultHostname: draw =>
        `${draw.pick(['ik1', 'os3', 'tk2'])}-${draw.between(201, 445)}-${draw.between(11000, 49999)}`,
    },
  ],
  [
    10,
    {
      id: 'xen',
      oui: ['00:16:3e'],
      interfaces: ['eth0'],
      cpus: [
        ['Intel(R) Xeon(R) CPU E5-2670 v2 @ 2.50GHz', 2494],
        ['Intel(R) Xeon(R) CPU E5-2630 v4 @ 2.20GHz', 2199],
        ['Intel(R) Xeon(R) Gold 6140 CPU @ 2.30GHz', 2294],
      ],
      sizes: [
        [1, 25],
        [2, 50],
        [4, 100],
      ],
    },
  ],
  [
    8,
    {
      id: 'vmware',
      // VMware's range for addresses assigned by a vCenter: the fourth octet's top bit is set (00:50:56:80 to :bf).
      oui: ['00:50:56:8a', '00:50:56:93', '00:50:56:a2', '00:50:56:b1'],
      interfaces: ['ens160', 'ens192'],
      cpus: [
        ['Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz', 2394],
        ['Intel(R) Xeon(R) Silver 4214 CPU @ 2.20GHz', 2194],
        ['Intel(R) Xeon(R) CPU E5-2690 v4 @ 2.60GHz', 2593],
      ],
      sizes: [
        [2, 40],
        [4, 60],
        [8, 100],
        [16, 200],
      ],
    },
  ],
  [
    10,
    {
      id: 'digitalocean',
      // Locally administered, drawn anew for every guest.
      oui: ['0e', '1a', '2e', '4a', '6e', '8e', 'b2', 'da'],
      interfaces: ['eth0'],
      cpus: [
        ['DO-Regular', 2294],
        ['DO-Premium-Intel', 2494],
        ['DO-Premium-AMD', 1996],
      ],
      sizes: [
        [0.5, 10],
        [1, 25],
        [2, 50],
        [4, 80],
      ],
      defaultHostname: (draw, { release, memory, cores }) =>
        `${distribution(release)}-s-${cores}vcpu-${memory < 1 ? '512mb' : `${memory}gb`}-${draw.pick(['fra1', 'ams3', 'lon1', 'nyc1', 'nyc3', 'sfo3', 'sgp1', 'blr1', 'tor1'])}-0${draw.between(1, 4)}`,
    },
  ],
  [
    10,
    {
      id: 'hetzner',
      oui: ['96:00:00', '96:00:01', '96:00:02', '96:00:03'],
      interfaces: ['eth0'],
      cpus: [
        ['Intel Xeon Processor (Skylake, IBRS, no TSX)', 2294],
        ['AMD EPYC Processor', 2445],
        ['AMD EPYC-Rome Processor', 2445],
      ],
      sizes: [
        [2, 20],
        [4, 40],
        [8, 80],
      ],
      defaultHostname: (draw, { release, memory }) =>
        `${distribution(release)}-${memory}gb-${draw.pick(['fsn1', 'nbg1', 'hel1'])}-${draw.between(1, 6)}`,
    },
  ],
  [
    8,
    {
      id: 'contabo',
      oui: ['00:50:56:3c', '00:50:56:42', '00:50:56:47', '00:50:56:4e'],
      interfaces: ['eth0'],
      cpus: [
        ['AMD EPYC 7282 16-Core Processor', 2794],
        ['AMD EPYC Processor (with IBPB)', 2794],
      ],
      sizes: [
        [4, 200],
        [8, 200],
        [16, 400],
      ],
      defaultHostname: draw => `vmi${draw.between(300000, 2400000)}`,
    },
  ],
]

/** Those that sell to customers of a country. */
export const hostingsIn = (country: string): typeof hostings =>
  hostings.filter(([, { countries }]) => countries?.includes(country) ?? true)

/** Completes an address prefix with the guest's own octets. */
export const macAddress = (prefix: string, draw: Draw): string => {
  const octets = prefix.split(':')
  while (octets.length < 6) octets.push(draw.string(hex, 2))
  return octets.join(':')
}

/** Cores that go with a memory size in GiB on small guests. */
export const coresFor = (memory: number, draw: Draw): number =>
  memory <= 1 ? 1 : memory <= 2 ? draw.between(1, 2) : memory <= 4 ? draw.between(2, 3) : draw.pick([4, 6, 8])

/** MemTotal in bytes: what the firmware and the kernel leave of a nominal size. */
export const memoryTotal = (gib: number, draw: Draw): number => {
  const kilobytes = gib * 1024 * 1024
  return Math.round(kilobytes * (gib < 1 ? 0.94 : 0.967) + draw.between(-3000, 6000)) * 1024
}
