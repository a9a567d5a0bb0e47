/**
 * Records what Debian 12's slapd says, and the schema that it shows (data/openldap.json); Debian's packages slapd and
 * libsasl2-modules have to be installed, or unpacked into SLAPD_ROOT, and ldap-utils installed:
 *   sh bin/skep-node test/oracle/ldap/record.ts
 */
import fs from 'node:fs'
import { recordDialogues } from '../kit/record.ts'
import { dialogues } from './script.ts'
import { PORT, slapd, subschema } from './server.ts'

const shown = await subschema()
const lists = ['ldapSyntaxes', 'matchingRules', 'matchingRuleUse', 'attributeTypes', 'objectClasses']
fs.writeFileSync(
  new URL('../../../data/openldap.json', import.meta.url),
  `${JSON.stringify(Object.fromEntries(lists.map(name => [name, shown[name]])), undefined, 1)}\n`,
)
await recordDialogues(dialogues, PORT, () => slapd(), new URL('fixtures/debian-12.json', import.meta.url), 60)
