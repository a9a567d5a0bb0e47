import { spawnSync } from 'node:child_process'
import { rangeTable, trialScript } from '#firewall/range.ts'
import { type Applied, readApplied, table } from '#firewall/rules.ts'

/** nft(8) is missing, or refuses; `message` is for the operator. */
export class NftFault extends Error {}

/** Milliseconds: a kernel that is asked nicely answers in some ten. */
const PATIENCE = 10_000

function nft(args: string[], input?: string): string {
  const { error, status, stdout, stderr } = spawnSync('nft', args, {
    encoding: 'utf8',
    timeout: PATIENCE,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C' },
    ...(input === undefined ? {} : { input }),
  })
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  if (code === 'ENOENT') throw new NftFault('nft is not installed (Debian: apt-get install nftables)')
  if (error) throw new NftFault(`nft: ${error.message}`)
  if (status !== 0) throw new NftFault(`nft: ${stderr.trim().split('\n')[0] ?? `exit code ${status}`}`)
  return stdout
}

/** Gives a script to the kernel, all of it or nothing. */
export const applyScript = (script: string): void => void nft(['-f', '-'], script)

/** Why the kernel does not redirect connections for us, if we ask it by nft(8); `undefined`: it does. */
export function whyNotRedirected(): string | undefined {
  try {
    applyScript(trialScript)
    return undefined
  } catch (error) {
    if (error instanceof NftFault) return error.message
    throw error
  }
}

/** What nft(8) lists; `undefined` when there is no such thing. */
function listed(...what: string[]): string | undefined {
  try {
    return nft(['-j', 'list', ...what])
  } catch (error) {
    if (error instanceof NftFault && /No such file or directory/.test(error.message)) return undefined
    throw error
  }
}

/** Our table as it is now; `undefined` when there is none. */
export function appliedNow(): Applied | undefined {
  const text = listed('table', table.family, table.name)
  return text === undefined ? undefined : readApplied(text)
}

/** Whether the table of every port is there, with these words on it. */
export const rangeStands = (comment: string): boolean =>
  listed('counter', rangeTable.family, rangeTable.name, 'redirected')?.includes(comment) ?? false
