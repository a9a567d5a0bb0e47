import { createHmac } from 'node:crypto'
import type { Persona } from '#persona/persona.ts'
import { testPersona } from '#services/testing/persona.ts'

/** One fixed machine, so that what a real daemon said about its files stays comparable. */
export const oraclePersona = (product: 'vsFTPd' | 'ProFTPD'): Persona => ({
  ...testPersona,
  hostname: 'files',
  domain: 'example.org',
  fqdn: 'files.example.org',
  software: {
    ...testPersona.software,
    ftp: { ...testPersona.software.ftp, product, version: product === 'vsFTPd' ? '3.0.3' : '1.3.8' },
  },
  installedAt: Date.UTC(2023, 5, 12, 8, 0, 0),
  clockSkew: 0,
  timezone: { name: 'UTC', offset: 0 },
  users: [
    { name: 'root', uid: 0, home: '/root', shell: '/bin/bash' },
    { name: 'sato', uid: 1000, home: '/home/sato', shell: '/bin/bash' },
  ],
  derive: (label, bytes) => {
    const blocks = Array.from({ length: Math.ceil(bytes / 32) }, (_, i) =>
      createHmac('sha256', 'oracle').update(`${label}/${i}`).digest(),
    )
    return Buffer.concat(blocks).subarray(0, bytes)
  },
})
