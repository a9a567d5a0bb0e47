import fs from 'node:fs'
import { createServer } from 'node:http'
import type { App } from './app.ts'
import { requestListener } from './server.ts'

/**
 * The API for the command line on this machine, over a Unix socket that only the hive's user and root may open: who can,
 * owns the data anyway and needs no password.
 */
export function createControlServer(app: App, path: string) {
  const server = createServer(requestListener(app))
  return {
    listen(): Promise<void> {
      fs.rmSync(path, { force: true })
      return new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(path, () => {
          fs.chmodSync(path, 0o600)
          resolve()
        })
      })
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
