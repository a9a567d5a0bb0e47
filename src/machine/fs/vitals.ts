import type { Persona } from '#persona/persona.ts'

/** Numbers that /proc and commands have to agree about. Bytes and seconds. */
export type Vitals = {
  uptime: number
  idle: number
  load: [one: number, five: number, fifteen: number]
  memory: { total: number; free: number; available: number; buffers: number; cached: number; slab: number }
  traffic: { received: number; receivedPackets: number; sent: number; sentPackets: number }
}

/** Slow waves around a small idle server's figures, so that they move between two looks and never jump. */
export const vitalsOf = (persona: Persona, now: number): Vitals => {
  const noise = persona.derive('vitals', 16)
  const uptime = Math.max(1, (now - persona.bootedAt) / 1000)
  const wave = (index: number, period: number): number => Math.sin(now / 1000 / period + noise[index]!)
  const load = (index: number, period: number): number =>
    Math.max(0, Math.round((0.06 + noise[index]! / 4000 + 0.05 * wave(index, period)) * 100) / 100)
  const total = persona.memory
  const page = (bytes: number): number => Math.round(bytes / 4096) * 4096
  const settled = Math.min(1, uptime / 86_400)
  // What comes and goes on a server is more than a small device has in all; there, one program takes most of it.
  const swing = Math.min(1, total / 4e8)
  const share = total < 2 ** 28 ? 0.45 * total : 0.14 * total ** 0.93
  const used = share * (1 + noise[3]! / 1000) + 40e6 * swing * wave(4, 700)
  const cached = page(total * (0.22 + 0.2 * settled) + 20e6 * swing * wave(5, 1900))
  const buffers = page(total * (0.01 + 0.02 * settled))
  const slab = page(total * 0.03 + 8e6 * swing)
  const free = page(Math.max(total * 0.05, total - used - cached - buffers - slab))
  const packets = Math.floor(uptime * (1.9 + noise[6]! / 100))
  return {
    uptime,
    idle: uptime * persona.cpu.cores * 0.985,
    load: [load(0, 97), load(1, 411), load(2, 1303)],
    memory: { total, free, available: page(Math.min(total * 0.95, free + cached * 0.85)), buffers, cached, slab },
    traffic: {
      received: packets * (140 + noise[7]!),
      receivedPackets: packets,
      sent: Math.floor(packets * 0.7) * (110 + noise[8]!),
      sentPackets: Math.floor(packets * 0.7),
    },
  }
}
