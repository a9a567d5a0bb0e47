import fs from 'node:fs'
import { jsonLog, textLog } from '#supervisor/log.ts'
import { up } from '#supervisor/up.ts'
import { dataDirectory, flags, print } from './usage.ts'
import { version } from './version.ts'

const help = `Usage: skep up [flags]      (npm start -- [flags] is the same)

  --config FILE          settings; default ./skep.yaml if it is there
  --data DIR             where everything is kept; default ./data-local
  --edition NAME         standard, mini, sensor
  --listen ADDR          address the decoys bind; default all
  --port-offset N        added to every decoy port; default 0 as root, 10000 otherwise
  --dashboard ADDR:PORT  where the page is served; default 127.0.0.1:64297
  --json                 one JSON object a line instead of text

Examples:
  skep up --listen 127.0.0.1 --port-offset 10000     try it on your own machine
  sudo skep up --data /var/lib/skep                  the real thing, on the real ports
`

export default {
  help,
  async run(args: string[]) {
    const { values } = flags('up', args, {
      config: { type: 'string' },
      data: { type: 'string', default: './data-local' },
      edition: { type: 'string' },
      listen: { type: 'string' },
      'port-offset': { type: 'string' },
      dashboard: { type: 'string' },
      json: { type: 'boolean', default: false },
    })
    const config = values.config ?? (fs.existsSync('skep.yaml') ? 'skep.yaml' : undefined)
    await up({
      ...(config === undefined ? {} : { config }),
      data: dataDirectory(values.data),
      flags: {
        ...(values.edition === undefined ? {} : { edition: values.edition }),
        ...(values.listen === undefined ? {} : { listen: values.listen }),
        ...(values['port-offset'] === undefined ? {} : { portOffset: values['port-offset'] }),
        ...(values.dashboard === undefined ? {} : { dashboard: values.dashboard }),
      },
      log: values.json ? jsonLog(print) : textLog(print, process.stdout.isTTY === true),
      version,
    })
    return 0
  },
}
