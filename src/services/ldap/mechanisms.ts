import type { Persona } from '#persona/persona.ts'

/** What Cyrus SASL offers with Debian's modules (libsasl2-modules), in its order: 2.1.27 has fewer kinds of SCRAM. */
const modern = ['SCRAM-SHA-512', 'SCRAM-SHA-384', 'SCRAM-SHA-256', 'SCRAM-SHA-224', 'SCRAM-SHA-1'] as const
const early = ['SCRAM-SHA-256', 'SCRAM-SHA-1'] as const

/** Passwords in plain text are for encrypted connections only (noplain). `windows`: what a server in a domain has too. */
export const mechanismsOf = (persona: Persona, encrypted: boolean, windows: boolean): readonly string[] => [
  ...(windows ? ['GSS-SPNEGO'] : []),
  ...(persona.os.version === '11' || persona.os.version.startsWith('2') ? early : modern),
  'DIGEST-MD5',
  'CRAM-MD5',
  'NTLM',
  ...(encrypted ? ['PLAIN', 'LOGIN'] : []),
]
