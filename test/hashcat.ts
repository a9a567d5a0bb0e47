import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { runClient } from './skep.ts'

/** Gives a recorded hash to hashcat with a list of two words; what it found. */
export async function crack(mode: number, hash: string, words: readonly string[]): Promise<string> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-hashcat-'))
  try {
    fs.writeFileSync(path.join(home, 'hash'), `${hash}\n`)
    fs.writeFileSync(path.join(home, 'words'), `${words.join('\n')}\n`)
    const args = [
      '-m',
      String(mode),
      '-a',
      '0',
      '--potfile-disable',
      '--quiet',
      '--force',
      '-D',
      '1',
      '--session',
      path.basename(home),
      path.join(home, 'hash'),
      path.join(home, 'words'),
    ]
    const { out, err } = await runClient('hashcat', args, { seconds: 240 })
    return `${out}${err}`
  } finally {
    fs.rmSync(home, { recursive: true })
  }
}
