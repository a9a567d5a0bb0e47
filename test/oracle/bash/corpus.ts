import fs from 'node:fs'
import path from 'node:path'

/** The lines of the corpus with their feature; `reason` says why an answer may differ. */
export const corpus = (file: string): { feature: string; line: string; script: string }[] => {
  let feature = ''
  const found = []
  for (const line of fs.readFileSync(path.join(import.meta.dirname, file), 'latin1').split('\n')) {
    if (line.startsWith('## ')) feature = line.slice(3)
    else if (line !== '' && feature !== '') found.push({ feature, line, script: line.replaceAll('â\x90¤', '\n') })
  }
  return found
}

/** What differs from run to run: process ids, job ids' pids. */
export const masked = (text: string): string =>
  text.replace(/\bpid [0-9]+\b/g, 'pid N').replace(/\([0-9]+\) - No such/g, '(N) - No such')

/** The shells that were asked, as Debian 12 has them. */
export const SHELLS = [
  { name: 'bash', path: '/bin/bash', corpus: 'corpus.txt', fixture: 'bash-5.2.15.json' },
  { name: 'sh', path: '/bin/dash', corpus: 'corpus-dash.txt', fixture: 'dash-0.5.12.json' },
] as const
