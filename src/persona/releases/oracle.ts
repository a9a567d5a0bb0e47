import type { History } from './release.ts'

/** The free edition of Oracle Database: the release as its listener numbers it, its instance (SID) and its first pluggable database. */
export type OracleRelease = { version: string; sid: string; pluggable: string; fieldVersion: number }

/**
 * Oracle Database XE for Linux x64 as it was downloaded: no distribution has it, and it is not upgraded in place. From 18c
 * on listeners count the release alone, whatever patches are in. `fieldVersion` is what TTC negotiates.
 */
export const oracleReleases: History<OracleRelease> = [
  ['2018-10-20', { version: '18.0.0.0.0', sid: 'XE', pluggable: 'XEPDB1', fieldVersion: 11 }],
  ['2021-09-08', { version: '21.0.0.0.0', sid: 'XE', pluggable: 'XEPDB1', fieldVersion: 16 }],
]
