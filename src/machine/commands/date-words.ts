/** Minutes, months and days that are added; the others follow from these. */
export type Relative = { years: number; months: number; days: number; seconds: number }

export const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
export const longMonths =
  'january february march april may june july august september october november december sept'.split(' ')
export const weekdays = 'sun mon tue wed thu fri sat'.split(' ')
export const longWeekdays = 'sunday monday tuesday wednesday thursday friday saturday tues wednes thur thurs'.split(' ')
const ordinals = 'last this next first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth'
export const ordinalValues = new Map<string, number>(
  ordinals
    .split(' ')
    .map((word, index) => [word, word === 'next' ? 1 : index < 2 ? index - 1 : index - 2] as [string, number])
    // `second` is the unit of time.
    .filter(([word]) => word !== 'second'),
)
export const units = new Map<string, Partial<Relative>>([
  ['year', { years: 1 }],
  ['month', { months: 1 }],
  ['fortnight', { days: 14 }],
  ['week', { days: 7 }],
  ['day', { days: 1 }],
  ['hour', { seconds: 3600 }],
  ['minute', { seconds: 60 }],
  ['min', { seconds: 60 }],
  ['second', { seconds: 1 }],
  ['sec', { seconds: 1 }],
])
export const shifts = new Map([
  ['tomorrow', 1],
  ['yesterday', -1],
  ['today', 0],
  ['now', 0],
])
/** Hours east of Greenwich; `dst` names are an hour further. */
export const zones = new Map<string, number>(
  'gmt=0 ut=0 utc=0 wet=0 west=1 bst=1 art=-3 brt=-3 brst=-2 nst=-3.5 ndt=-2.5 ast=-4 adt=-3 clt=-4 clst=-3 est=-5 edt=-4 cst=-6 cdt=-5 mst=-7 mdt=-6 pst=-8 pdt=-7 akst=-9 akdt=-8 hst=-10 hast=-10 hadt=-9 sst=-12 wat=1 cet=1 cest=2 met=1 mez=1 mest=2 mesz=2 eet=2 eest=3 cat=2 sast=2 eat=3 msk=3 msd=4 ist=5.5 sgt=8 kst=9 jst=9 gst=10 nzst=12 nzdt=13'
    .split(' ')
    .map(pair => pair.split('='))
    .map(([name, hours]) => [name!, Number(hours)]),
)

/** Military letters: A to I east, K to M further, N to Y west, Z none; J is no zone. */
export const militaryZone = (letter: string): number | undefined => {
  const index = 'abcdefghiklm'.indexOf(letter)
  if (index >= 0) return index + 1
  const west = 'nopqrstuvwxy'.indexOf(letter)
  return west >= 0 ? -(west + 1) : letter === 'z' ? 0 : undefined
}
