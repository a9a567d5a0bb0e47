import { selfSigned, subjectAltName, subjectKeyIdentifier } from '#codec/x509.ts'
import { drawFrom } from './draw.ts'
import type { Persona } from './persona.ts'

/** Hosts whose certificates are remembered. */
const MOST = 256
const day = 86_400_000

/**
 * The persona as a host out there called `host` (a name, or an address) would be: for decoys that answer inside a tunnel.
 * Names, certificates and whatever is derived are that host's; releases and users stay. Its certificates say the host's
 * name and are signed by themselves: with a key of ours nobody can do better, and clients that check none are many.
 */
export function guise(persona: Persona, host: string): Persona {
  const fqdn = nameOf(persona, host)
  const dot = fqdn.indexOf('.')
  return {
    ...persona,
    hostname: dot < 0 ? fqdn : fqdn.slice(0, dot),
    domain: dot < 0 ? 'localdomain' : fqdn.slice(dot + 1),
    fqdn,
    // Most of the world's mail servers.
    software: { ...persona.software, mail: { ...persona.software.mail, product: 'Postfix' } },
    certificate: () => certificateOf(persona, fqdn),
    derive: (label, bytes) => persona.derive(`${fqdn}\0${label}`, bytes),
  }
}

/** RFC 1123 §2.1. */
const hostName = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*$/

/** A name as it is; an address has one of the kind that hosts get which nobody named. */
function nameOf(persona: Persona, host: string): string {
  const name = host.toLowerCase().replace(/\.$/, '')
  if (hostName.test(name) && /[a-z]/.test(name)) return name
  const draw = drawFrom(persona.derive('guise', 32), name)
  return `${draw.pick(['srv', 'vps', 'host', 'mail', 'server'])}${draw.between(1, 9999)}.localdomain`
}

const made = new WeakMap<Persona, Map<string, { key: string; cert: string }>>()

function certificateOf(persona: Persona, name: string): { key: string; cert: string } {
  const known = made.get(persona) ?? new Map<string, { key: string; cert: string }>()
  made.set(persona, known)
  const found = known.get(name)
  if (found) return found
  const { key } = persona.certificate('mail')
  const serial = Buffer.from(persona.derive(`serial ${name}`, 20))
  serial[0]! &= 0x7f
  const from = persona.installedAt + (persona.derive(`since ${name}`, 4).readUInt32BE() % 200) * day
  // X.520's upper bound of a common name.
  const common = name.slice(0, 64)
  const extensions = [subjectAltName(name), subjectKeyIdentifier]
  const cert = selfSigned(
    { serial, name: [['CN', common]], notBefore: from, notAfter: from + 3650 * day, extensions },
    key,
  )
  known.set(name, { key, cert })
  if (known.size > MOST) known.delete(known.keys().next().value!)
  return { key, cert }
}
