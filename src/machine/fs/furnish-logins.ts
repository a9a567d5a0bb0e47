import type { Persona } from '#persona/persona.ts'

/** One record of utmp(5) on x86-64: 384 bytes. `at` in milliseconds. */
export type UtmpRecord = {
  type: number
  pid: number
  line: string
  id: string
  user: string
  host: string
  at: number
}

export const utmpSize = 384
export const utmpTypes = { runLevel: 1, boot: 2, init: 5, login: 6, user: 7, dead: 8 } as const

export const encodeUtmp = ({ type, pid, line, id, user, host, at }: UtmpRecord): Buffer => {
  const record = Buffer.alloc(utmpSize)
  record.writeInt16LE(type, 0)
  record.writeInt32LE(pid, 4)
  record.write(line, 8, 32, 'latin1')
  record.write(id, 40, 4, 'latin1')
  record.write(user, 44, 32, 'latin1')
  record.write(host, 76, 256, 'latin1')
  record.writeInt32LE(Math.floor(at / 1000), 340)
  record.writeInt32LE((at % 1000) * 1000, 344)
  return record
}

/** At most 4096 records, newest last. */
export const decodeUtmp = (data: Buffer): UtmpRecord[] => {
  const count = Math.min(4096, Math.floor(data.length / utmpSize))
  return Array.from({ length: count }, (_, index) => {
    const record = data.subarray(index * utmpSize, (index + 1) * utmpSize)
    const text = (from: number, length: number): string =>
      record.toString('latin1', from, from + length).replace(/\0.*$/s, '')
    return {
      type: record.readInt16LE(0),
      pid: record.readInt32LE(4),
      line: text(8, 32),
      id: text(40, 4),
      user: text(44, 32),
      host: text(76, 256),
      at: record.readInt32LE(340) * 1000 + Math.floor(record.readInt32LE(344) / 1000),
    }
  })
}

/** What has stood in /var/log/wtmp since the last boot: the boot, the console, and the owner now and then. */
export const wtmpRecords = (persona: Persona, now: number): UtmpRecord[] => {
  const { bootedAt, os, users } = persona
  const record = (fields: Partial<UtmpRecord>): UtmpRecord => ({
    type: utmpTypes.user,
    pid: 0,
    line: '',
    id: '',
    user: '',
    host: '',
    at: bootedAt,
    ...fields,
  })
  const console = { pid: 493, line: 'tty1', id: 'tty1' }
  const records = [
    record({ type: utmpTypes.boot, line: '~', id: '~~', user: 'reboot', host: os.kernel, at: bootedAt + 4000 }),
    record({ ...console, type: utmpTypes.init, at: bootedAt + 9000 }),
    record({ ...console, type: utmpTypes.login, user: 'LOGIN', at: bootedAt + 9000 }),
    record({
      type: utmpTypes.runLevel,
      pid: 53,
      line: '~',
      id: '~~',
      user: 'runlevel',
      host: os.kernel,
      at: bootedAt + 14_000,
    }),
  ]
  // The owner comes through a network of their own, every few days.
  const noise = persona.derive('owner logins', 64)
  const host = `10.8.${noise[0]! % 4}.${2 + (noise[1]! % 60)}`
  const owner = users[noise[2]! % 3 === 0 ? Math.min(1, users.length - 1) : 0]!.name
  let at = bootedAt + 600_000
  for (let index = 0; index < 14; index++) {
    at += (8 + (noise[8 + index]! % 90)) * 3_600_000 + noise[30 + index]! * 13_000
    const length = (3 + (noise[44 + index]! % 70)) * 60_000
    if (at + length > now - 3_600_000) break
    const session = { pid: 2000 + index * 731, line: 'pts/0', id: 'ts/0' }
    records.push(record({ ...session, user: owner, host, at }))
    records.push(record({ ...session, type: utmpTypes.dead, at: at + length }))
  }
  return records
}

export const wtmp = (persona: Persona, now: number): Buffer => Buffer.concat(wtmpRecords(persona, now).map(encodeUtmp))

/** /run/utmp: the boot, the run level, who waits on the console. */
export const utmp = (persona: Persona, now: number): Buffer =>
  Buffer.concat(
    wtmpRecords(persona, now)
      .slice(0, 4)
      .filter(({ type }) => type !== utmpTypes.init)
      .map(encodeUtmp),
  )

/** /var/log/lastlog: 292 bytes by uid, with the newest log-in of each. */
export const lastlog = (persona: Persona, now: number): Buffer => {
  const size = 292
  const file = Buffer.alloc(size * (Math.max(...persona.users.map(({ uid }) => uid)) + 1))
  for (const { type, user, line, host, at } of wtmpRecords(persona, now)) {
    const uid = persona.users.find(({ name }) => name === user)?.uid
    if (type !== utmpTypes.user || uid === undefined) continue
    file.writeInt32LE(Math.floor(at / 1000), uid * size)
    file.write(line, uid * size + 4, 32, 'latin1')
    file.write(host, uid * size + 36, 256, 'latin1')
  }
  return file
}
