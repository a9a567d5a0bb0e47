import type { Settings } from '#config/schema.ts'
import { administrationPorts } from '#firewall/administration.ts'
import type { Administration } from '#firewall/silence.ts'

/** How the operator comes in: as configured, or as sshd is; and to the page, where that is not on loopback. */
export function wayIn({ administration, dashboard }: Pick<Settings, 'administration' | 'dashboard'>): Administration {
  const ssh = administration.ports.length > 0 ? administration.ports : administrationPorts(process.env).ports
  const page = /^(127\.|::1$|localhost$)/.test(dashboard.address.address) ? [] : [dashboard.address.port]
  return { ports: [...new Set([...ssh, ...page])].toSorted((a, b) => a - b), from: administration.from }
}
