import fs from 'node:fs'
import path from 'node:path'

/** The lines of the corpus with their feature; `reason` says why an answer may differ. */
export const corpus = (files: string): { feature: string; line: string; script: string }[] => {
  let feature = ''
  const found = []
  const text = files.split(' ').map(file => fs.readFileSync(path.join(import.meta.dirname, file), 'latin1'))
  for (const line of text.join('\n').split('\n')) {
    if (line.startsWith('## ')) feature = line.slice(3)
    else if (line !== '' && feature !== '') found.push({ feature, line, script: line.replaceAll('â\x90¤', '\n') })
  }
  return found
}

/** What differs from run to run: process ids, job ids' pids. */
export const masked = (text: string): string =>
  text.replace(/\bpid [0-9]+\b/g, 'pid N').replace(/\([0-9]+\) - No such/g, '(N) - No such')

/** The shells that were asked, as Debian 12 has them: how they are started, with which name, and what they are asked. */
export const SHELLS = [
  { name: 'bash', path: '/bin/bash', words: [], corpus: 'corpus.txt', fixture: 'bash-5.2.15.json' },
  { name: 'sh', path: '/bin/dash', words: [], corpus: 'corpus-dash.txt', fixture: 'dash-0.5.12.json' },
  {
    name: 'ash',
    path: '/bin/busybox',
    words: ['sh'],
    corpus: 'corpus-dash.txt corpus-ash.txt',
    fixture: 'busybox-1.35.0.json',
  },
] as const
