import type { Persona } from '#persona/persona.ts'
import { constants } from './constants.ts'
import type { Attribute } from './message.ts'

/** The one queue of this machine; its owner has paused it. */
export type Printer = { name: string; info: string; location: string; device: string; uuid: string; pausedAt: number }

const queues = ['office', 'labels', 'printer', 'laser', 'hp4250', 'front-desk'] as const
const models = [
  'HP LaserJet 4250',
  'HP LaserJet P3015',
  'Brother HL-5250DN',
  'Kyocera FS-1370DN',
  'Xerox Phaser 3320',
] as const
const places = ['Office', '2nd floor', 'Reception', 'Warehouse', ''] as const

export function printerOf(persona: Persona): Printer {
  const draw = persona.derive('ipp printer', 24)
  const pick = <T>(list: readonly T[], n: number): T => list[draw[n]! % list.length]!
  const hex = draw.subarray(8).toString('hex')
  return {
    name: pick(queues, 0),
    info: pick(models, 1),
    location: pick(places, 2),
    device: `socket://print.${persona.domain}:9100`,
    uuid: `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-3${hex.slice(13, 16)}-6${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
    pausedAt: Math.floor(persona.installedAt / 1000) * 1000 + 86_400_000 + draw.readUInt16BE(4) * 1000,
  }
}

/** All attributes, in cupsd's order. `server`: name and port that the client called; `now` in milliseconds. */
export function attributesOf(
  printer: Printer,
  about: { server: string; now: number; jobs: number; version: string; octets: number },
): Attribute[] {
  const { server, now, jobs, version, octets } = about
  const { name, info, location, device, uuid, pausedAt } = printer
  const seconds = Math.floor(now / 1000)
  const since = Math.floor(pausedAt / 1000)
  return [
    ['marker-change-time', 'integer', 0],
    ['printer-config-change-date-time', 'date', pausedAt],
    ['printer-config-change-time', 'integer', since],
    ['printer-current-time', 'date', now],
    ['printer-dns-sd-name', 'none'],
    ['printer-error-policy', 'name', 'retry-job'],
    ['printer-error-policy-supported', 'name', 'abort-job', 'retry-current-job', 'retry-job', 'stop-printer'],
    ['printer-icons', 'uri', `http://${server}/icons/${name}.png`],
    ['printer-is-accepting-jobs', 'boolean', true],
    ['printer-is-shared', 'boolean', true],
    ['printer-is-temporary', 'boolean', false],
    ['printer-more-info', 'uri', `http://${server}/printers/${name}`],
    ['printer-op-policy', 'name', 'default'],
    ['printer-state', 'enum', 5],
    ['printer-state-change-date-time', 'date', pausedAt],
    ['printer-state-change-time', 'integer', since],
    ['printer-state-message', 'text', 'Paused'],
    ['printer-state-reasons', 'keyword', 'paused'],
    ['printer-strings-uri', 'uri', `http://${server}/strings/${name}.strings`],
    ['printer-type', 'enum', 0x20004],
    ['printer-up-time', 'integer', seconds],
    ['printer-uri-supported', 'uri', `ipp://${server}/printers/${name}`],
    ['queued-job-count', 'integer', jobs],
    ['uri-security-supported', 'keyword', 'none'],
    ['uri-authentication-supported', 'keyword', 'requesting-user-name'],
    ['printer-id', 'integer', 1],
    ['printer-name', 'name', name],
    ['printer-location', 'text', location],
    ['printer-geo-location', 'unknown'],
    ['printer-info', 'text', info],
    ['printer-organization', 'text', ''],
    ['printer-organizational-unit', 'text', ''],
    ['printer-uuid', 'uri', uuid],
    ['job-quota-period', 'integer', 0],
    ['job-k-limit', 'integer', 0],
    ['job-page-limit', 'integer', 0],
    ['job-sheets-default', 'name', 'none', 'none'],
    ['device-uri', 'uri', device],
    ...constants.map((attribute): Attribute => {
      const [what, tag] = attribute
      if (what.endsWith('-k-octets-supported')) return [what, tag, `0-${octets}`]
      return what === 'cups-version' ? [what, tag, version] : attribute
    }),
  ]
}
