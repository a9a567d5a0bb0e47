import { jsonLog, textLog } from '#supervisor/log.ts'
import { up } from '#supervisor/up.ts'
import { settingsFlags, settingsFrom } from './settings.ts'
import { common, dataDirectory, flags, print } from './usage.ts'
import { version } from './version.ts'

const help = `Usage: skep up [flags]      (npm start -- [flags] is the same)

  --config FILE          settings; default ./skep.yaml if it is there
  --data DIR             where everything is kept; default ./data-local
  --edition NAME         standard, mini, web, mail, database, telephony, sensor, passive
  --provider ID          who hosts this machine; its rules are then held to (ids: skep providers)
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
    const { values } = flags('up', args, { ...common, ...settingsFlags })
    const { file, flags: given } = settingsFrom(values)
    await up({
      ...(file === undefined ? {} : { config: file }),
      data: dataDirectory(values.data),
      flags: given,
      log: values.json ? jsonLog(print) : textLog(print, process.stdout.isTTY === true),
      version,
    })
    return 0
  },
}
