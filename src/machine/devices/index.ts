import type { Persona } from '#persona/persona.ts'
import { busybox } from '../commands/busybox/busybox.ts'
import { programs } from '../commands/index.ts'
import type { Model } from '../model.ts'
import { newAccount } from './accounts.ts'
import { allApplets, appletsOf } from './applets.ts'
import { deviceDisk } from './disk.ts'
import { deviceOf, type Kind } from './facts.ts'
import { personaOf } from './persona.ts'
import { processesOf } from './processes.ts'

/** What Dropbear brings, that works as OpenSSH's. */
const withDropbear = ['/usr/bin/scp'] as const

/** Both orders of bytes, as the chip was built; the kernel takes nothing else. */
const runsOn = {
  'dvr-arm': { machine: 40, big: false },
  'router-mips': { machine: 8, big: true },
  'router-mipsel': { machine: 8, big: false },
} as const

/** A small device of the sensor's own, drawn from its seed: another processor, BusyBox for everything, flash for a disk. */
export const device =
  (kind: Kind) =>
  (sensor: Persona): Model => {
    const found = deviceOf(sensor, kind)
    const { firmware, built } = found
    const persona = personaOf(sensor, found)
    const applets = appletsOf(kind, name => (persona.derive(`applet ${name}`, 1)[0]! & 1) === 0)
    return {
      persona,
      make: {
        runs: [{ ...runsOn[firmware.image], bits: 32 }],
        pids: 32_768,
        path: '/sbin:/usr/sbin:/bin:/usr/bin',
        busybox: {
          path: '/bin/busybox',
          banner: `BusyBox v${firmware.busybox} (${built.busybox})`,
          prompt: firmware.prompt,
          applets: new Map([...allApplets].filter(([name]) => applets.has(name))),
        },
      },
      disk: deviceDisk(found, applets),
      running: processesOf(persona, found),
      programs: new Map([
        ['/bin/busybox', busybox],
        ...(kind === 'router' ? withDropbear.map(path => [path, programs.get(path)!] as const) : []),
      ]),
      shells: new Map(),
      installed: /^\/(usr\/|app\/)?(s?bin|lib|main)\//,
      language: (shell, executable) =>
        executable === '/bin/busybox' && /\/(ba|a)?sh$/.test(shell) ? 'ash' : undefined,
      account: (fs, user) => newAccount(fs, found, user),
    }
  }
