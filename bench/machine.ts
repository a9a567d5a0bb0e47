import fs from 'node:fs'
import os from 'node:os'
import { runningFile } from './process.ts'

/** What a reader has to know of the machine; `node` is the file that the program runs. */
export function machine(node: string): string {
  const cpus = os.cpus()
  const release = /^PRETTY_NAME="(.*)"/m.exec(fs.readFileSync('/etc/os-release', 'utf8'))?.[1]
  const others = runningFile(fs.realpathSync(node))
  return [
    `${new Date().toISOString().slice(0, 16)}Z, ${cpus.length} × ${cpus[0]?.model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GB,`,
    `${release}, Linux ${os.release()}, Node ${process.versions.node}, loopback.`,
    `Load at start: ${os
      .loadavg()
      .map(load => load.toFixed(2))
      .join(' ')}; other processes of this Node: ${others}.`,
  ].join('\n')
}
