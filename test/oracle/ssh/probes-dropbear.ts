import { lists, type Offer } from '../../../src/services/ssh/kexinit.ts'
import { offer, passwordRequest } from '../../../src/services/ssh/testing.ts'
import { type Probe, probes } from './probes.ts'

/** What Dropbear 2022.83 of Debian 12 can, and the client of these probes too. */
const can = new Set([
  'curve25519-sha256',
  'ssh-ed25519',
  'aes128-ctr',
  'aes256-ctr',
  'chacha20-poly1305@openssh.com',
  'hmac-sha2-256',
  'hmac-sha1',
  'none',
  'ext-info-c',
  'kex-strict-c-v00@openssh.com',
  'kexguess2@matt.ucc.asn.au',
])
const isKnown = (offer: Offer): boolean => lists.every(list => offer[list].every(name => can.has(name)))

const nothing = probes.find(({ name }) => name === 'keyed: nothing')!
const passwords = probes.find(({ name }) => name === 'auth: six passwords')!
/** What is asked of Dropbear alone. */
const own: readonly Probe[] = [
  { ...nothing, name: 'keyed: extensions are told', offer: offer({ kex: ['curve25519-sha256', 'ext-info-c'] }) },
  { ...nothing, name: 'keyed: strict', offer: offer({ kex: ['curve25519-sha256', 'kex-strict-c-v00@openssh.com'] }) },
  {
    ...nothing,
    name: 'keyed: its own guess',
    offer: offer({ kex: ['curve25519-sha256', 'kexguess2@matt.ucc.asn.au'] }),
  },
  {
    ...passwords,
    name: 'auth: twelve passwords',
    act: client => Array.from({ length: 12 }, () => client.packet(passwordRequest('root', 'secret'))),
  },
]

/** The probes of sshd that Dropbear's algorithms allow, with more patience: it waits before it says no. */
export const dropbearProbes: readonly Probe[] = [...probes, ...own]
  .filter(({ stage, offer }) => stage === 'clear' || isKnown(offer))
  .map(probe => (probe.stage === 'auth' ? { ...probe, patience: Math.max(probe.patience, 1) } : probe))
