import type { Process, Stat } from '../../system.ts'

/** What LS_COLORS says: SGR parameters by kind of file, and by the end of the name. */
export type Colours = { kinds: Map<string, string>; endings: [ending: string, colour: string][] }

/** GNU ls's own, where LS_COLORS says nothing. */
const builtIn =
  'lc=\x1b[:rc=m:no=:fi=:rs=0:di=01;34:ln=01;36:pi=33:so=01;35:bd=01;33:cd=01;33:ex=01;32:do=01;35:su=37;41:sg=30;43:st=37;44:ow=34;42:tw=30;42:ca=30;41:cl=\x1b[K'
const mostEntries = 1000

export const coloursOf = ({ env }: Process): Colours => {
  const colours: Colours = { kinds: new Map(), endings: [] }
  for (const entry of `${builtIn}:${env.get('LS_COLORS') ?? ''}`.split(':', mostEntries)) {
    const equals = entry.lastIndexOf('=')
    const [key, value] = [entry.slice(0, equals), entry.slice(equals + 1)]
    if (equals < 1) continue
    if (key.startsWith('*')) colours.endings.unshift([key.slice(1), value])
    else colours.kinds.set(key, value)
  }
  return colours
}

/** The colour of a file; empty for none. `broken`: a link that leads nowhere; `linked`: what a link leads to. */
export const colourOf = (
  { kinds, endings }: Colours,
  name: string,
  stat: Stat | undefined,
  broken: boolean,
  linked?: Stat,
): string => {
  const kind = (key: string): string => {
    const value = kinds.get(key)
    return value === undefined || /^0*$/.test(value) ? '' : value
  }
  if (!stat) return kind('or')
  const { type, mode } = stat
  if (type === 'symlink') {
    if (broken && kind('or') !== '') return kind('or')
    if (kinds.get('ln') !== 'target') return kind('ln')
    return linked ? colourOf({ kinds, endings }, name, linked, false) : kind('or')
  }
  if (type === 'directory') {
    const sticky = (mode & 0o1000) !== 0
    const open = (mode & 0o002) !== 0
    if (sticky && open && kind('tw')) return kind('tw')
    if (open && kind('ow')) return kind('ow')
    if (sticky && kind('st')) return kind('st')
    return kind('di')
  }
  if (type === 'fifo') return kind('pi')
  if (type === 'socket') return kind('so')
  if (type === 'block') return kind('bd')
  if (type === 'char') return kind('cd')
  if ((mode & 0o4000) !== 0 && kind('su')) return kind('su')
  if ((mode & 0o2000) !== 0 && kind('sg')) return kind('sg')
  if ((mode & 0o111) !== 0 && kind('ex')) return kind('ex')
  if (stat.nlink > 1 && kind('mh')) return kind('mh')
  const ending = endings.find(([end]) => name.toLowerCase().endsWith(end.toLowerCase()))
  return ending?.[1] ?? kind('fi')
}
