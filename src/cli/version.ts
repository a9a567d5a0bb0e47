import fs from 'node:fs'
import path from 'node:path'
import { print } from './usage.ts'

const { version } = JSON.parse(fs.readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string
}

export { version }

export default {
  help: 'Usage: skep version\n',
  async run() {
    print(`skep ${version} (Node ${process.version})`)
    return 0
  },
}
