/** Names and filters of topics (3.1.1 §4.7), with the bounds of mosquitto 2.0.11 (util_topic.c). */

/** TOPIC_HIERARCHY_LIMIT. */
const LEVELS = 200

const deep = (topic: string): boolean => {
  let levels = 0
  for (let at = topic.indexOf('/'); at >= 0; at = topic.indexOf('/', at + 1)) if (++levels > LEVELS) return true
  return false
}

/** May something be published there? */
export const isTopic = (topic: string): boolean => !/[+#]/.test(topic) && topic.length <= 65_535 && !deep(topic)

/** Wildcards stand for whole levels, `#` for the last ones. */
export function isFilter(filter: string): boolean {
  if (deep(filter)) return false
  const levels = filter.split('/')
  return levels.every((level, i) => level === '+' || (level === '#' && i === levels.length - 1) || !/[+#]/.test(level))
}

/** The levels of a topic as the broker's trees hang them up: what begins with `$` has a root of its own. */
export const levelsOf = (topic: string): string[] => {
  const levels = topic.split('/')
  return topic.startsWith('$') ? levels : ['', ...levels]
}

/** `$share/GROUP/FILTER` (5.0 §4.8.2) apart; without a group where it is none. */
export function shareOf(filter: string): { group?: string; filter: string } {
  if (!filter.startsWith('$share/')) return { filter }
  const end = filter.indexOf('/', 7)
  if (end <= 7 || end === filter.length - 1) return { filter }
  return { group: filter.slice(7, end), filter: filter.slice(end + 1) }
}
