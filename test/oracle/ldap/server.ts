import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type Entry, entriesOf, suffixOf } from '#services/ldap/directory.ts'
import { testPersona } from '#services/testing/persona.ts'
import type { Daemon } from '../kit/record.ts'

/** Where the recorded server listens, on loopback only. */
export const PORT = 23_389
export const PASSWORD = 'hayase2019'

/** Of Debian's packages slapd and libsasl2-modules, installed or unpacked into SLAPD_ROOT. */
const root = process.env.SLAPD_ROOT ?? ''
const library = `${root}/usr/lib/x86_64-linux-gnu`
const env = {
  ...process.env,
  ...(root === '' ? {} : { LD_LIBRARY_PATH: library, SASL_PATH: `${library}/sasl2` }),
  TZ: 'UTC',
}

const base64 = (value: string) => Buffer.from(value, 'latin1').toString('base64')
const ldif = ({ dn, attributes }: Entry): string =>
  `dn: ${dn}\n${attributes.flatMap(({ type, values }) => values.map(v => `${type}:: ${base64(v)}\n`)).join('')}\n`

/** Debian's own first configuration (slapd.init.ldif), with the persona's suffix and directory. */
function configuration(home: string, tls: boolean): string {
  const plain = fs
    .readFileSync(`${root}/usr/share/slapd/slapd.init.ldif`, 'utf8')
    .replaceAll('@SUFFIX@', suffixOf(testPersona))
    .replaceAll('@PASSWORD@', PASSWORD)
    .replaceAll('/usr/lib/ldap', `${root}/usr/lib/ldap`)
    .replaceAll('file:///etc/ldap', `file://${root}/etc/ldap`)
    .replaceAll('/var/lib/ldap', `${home}/db`)
    .replaceAll('/var/run/slapd', home)
    // The name that challenges and DIGEST-MD5's realm bear.
    .replace('olcToolThreads: 1\n', `olcToolThreads: 1\nolcSaslHost: ${testPersona.fqdn}\n`)
  if (!tls) return plain
  const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3650', '-subj', `/CN=${testPersona.fqdn}`]
  spawnSync('openssl', ['req', ...made, '-keyout', `${home}/key.pem`, '-out', `${home}/cert.pem`], { stdio: 'ignore' })
  return plain.replace(
    'olcToolThreads: 1\n',
    `olcToolThreads: 1\nolcTLSCertificateFile: ${home}/cert.pem\nolcTLSCertificateKeyFile: ${home}/key.pem\n`,
  )
}

/** slapd in the foreground over a directory of its own. */
export function slapd(): Daemon {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'slapd-oracle-'))
  for (const folder of ['slapd.d', 'db']) fs.mkdirSync(path.join(home, folder))
  fs.writeFileSync(`${home}/init.ldif`, configuration(home, true))
  fs.writeFileSync(`${home}/entries.ldif`, entriesOf(testPersona).map(ldif).join(''))
  const add = (base: string, file: string) => {
    const args = ['-Tadd', '-F', `${home}/slapd.d`, '-b', base, '-l', `${home}/${file}`]
    const { status, stderr } = spawnSync(`${root}/usr/sbin/slapd`, args, { env, encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
  }
  add('cn=config', 'init.ldif')
  add(suffixOf(testPersona), 'entries.ldif')
  return {
    command: `${root}/usr/sbin/slapd`,
    args: ['-F', `${home}/slapd.d`, '-h', `ldap://127.0.0.1:${PORT}`, '-d', '0'],
    env,
    clean: () => fs.rmSync(home, { recursive: true }),
  }
}

/** The schema as the server shows it under cn=Subschema, unwrapped: attribute → values. */
export async function subschema(): Promise<Record<string, string[]>> {
  const { command, args, clean } = slapd()
  const server = spawn(command, args, { stdio: 'ignore', env })
  try {
    const search = [
      '-x',
      '-LLL',
      '-o',
      'ldif-wrap=no',
      '-H',
      `ldap://127.0.0.1:${PORT}`,
      '-s',
      'base',
      '-b',
      'cn=Subschema',
      '+',
    ]
    for (let left = 100; ; left--) {
      const { status, stdout } = spawnSync('ldapsearch', search, { encoding: 'utf8' })
      if (status !== 0 && left > 0) {
        await new Promise(resolve => setTimeout(resolve, 100))
        continue
      }
      const found: Record<string, string[]> = {}
      for (const line of stdout.split('\n')) {
        const [, name, value] = /^(\w+): (.*)$/.exec(line) ?? []
        if (name !== undefined) found[name] = [...(found[name] ?? []), value!]
      }
      return found
    }
  } finally {
    server.kill('SIGKILL')
    clean?.()
  }
}
