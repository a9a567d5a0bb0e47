const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const two = (n: number): string => String(n).padStart(2, '0')

/** strftime(3) in UTC and the C locale, for `printf '%(…)T'`. */
export const strftime = (format: string, seconds: number): string => {
  const date = new Date((Number.isFinite(seconds) ? Math.trunc(seconds) : 0) * 1000)
  if (Number.isNaN(date.getTime())) return ''
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  const start = Date.UTC(date.getUTCFullYear(), 0, 1)
  const values: Record<string, () => string> = {
    Y: () => String(date.getUTCFullYear()),
    m: () => two(date.getUTCMonth() + 1),
    d: () => two(date.getUTCDate()),
    e: () => String(date.getUTCDate()).padStart(2),
    H: () => two(date.getUTCHours()),
    I: () => two(date.getUTCHours() % 12 || 12),
    M: () => two(date.getUTCMinutes()),
    S: () => two(date.getUTCSeconds()),
    y: () => two(date.getUTCFullYear() % 100),
    C: () => two(Math.floor(date.getUTCFullYear() / 100)),
    j: () => String(Math.floor((date.getTime() - start) / 86_400_000) + 1).padStart(3, '0'),
    p: () => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
    a: () => DAYS[date.getUTCDay()]!.slice(0, 3),
    A: () => DAYS[date.getUTCDay()]!,
    b: () => MONTHS[date.getUTCMonth()]!.slice(0, 3),
    h: () => MONTHS[date.getUTCMonth()]!.slice(0, 3),
    B: () => MONTHS[date.getUTCMonth()]!,
    u: () => String(date.getUTCDay() || 7),
    w: () => String(date.getUTCDay()),
    s: () => String(Math.trunc(seconds)),
    T: () => clock,
    X: () => clock,
    R: () => clock.slice(0, 5),
    F: () => `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`,
    D: () => `${two(date.getUTCMonth() + 1)}/${two(date.getUTCDate())}/${two(date.getUTCFullYear() % 100)}`,
    z: () => '+0000',
    Z: () => 'UTC',
    n: () => '\n',
    t: () => '\t',
    '%': () => '%',
  }
  values.x = values.D!
  values.c = () => `${values.a!()} ${values.b!()} ${values.e!()} ${clock} ${date.getUTCFullYear()}`
  const table = new Map(Object.entries(values))
  return format.replace(/%(.)/g, (whole, letter: string) => table.get(letter)?.() ?? whole)
}
