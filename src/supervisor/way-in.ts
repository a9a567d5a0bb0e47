import type { Settings } from '#config/schema.ts'
import { administrationPorts } from '#firewall/administration.ts'
import type { Administration } from '#firewall/silence.ts'
import { portsOf } from './holder.ts'

/** Where the operator's SSH is on this machine, now. */
export const administration = () => administrationPorts(process.env, undefined, portsOf)

/** How the operator comes in: as configured, or as sshd is; and to the page, where that is not on loopback. */
export function wayIn({
  administration: said,
  dashboard,
}: Pick<Settings, 'administration' | 'dashboard'>): Administration {
  const ssh = said.ports.length > 0 ? said.ports : administration().ports
  const page = /^(127\.|::1$|localhost$)/.test(dashboard.address.address) ? [] : [dashboard.address.port]
  return { ports: [...new Set([...ssh, ...page])].toSorted((a, b) => a - b), from: said.from }
}
