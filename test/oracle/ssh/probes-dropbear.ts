import { lists, type Offer } from '../../../src/services/ssh/kexinit.ts'
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
])
const isKnown = (offer: Offer): boolean => lists.every(list => offer[list].every(name => can.has(name)))

/** The probes of sshd that Dropbear's algorithms allow, with more patience: it waits before it says no. */
export const dropbearProbes: readonly Probe[] = probes
  .filter(({ stage, offer }) => stage === 'clear' || isKnown(offer))
  .map(probe => (probe.stage === 'auth' ? { ...probe, patience: Math.max(probe.patience, 1) } : probe))
