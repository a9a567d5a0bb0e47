import type { Persona } from '#persona/persona.ts'
import openldap from '../../../data/openldap.json' with { type: 'json' }
import { type Entry, generalizedTime, suffixOf } from './directory.ts'
import { mechanismsOf } from './mechanisms.ts'

/** The entries that belong to the server itself: what it can do, and its schema (RFC 4512 §5.1, §4.2). */

const CONTROLS = [
  '2.16.840.1.113730.3.4.18',
  '2.16.840.1.113730.3.4.2',
  '1.3.6.1.4.1.4203.1.10.1',
  '1.3.6.1.1.22',
  '1.2.840.113556.1.4.319',
  '1.2.826.0.1.3344810.2.3',
  '1.3.6.1.1.13.2',
  '1.3.6.1.1.13.1',
  '1.3.6.1.1.12',
] as const
export const START_TLS = '1.3.6.1.4.1.1466.20037'
export const PASSWORD_MODIFY = '1.3.6.1.4.1.4203.1.11.1'
export const WHO_AM_I = '1.3.6.1.4.1.4203.1.11.3'
export const CANCEL = '1.3.6.1.1.8'
/** Transactions (RFC 5805), which came with 2.5. */
export const END_TRANSACTION = '1.3.6.1.1.21.3'
export const START_TRANSACTION = '1.3.6.1.1.21.1'

/** Before 2.5, what Debian 11 and Ubuntu 20.04 have. */
export const isOld = ({ software }: Persona): boolean => software.ldap.version.startsWith('2.4.')

/** The numbers of what an extended operation may ask for. */
export const extensionsOf = (persona: Persona): readonly string[] => [
  START_TLS,
  PASSWORD_MODIFY,
  WHO_AM_I,
  CANCEL,
  ...(isOld(persona) ? [] : [END_TRANSACTION, START_TRANSACTION]),
]

export const rootDse = (persona: Persona, encrypted: boolean, windows: boolean): Entry =>
  entry('', [
    ['objectClass', 'top', 'OpenLDAProotDSE'],
    ['structuralObjectClass', 'OpenLDAProotDSE'],
    ['configContext', 'cn=config'],
    ['namingContexts', suffixOf(persona)],
    ['supportedControl', ...CONTROLS],
    ['supportedExtension', ...extensionsOf(persona)],
    ['supportedFeatures', '1.3.6.1.1.14', ...[1, 2, 3, 4, 5].map(n => `1.3.6.1.4.1.4203.1.5.${n}`)],
    ['supportedLDAPVersion', '3'],
    ['supportedSASLMechanisms', ...mechanismsOf(persona, encrypted, windows)],
  ])

/** Some moments after the boot: that is when slapd began. */
const startedAt = (persona: Persona) => persona.bootedAt + 8000 + (persona.derive('slapd start', 1)[0]! % 20) * 1000

export function subschema(persona: Persona): Entry {
  const time = generalizedTime(startedAt(persona) + persona.clockSkew)
  return entry('cn=Subschema', [
    ['structuralObjectClass', 'subentry'],
    ['objectClass', 'top', 'subentry', 'subschema', 'extensibleObject'],
    ['cn', 'Subschema'],
    ['createTimestamp', time],
    ['modifyTimestamp', time],
    ['ldapSyntaxes', ...openldap.ldapSyntaxes],
    ['matchingRules', ...openldap.matchingRules],
    ['matchingRuleUse', ...openldap.matchingRuleUse],
    ['attributeTypes', ...openldap.attributeTypes],
    ['objectClasses', ...openldap.objectClasses],
  ])
}

const entry = (dn: string, attributes: readonly (readonly string[])[]): Entry => ({
  dn,
  attributes: attributes.map(([type, ...values]) => ({ type: type!, values })),
})
