import { type Catalogue, inFolder } from '../catalogue.ts'

const bin = inFolder('/usr/bin', {
  uname: async () => (await import('./hardware/uname.ts')).uname,
  arch: async () => (await import('./hardware/uname.ts')).arch,
  nproc: async () => (await import('./hardware/uname.ts')).nproc,
  hostid: async () => (await import('./hardware/uname.ts')).hostid,
  hostname: async () => (await import('./hardware/hostname.ts')).hostname,
  id: async () => (await import('./accounts/id.ts')).id,
  whoami: async () => (await import('./accounts/id.ts')).whoami,
  logname: async () => (await import('./accounts/id.ts')).logname,
  groups: async () => (await import('./accounts/id.ts')).groups,
  free: async () => (await import('./processes/free.ts')).free,
  uptime: async () => (await import('./processes/uptime.ts')).uptime,
  ps: async () => (await import('./processes/ps.ts')).ps,
  kill: async () => (await import('./processes/kill.ts')).kill,
})

/** Programs that tell about the machine and administer it. */
export const system: Catalogue = { ...bin }
