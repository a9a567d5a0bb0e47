import type { Persona } from '#persona/persona.ts'
import type { Device } from './facts.ts'

/** The sensor's persona as its device shows itself, so that every program and every file of /proc speaks of that. */
export const personaOf = (sensor: Persona, device: Device): Persona => {
  const { firmware, hostname, built, memory, mac, packedAt, bootedAt } = device
  return {
    ...sensor,
    hostname,
    domain: '',
    fqdn: hostname,
    os: {
      id: 'embedded',
      pretty: '',
      version: '',
      codename: '',
      kernel: firmware.kernel,
      kernelVersion: built.kernel,
      arch: firmware.machine,
      issue: '',
    },
    cpu: { model: firmware.soc.model, cores: firmware.cores, megahertz: firmware.megahertz },
    memory,
    disk: firmware.flash.reduce((sum, { kib }) => sum + kib * 1024, 0),
    mac,
    interface: firmware.interfaces[0]!,
    installedAt: packedAt,
    upgradedAt: packedAt + 400_000,
    bootedAt,
    users: [{ name: 'root', uid: 0, home: homeOf(device), shell: '/bin/sh' }],
    derive: (label, bytes) => sensor.derive(`device ${device.kind} ${label}`, bytes),
  }
}

/** Recorders have a folder for root; routers save the few bytes. */
export const homeOf = ({ kind }: Device): string => (kind === 'dvr' ? '/root' : '/')
