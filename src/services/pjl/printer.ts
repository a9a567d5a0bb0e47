import type { Persona } from '#persona/persona.ts'
import { type Disk, newDisk } from './disk.ts'

/** The printer as one attacker knows it. */
export type Printer = {
  model: string
  serial: string
  /** Bytes. */
  memory: number
  pages: number
  /** What stands on its display. */
  display: string
  disk: Disk
  /** Values that differ from how it came. */
  set: Map<string, string>
}

const models = [
  ['HP LaserJet 4250', 80],
  ['hp LaserJet 4200', 64],
  ['HP LaserJet P3005', 80],
  ['HP LaserJet 2420', 48],
  ['HP LaserJet 4350', 96],
] as const

export function printerOf(persona: Persona, now: number): Printer {
  const draw = persona.derive('pjl printer', 16)
  const [model, megabytes] = models[draw[0]! % models.length]!
  const letters = [...draw.subarray(4, 9)].map(byte => 'ABCDEFGHJKLMNPQRSTUVWXYZ'[byte % 24]).join('')
  const days = Math.max(0, (now - persona.installedAt) / 86_400_000)
  return {
    model,
    serial: `CN${letters}${`${draw.readUInt16BE(10) % 1000}`.padStart(3, '0')}`,
    memory: megabytes << 20,
    pages: 21_000 + (draw.readUInt16BE(2) % 60_000) + Math.floor(days * 37),
    display: 'Ready',
    disk: newDisk(),
    set: new Map(),
  }
}

/** A variable of the environment: what it is, and what else it may be. */
type Variable = { value: string; range?: readonly [number, number]; choices?: readonly string[]; readOnly?: true }

/** In the order in which the printer lists them (PJL Technical Reference, chapter 6). */
export const variables: ReadonlyMap<string, Variable> = new Map<string, Variable>([
  ['COPIES', { value: '1', range: [1, 32_000] }],
  ['PAPER', { value: 'A4', choices: ['LETTER', 'LEGAL', 'A4', 'EXECUTIVE', 'COM10', 'DL', 'C5', 'B5', 'CUSTOM'] }],
  ['ORIENTATION', { value: 'PORTRAIT', choices: ['PORTRAIT', 'LANDSCAPE'] }],
  ['FORMLINES', { value: '64', range: [5, 128] }],
  ['MANUALFEED', { value: 'OFF', choices: ['OFF', 'ON'] }],
  ['RET', { value: 'MEDIUM', choices: ['OFF', 'LIGHT', 'MEDIUM', 'DARK'] }],
  ['PAGEPROTECT', { value: 'AUTO', choices: ['OFF', 'ON', 'AUTO'] }],
  ['RESOLUTION', { value: '600', choices: ['300', '600', '1200'] }],
  ['PERSONALITY', { value: 'AUTO', choices: ['AUTO', 'PCL', 'POSTSCRIPT'] }],
  ['TIMEOUT', { value: '15', range: [5, 300] }],
  ['MPTRAY', { value: 'CASSETTE', choices: ['MANUAL', 'CASSETTE', 'FIRST'] }],
  ['INTRAY2', { value: 'UNLOCKED', choices: ['UNLOCKED', 'LOCKED'] }],
  ['CLEARABLEWARNINGS', { value: 'JOB', choices: ['JOB', 'ON'] }],
  ['AUTOCONT', { value: 'ON', choices: ['OFF', 'ON'] }],
  ['DENSITY', { value: '3', range: [1, 5] }],
  ['LOWTONER', { value: 'CONTINUE', choices: ['CONTINUE', 'STOP'] }],
  ['INTRAY1SIZE', { value: 'A4', choices: ['LETTER', 'LEGAL', 'A4', 'EXECUTIVE', 'ANY'] }],
  ['INTRAY2SIZE', { value: 'A4', choices: ['LETTER', 'LEGAL', 'A4', 'EXECUTIVE'] }],
  ['POWERSAVE', { value: 'ON', choices: ['OFF', 'ON'] }],
  ['POWERSAVETIME', { value: '30', choices: ['15', '30', '60', '90', '120', '180'] }],
  ['LANG', { value: 'ENGLISH', choices: ['ENGLISH', 'FRENCH', 'GERMAN', 'ITALIAN', 'SPANISH', 'JAPANESE'] }],
  ['BINDING', { value: 'LONGEDGE', choices: ['LONGEDGE', 'SHORTEDGE'] }],
  ['DUPLEX', { value: 'OFF', choices: ['OFF', 'ON'] }],
  ['PASSWORD', { value: 'DISABLED', choices: ['DISABLED', 'ENABLED'], readOnly: true }],
  ['CPLOCK', { value: 'OFF', choices: ['OFF', 'ON'] }],
  ['DISKLOCK', { value: 'OFF', choices: ['OFF', 'ON'] }],
])

export const current = (printer: Printer, name: string): string | undefined =>
  printer.set.get(name) ?? variables.get(name)?.value

/** A variable with all that it may be, as INFO VARIABLES shows it. */
export function shownVariable(printer: Printer, name: string, { range, choices, readOnly }: Variable): string {
  const kind = choices ? `${choices.length} ENUMERATED` : '2 RANGE'
  const rows = (choices ?? range ?? []).map(choice => `\t${choice}\r\n`)
  return `${name}=${current(printer, name)} [${kind}${readOnly ? ' READONLY' : ''}]\r\n${rows.join('')}`
}
