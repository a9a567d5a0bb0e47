import { addressesOf } from '../../fs/addresses.ts'
import type { Process, Program } from '../../system.ts'
import { say, textOf } from '../system/facts.ts'

/** resolvectl(1), also as systemd-resolve: who answers for names. */
export const resolvectl: Program = async process => {
  const { persona } = process.host
  const [verb = 'status'] = process.argv.slice(1).filter(word => !word.startsWith('-'))
  if (verb !== 'status' && verb !== 'dns') return 0
  const servers = [...(textOf(process, '/run/systemd/resolve/resolv.conf') ?? '').matchAll(/^nameserver (\S+)$/gm)].map(
    ([, server]) => server,
  )
  if (verb === 'dns') return say(process, `Global:\nLink 2 (${persona.interface}): ${servers.join(' ')}\n`)
  return say(
    process,
    `Global\n       Protocols: -LLMNR -mDNS -DNSOverTLS DNSSEC=no/unsupported\nresolv.conf mode: stub\n\nLink 2 (${persona.interface})\n    Current Scopes: DNS\n         Protocols: +DefaultRoute +LLMNR -mDNS -DNSOverTLS DNSSEC=no/unsupported\nCurrent DNS Server: ${servers[0] ?? ''}\n       DNS Servers: ${servers.join(' ')}\n        DNS Domain: ${persona.domain}\n`,
  )
}

/** netplan(8): what it generates is in force already. */
export const netplan: Program = async process => {
  const [verb = '', key = ''] = process.argv.slice(1).filter(word => !word.startsWith('-'))
  if (verb === '') {
    await process.stdout.write('usage: /usr/sbin/netplan  [-h] [--debug]  ...\n')
    return 1
  }
  if (!/^(get|info|ip|apply|generate|try|set|rebind|help|status)$/.test(verb)) {
    await process.stderr.write(
      `usage: /usr/sbin/netplan  [-h] [--debug]  ...\n/usr/sbin/netplan: error: argument : invalid choice: '${verb}'\n`,
    )
    return 2
  }
  if (verb === 'get') {
    const text = (textOf(process, '/etc/netplan/50-cloud-init.yaml') ?? '').replace(/^#.*\n/gm, '')
    return say(process, key === '' ? text.replace(/ {4}/g, '  ') : '')
  }
  if (verb === 'ip') return say(process, `${addressesOf(process.host.persona, process.host.processes).v4}\n`)
  if (process.who.uid !== 0 && /^(apply|generate|try|set)$/.test(verb)) {
    await process.stderr.write('ERROR: cannot create file /run/systemd/network/10-netplan.network: Permission denied\n')
    return 1
  }
  return 0
}

type Rules = { active: boolean; rules: string[] }
const rulesOf = ({ host }: Process): Rules => host.state('ufw', () => ({ active: false, rules: [] }))
/** Rules that are remembered. */
const most = 100

/** ufw(8): off as installed; what is allowed is remembered and filters nothing. */
export const ufw: Program = async process => {
  const words = process.argv.slice(1).filter(word => word !== '--force')
  const [verb = '', ...rest] = words
  const refuse = async (text: string): Promise<number> => {
    await process.stderr.write(`ERROR: ${text}\n`)
    return 1
  }
  if (verb === 'version' || verb === '--version')
    return say(process, 'ufw 0.36.1\nCopyright 2008-2021 Canonical Ltd.\n')
  if (verb === '') return refuse('not enough args')
  if (process.who.uid !== 0) return refuse('You need to be root to run this script')
  const state = rulesOf(process)
  switch (verb) {
    case 'status': {
      if (!state.active) return say(process, 'Status: inactive\n')
      const rows = state.rules.map(rule => `${rule.padEnd(27)}ALLOW       Anywhere\n`).join('')
      return say(
        process,
        `Status: active\n${rows === '' ? '' : `\nTo                         Action      From\n--                         ------      ----\n${rows}`}\n`,
      )
    }
    case 'enable':
      state.active = true
      return say(process, 'Firewall is active and enabled on system startup\n')
    case 'disable':
      state.active = false
      return say(process, 'Firewall stopped and disabled on system startup\n')
    case 'reload':
      return say(process, state.active ? 'Firewall reloaded\n' : 'Firewall not enabled (skipping reload)\n')
    case 'reset':
      state.rules = []
      state.active = false
      return 0
    case 'allow':
    case 'limit':
    case 'deny':
    case 'reject': {
      if (rest.length === 0) return refuse('not enough args')
      if (verb === 'allow' && state.rules.length < most) state.rules.push(rest.join(' ').slice(0, 80))
      return say(process, state.active ? 'Rule added\nRule added (v6)\n' : 'Rules updated\nRules updated (v6)\n')
    }
    case 'delete':
      return say(process, 'Could not delete non-existent rule\nCould not delete non-existent rule (v6)\n')
    default:
      return refuse('Invalid syntax')
  }
}
