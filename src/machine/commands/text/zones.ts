/** Time zones as tzset(3) reads them from TZ. `at`: offset east of Greenwich in seconds, and the zone's abbreviation. */
export type Zone = { at(seconds: number): { offset: number; name: string } }

const utc: Zone = { at: () => ({ offset: 0, name: 'UTC' }) }
const known = new Map<string, Zone>()
const mostKnown = 100

/** The machine's own zone is UTC; what TZ names is not always a zone: then it is UTC under that name. */
export const zoneOf = (text: string | undefined): Zone => {
  if (text === undefined || text === '' || text === 'UTC0' || text === 'UTC') return utc
  const found = known.get(text)
  if (found) return found
  const made = posixZone(text) ??
    namedZone(text.replace(/^:/, '')) ?? { at: () => ({ offset: 0, name: /^[A-Za-z]{3,}/.exec(text)?.[0] ?? 'UTC' }) }
  if (known.size >= mostKnown) known.clear()
  known.set(text, made)
  return made
}

/** `EST5`, `<+03>-3`, `EST5EDT`: west is positive; summer time by the rules of the United States. */
const posixZone = (text: string): Zone | undefined => {
  const found =
    /^(?:([A-Za-z]{3,})|<([-+A-Za-z0-9]+)>)([-+]?[0-9]{1,2})(?::([0-9]{2}))?(?::[0-9]{2})?(?:([A-Za-z]{3,})|<[^>]+>)?/.exec(
      text,
    )
  if (!found) return undefined
  const hours = Number(found[3])
  const offset = -(hours * 3600 + (found[3]!.startsWith('-') ? -1 : 1) * Number(found[4] ?? 0) * 60)
  const name = found[1] ?? found[2]!
  const summer = found[5]
  if (summer === undefined) return { at: () => ({ offset, name }) }
  return {
    at(seconds) {
      const year = new Date((seconds + offset) * 1000).getUTCFullYear()
      const sunday = (month: number, nth: number): number => {
        const first = new Date(Date.UTC(year, month, 1)).getUTCDay()
        return Date.UTC(year, month, 1 + ((7 - first) % 7) + 7 * (nth - 1), 2) / 1000
      }
      const isSummer = seconds >= sunday(2, 2) - offset && seconds < sunday(10, 1) - offset - 3600
      return isSummer ? { offset: offset + 3600, name: summer } : { offset, name }
    },
  }
}

const abbreviations = new Map(
  'Central European Standard Time=CET,Central European Summer Time=CEST,Eastern European Standard Time=EET,Eastern European Summer Time=EEST,Western European Standard Time=WET,Western European Summer Time=WEST,Greenwich Mean Time=GMT,British Summer Time=BST,Irish Standard Time=IST,Moscow Standard Time=MSK,China Standard Time=CST,Japan Standard Time=JST,Korean Standard Time=KST,India Standard Time=IST,Hong Kong Standard Time=HKT,Eastern Standard Time=EST,Eastern Daylight Time=EDT,Central Standard Time=CST,Central Daylight Time=CDT,Mountain Standard Time=MST,Mountain Daylight Time=MDT,Pacific Standard Time=PST,Pacific Daylight Time=PDT,Australian Eastern Standard Time=AEST,Australian Eastern Daylight Time=AEDT,Israel Standard Time=IST,Israel Daylight Time=IDT,South Africa Standard Time=SAST,Coordinated Universal Time=UTC'
    .split(',')
    .map(pair => pair.split('=') as [string, string]),
)

/** A zone of the tz database, as the runtime knows it. */
const namedZone = (text: string): Zone | undefined => {
  if (!/^[A-Za-z_]{1,20}(?:\/[A-Za-z0-9_+-]{1,30}){1,2}$/.test(text)) return undefined
  try {
    const clock = new Intl.DateTimeFormat('en-US', { timeZone: text, timeZoneName: 'longOffset' })
    const names = new Intl.DateTimeFormat('en-US', { timeZone: text, timeZoneName: 'long' })
    const part = (format: Intl.DateTimeFormat, seconds: number): string =>
      format.formatToParts(seconds * 1000).find(({ type }) => type === 'timeZoneName')?.value ?? ''
    return {
      at(seconds) {
        const found = /GMT([-+])([0-9]{2}):([0-9]{2})/.exec(part(clock, seconds))
        const offset = found ? (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 3600 + Number(found[3]) * 60) : 0
        const numeric = `${offset < 0 ? '-' : '+'}${String(Math.floor(Math.abs(offset) / 3600)).padStart(2, '0')}${offset % 3600 === 0 ? '' : String(Math.abs(offset / 60) % 60).padStart(2, '0')}`
        return { offset, name: abbreviations.get(part(names, seconds)) ?? numeric }
      },
    }
  } catch {
    return undefined
  }
}
